"""Carries out what was decided about a branch and its pull request, in an order that can be cut anywhere.

Whatever stands when a run dies is a state that the next run knows: a branch without a pull request is a leftover, a
pull request with older words is reworded, what is missing is added. What the repository refuses beside the pull request
itself is a warning.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, assert_never
from urllib.parse import quote

from bot.errors import PublishError, RaceLost
from bot.planning.environment import PullRequestSettings
from bot.proposal.change import Change
from bot.proposal.converge import Action, Blocked, CatchUp, Close, Create, Leave, Merge, Update, Wait
from bot.proposal.marker import Words, withdrawn
from bot.proposal.observed import PullRequest
from bot.proposal.outcome import Done, Outcome
from bot.pulls import answers
from bot.pulls.api import Api
from bot.pulls.comments import say_once
from bot.pulls.queries import ARM, DISARM
from bot.pulls.refs import Refs
from bot.pulls.tree import write_commit
from bot.report.comments import BLOCKED, CLOSED

# Source: https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/about-pull-requests#draft-pull-requests
_UNDRAFTED: Final = (
    "draft not set: GitHub has none in this repository (free plans have them in public ones only), so the pull request "
    "is ready for review, and does not merge by itself; set draft: false if it should"
)


class Publisher:
    """Writes to one repository; `base` is the branch that pull requests go to."""

    def __init__(self, api: Api, refs: Refs, *, base: str) -> None:
        """Write nothing yet."""
        self._api = api
        self._refs = refs
        self._base = base

    def publish(self, action: Action, change: Change, words: Words) -> Outcome:
        """Carry out `action`; raises `RaceLost` when the branch moved meanwhile."""
        match action:
            case Create():
                return self._created(action, change, words)
            case Update():
                return self._updated(action, change, words)
            case Close(pull_request=pull_request, head=head):
                return self._closed(change, pull_request, head)
            case Blocked():
                return self._blocked(action, change)
            case Wait(pull_request=pull_request, head=head, reason=reason):
                return _outcome(Done.WAITING, change, pull_request, head, f"{change.branch}: waits: {reason}")
            case CatchUp(pull_request=pull_request, head=head):
                return self._caught_up(change, pull_request, head)
            case Merge():
                return self._merged(action, change, words)
            case Leave(pull_request=pull_request, head=head):
                return _outcome(Done.UNCHANGED if pull_request else Done.NONE, change, pull_request, head)
            case _:
                assert_never(action)

    # ---- opening ----------------------------------------------------------------------------------------------------

    def _created(self, action: Create, change: Change, words: Words) -> Outcome:
        head, message = action.replaces or "", action.message
        if not action.keeps:
            head, message = self._write(change, action.replaces)
        answer, undrafted = self._open(change, words)
        number = answers.number(answers.field(answer, "number"), "number")
        warnings: list[str] = [_UNDRAFTED] if undrafted else []
        if action.arms and not words.settings.draft:
            node = answers.text(answers.field(answer, "node_id"), "node_id")
            warnings += self._tried("auto-merge", lambda: self._arm(node, head, message, words.settings))
        warnings += self._label(number, words.labels)
        if words.asks:
            warnings += self._ask(number, words.settings)
            finished = {"body": words.opened(undrafted=undrafted, finished=True)}
            warnings += self._tried("text", lambda: self._api.write("PATCH", f"/pulls/{number}", finished))
        return Outcome(
            action=Done.CREATED,
            number=number,
            url=answers.text(answers.field(answer, "html_url"), "html_url"),
            branch=change.branch,
            head=head,
            warnings=tuple(warnings),
        )

    def _write(self, change: Change, replaces: str | None) -> tuple[str, str]:
        head, message = write_commit(self._api, change)
        self._refs.move(change.branch, before=replaces, after=head)
        return head, message

    def _open(self, change: Change, words: Words) -> tuple[object, bool]:
        """Open it, and tell whether the draft was refused; raises `RaceLost` when somebody else was faster."""
        try:
            return self._opened(change, words)
        except PublishError as error:
            head = quote(f"{self._api.owner}:{change.branch}", safe="")
            if self._api.get(f"/pulls?state=open&head={head}&base={quote(self._base, safe='')}"):
                raise RaceLost(f"{change.branch}: a pull request was opened while bump was running") from error
            raise

    def _opened(self, change: Change, words: Words) -> tuple[object, bool]:
        body = {
            "title": words.title,
            "body": words.opened(),
            "head": change.branch,
            "base": self._base,
            "draft": words.settings.draft,
        }
        try:
            return self._api.write("POST", "/pulls", body), False
        except PublishError as error:
            if not words.settings.draft:
                raise
            ready = {**body, "draft": False, "body": words.opened(undrafted=True)}
            try:  # some plans have no drafts in private repositories
                return self._api.write("POST", "/pulls", ready), True
            except PublishError:
                raise error from None

    def _label(self, number: int, labels: tuple[str, ...]) -> Iterator[str]:
        if labels:
            yield from self._tried(
                "labels", lambda: self._api.write("POST", f"/issues/{number}/labels", {"labels": list(labels)})
            )

    def _unlabel(self, number: int, labels: tuple[str, ...]) -> Iterator[str]:
        for label in labels:
            path = f"/issues/{number}/labels/{quote(label, safe='')}"
            yield from self._tried("labels", partial(self._api.remove, path))

    def _ask(self, number: int, settings: PullRequestSettings) -> Iterator[str]:
        """Ask reviewers and assignees; each is tried whatever became of the others."""
        if settings.reviewers or settings.team_reviewers:
            wanted = {"reviewers": list(settings.reviewers), "team_reviewers": list(settings.team_reviewers)}
            path = f"/pulls/{number}/requested_reviewers"
            yield from self._tried("reviewers", lambda: self._api.write("POST", path, wanted))
        if settings.assignees:
            assignees = {"assignees": list(settings.assignees)}
            path_ = f"/issues/{number}/assignees"
            yield from self._tried("assignees", lambda: self._api.write("POST", path_, assignees))

    @staticmethod
    def _tried(what: str, request: Callable[[], object]) -> Iterator[str]:
        try:
            request()
        except PublishError as error:
            yield f"{what} not set: {error}"

    # ---- keeping up -------------------------------------------------------------------------------------------------

    def _updated(self, action: Update, change: Change, words: Words) -> Outcome:
        pull_request, head, message = action.pull_request, action.head, action.message
        warnings: list[str] = []
        if action.replaces is not None:
            head, message = write_commit(self._api, change)
        # Off and on again with nothing but the move between them: a run that dies there leaves it off.
        if action.disarms:
            self._disarm(pull_request)
        if action.replaces is not None:
            self._refs.move(change.branch, before=action.replaces, after=head)
        if action.arms:
            warnings += self._tried("auto-merge", lambda: self._arm(pull_request.id, head, message, words.settings))
        if action.asks:
            warnings += self._ask(pull_request.number, words.settings)
        warnings += self._unlabel(pull_request.number, action.unlabels)
        # What the body tells is true whenever a run dies: who was asked and what went is taken from it, what comes is
        # in it before.
        if action.rewords:
            text = {"title": words.retitled(pull_request.title), "body": words.merged(pull_request)}
            self._api.write("PATCH", f"/pulls/{pull_request.number}", text)
        warnings += self._label(pull_request.number, action.labels)
        does = action.replaces is not None or action.disarms or action.asks or action.rewords
        nothing = not does and len(warnings) == int(action.arms) + bool(action.labels) + len(action.unlabels)
        return _outcome(Done.UNCHANGED if nothing else Done.UPDATED, change, pull_request, head, *warnings)

    def _disarm(self, pull_request: PullRequest) -> None:
        """Turn auto-merge off; raises `RaceLost` when somebody else has done so, or it has merged."""
        try:
            self._api.mutate(DISARM, {"input": {"pullRequestId": pull_request.id}})
        except PublishError as error:
            now = self._api.get(f"/pulls/{pull_request.number}")
            if answers.field(now, "auto_merge") is None:
                raise RaceLost(f"{pull_request.url}: auto-merge ended while bump was running") from error
            raise

    def _arm(self, pull_request: str, head: str, message: str, settings: PullRequestSettings) -> None:
        """Have GitHub merge `head` once its requirements are met, under our words.

        Source: https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge
        """
        method = settings.auto_merge.method if settings.auto_merge else "merge"
        given = {"pullRequestId": pull_request, "mergeMethod": method.upper(), "expectedHeadOid": head}
        if message and method != "rebase":
            headline, _, body = message.partition("\n\n")
            given |= {"commitHeadline": headline, "commitBody": body}
        self._api.mutate(ARM, {"input": given})

    def _caught_up(self, change: Change, pull_request: PullRequest, head: str) -> Outcome:
        path = f"/pulls/{pull_request.number}/update-branch"
        warnings = tuple(self._tried("base", lambda: self._api.write("PUT", path, {"expected_head_sha": head})))
        return _outcome(Done.UNCHANGED if warnings else Done.UPDATED, change, pull_request, head, *warnings)

    def _merged(self, action: Merge, change: Change, words: Words) -> Outcome:
        """Merge exactly the head that was checked.

        Source: https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
        """
        pull_request = action.pull_request
        method = words.settings.auto_merge.method if words.settings.auto_merge else "merge"
        given = {"sha": action.head, "merge_method": method}
        if action.message and method != "rebase":
            headline, _, body = action.message.partition("\n\n")
            given |= {"commit_title": headline, "commit_message": body}
        try:
            self._api.write("PUT", f"/pulls/{pull_request.number}/merge", given)
        except PublishError as error:
            return _outcome(Done.UNCHANGED, change, pull_request, action.head, f"not merged: {error}")
        return _outcome(Done.MERGED, change, pull_request, action.head)

    # ---- ending -----------------------------------------------------------------------------------------------------

    def _closed(self, change: Change, pull_request: PullRequest | None, head: str) -> Outcome:
        if pull_request is not None:
            say_once(self._api, pull_request.number, CLOSED)
            # In one request, so that nobody can take it for a person's word against these digests.
            closing = {"state": "closed", "body": withdrawn(pull_request.body)}
            self._api.write("PATCH", f"/pulls/{pull_request.number}", closing)
        self._refs.move(change.branch, before=head, after=None)
        if pull_request is not None:
            return _outcome(Done.CLOSED, change, pull_request, None)
        warning = f"{change.branch}: nothing is left to propose, so the leftover branch was deleted"
        return _outcome(Done.NONE, change, None, None, warning)

    def _blocked(self, action: Blocked, change: Change) -> Outcome:
        warnings: list[str] = []
        if action.pull_request is not None:
            node = action.pull_request.id
            if action.disarms:
                given = {"input": {"pullRequestId": node}}
                warnings += self._tried("auto-merge off", lambda: self._api.mutate(DISARM, given))
            say_once(self._api, action.pull_request.number, BLOCKED)
        warnings.append(
            f"{change.branch}: holds a commit that bump did not write, so it was left alone; "
            "merge or close the pull request and delete the branch, then run again"
        )
        return _outcome(Done.BLOCKED, change, action.pull_request, action.head, *warnings)


def _outcome(
    action: Done, change: Change, pull_request: PullRequest | None, head: str | None, *warnings: str
) -> Outcome:
    return Outcome(
        action=action,
        number=pull_request.number if pull_request else None,
        url=pull_request.url if pull_request else None,
        branch=change.branch,
        head=head,
        warnings=warnings,
    )
