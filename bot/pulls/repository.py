"""The GitOps repository at GitHub: the state of one moment, files by blob id, and the actions on a pull request."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, assert_never

from bot.errors import Outage, PublishError
from bot.planning.snapshot import Entry, blob_id
from bot.proposal.change import Change
from bot.proposal.converge import Action, Blocked, Close, Create, Leave, Update
from bot.proposal.marker import Words
from bot.proposal.observed import Commit, Observed, PullRequest
from bot.proposal.outcome import Done, Outcome
from bot.pulls import answers
from bot.pulls.access import Access, Pace
from bot.pulls.api import Api
from bot.pulls.queries import COMMENTS, OBSERVE, blobs
from bot.pulls.refs import Refs
from bot.pulls.tree import write_commit
from bot.report.comments import BLOCKED, CLOSED

_BATCH: Final = 100


class GitHubRepository:
    """One repository, one base branch. Every method asks GitHub; of its answers nothing is remembered but ids."""

    def __init__(
        self,
        access: Access,
        repository: str,
        *,
        base: str | None,
        pace: Pace,
        on_disk: Path | None = None,
    ) -> None:
        """`on_disk` is a checkout whose files are used where their blob id is the tree's."""
        self._api = Api(access, repository, pace=pace)
        self._base = base
        self._on_disk = on_disk
        self._differing: set[str] = set()
        self._refs = Refs(self._api)

    @property
    def base(self) -> str:
        """The name of base; where none was given, the default branch's, once it has been observed."""
        return self._base or "the default branch"

    def rebase(self, name: str) -> None:
        """From now on take this branch for base."""
        self._base = name

    @property
    def differing(self) -> tuple[str, ...]:
        """The files that were asked for, and are on disk with other content, which was not used."""
        return tuple(sorted(self._differing))

    def observe(self, branch: str) -> Observed:
        """Return the heads of base and `branch` and the open pull request, all of one moment, with one request."""
        variables = {
            "owner": self._api.owner,
            "name": self._api.name,
            "base": f"refs/heads/{self._base or 'HEAD'}",
            "branch": f"refs/heads/{branch}",
            "head": branch,
        }
        found = self._api.query(OBSERVE, variables).get("repository")
        if found is None:
            raise PublishError(f"{self._api.repository}: not found; check the name, and that the token sees it")
        repository = answers.mapping(found, "repository")
        if answers.field(repository, "isArchived"):
            raise PublishError(f"{self._api.repository}: archived, so nothing can be written; unarchive it")
        self._refs.repository_id = answers.text(answers.field(repository, "id"), "repository.id")
        ref = answers.field(repository, "base" if self._base else "defaultBranchRef")
        if ref is None:
            raise PublishError(f"{self._api.repository}: has no branch {self._base or 'at all'}; check gitops.base")
        self._base = answers.text(answers.field(ref, "name"), "base.name")
        head = answers.head_of(ref)
        if head is None:
            raise PublishError(f"{self._api.repository}: {self._base} has no commit yet")
        return Observed(
            base=head,
            branch=answers.head_of(answers.field(repository, "branch")),
            pull_request=answers.own_pull_request(
                answers.field(repository, "pullRequests", "nodes"),
                repository=answers.text(answers.field(repository, "nameWithOwner"), "nameWithOwner"),
                base=self._base,
            ),
        )

    def commit(self, sha: str) -> Commit:
        """Read one commit."""
        return answers.rest_commit(self._api.get(f"/git/commits/{sha}"))

    def merge_base(self, base: str, head: str) -> str | None:
        """Return the newest commit that both have in their history."""
        answer = self._api.get(f"/compare/{base}...{head}?per_page=1")
        return answers.sha(answers.field(answer, "merge_base_commit", "sha"), "merge base")

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file of a tree or commit with one request."""
        return answers.entries(self._api.get(f"/git/trees/{tree}?recursive=1"))

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return blobs, each proven by its id: from disk where the bytes are the same, the others from GitHub."""
        found = {entry.path: content for entry in entries if (content := self._local(entry)) is not None}
        missing = [entry for entry in entries if entry.path not in found]
        for start in range(0, len(missing), _BATCH):
            found.update(self._fetched(missing[start : start + _BATCH]))
        return found

    def publish(self, action: Action, change: Change, words: Words) -> Outcome:
        """Carry out `action`; raises `RaceLost` when the branch moved meanwhile."""
        match action:
            case Create(replaces=replaces):
                head = self._write(change, replaces)
                return self._opened(change, words, head)
            case Update(pull_request=pull_request, head=head, replaces=replaces):
                if replaces is not None:
                    head = self._write(change, replaces)
                text = {"title": words.retitled(pull_request.title), "body": words.merged(pull_request.body)}
                self._api.write("PATCH", f"/pulls/{pull_request.number}", text)
                return _outcome(Done.UPDATED, change, pull_request, head)
            case Close(pull_request=pull_request, head=head):
                return self._closed(change, pull_request, head)
            case Blocked(pull_request=pull_request, head=head):
                return self._blocked(change, pull_request, head)
            case Leave(pull_request=pull_request, head=head):
                return _outcome(Done.UNCHANGED if pull_request else Done.NONE, change, pull_request, head)
            case _:
                assert_never(action)

    def _write(self, change: Change, replaces: str | None) -> str:
        head = write_commit(self._api, change)
        self._refs.move(change.branch, before=replaces, after=head)
        return head

    def _opened(self, change: Change, words: Words, head: str) -> Outcome:
        body = {"title": words.title, "body": words.section, "head": change.branch, "base": self._base}
        answer = self._api.write("POST", "/pulls", body)
        number = answers.number(answers.field(answer, "number"), "number")
        warnings: list[str] = []
        if words.labels:
            try:
                self._api.write("POST", f"/issues/{number}/labels", {"labels": list(words.labels)})
            except PublishError as error:
                warnings.append(f"labels not set: {error}")
        return Outcome(
            action=Done.CREATED,
            number=number,
            url=answers.text(answers.field(answer, "html_url"), "html_url"),
            branch=change.branch,
            head=head,
            warnings=tuple(warnings),
        )

    def _closed(self, change: Change, pull_request: PullRequest | None, head: str) -> Outcome:
        if pull_request is not None:
            self._say_once(pull_request, CLOSED)
            self._api.write("PATCH", f"/pulls/{pull_request.number}", {"state": "closed"})
        self._refs.move(change.branch, before=head, after=None)
        if pull_request is not None:
            return _outcome(Done.CLOSED, change, pull_request, None)
        warning = f"{change.branch}: nothing is left to propose, so the leftover branch was deleted"
        return _outcome(Done.NONE, change, None, None, warning)

    def _blocked(self, change: Change, pull_request: PullRequest | None, head: str) -> Outcome:
        if pull_request is not None:
            self._say_once(pull_request, BLOCKED)
        warning = (
            f"{change.branch}: holds a commit that bump did not write, so it was left alone; "
            "merge or close the pull request and delete the branch, then run again"
        )
        return _outcome(Done.BLOCKED, change, pull_request, head, warning)

    def _say_once(self, pull_request: PullRequest, words: str) -> None:
        """Comment, unless we did before, with the same marker (its first line)."""
        marker = words.partition("\n")[0]
        if not any(marker in body for body in self._our_comments(pull_request.number)):
            self._api.write("POST", f"/issues/{pull_request.number}/comments", {"body": words})

    def _our_comments(self, number: int) -> Iterator[str]:
        """Yield the text of every comment by whom our token belongs to, the newest first."""
        before: str | None = None
        while True:
            variables = {"owner": self._api.owner, "name": self._api.name, "number": number, "before": before}
            data = self._api.query(COMMENTS, variables)
            # A bot's login ends in [bot] where it asks for its own, and nowhere else in GraphQL.
            ours = answers.text(answers.field(data, "viewer", "login"), "viewer").removesuffix("[bot]")
            page = answers.field(data, "repository", "pullRequest", "comments")
            for one in reversed(list(answers.items(answers.field(page, "nodes"), "comments"))):
                author = one.get("author")  # null once the account is gone
                if isinstance(author, dict) and author.get("login") == ours:
                    yield answers.text(answers.field(one, "body"), "body")
            if answers.field(page, "pageInfo", "hasPreviousPage") is not True:
                return
            before = answers.text(answers.field(page, "pageInfo", "startCursor"), "startCursor")

    def _local(self, entry: Entry) -> bytes | None:
        if self._on_disk is None:
            return None
        place = self._on_disk / entry.path
        try:
            content = place.read_bytes()
        except (OSError, ValueError):
            return None
        if blob_id(content) == entry.blob:
            return content
        self._differing.add(entry.path)
        return None

    def _fetched(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        variables = {"owner": self._api.owner, "name": self._api.name}
        data = self._api.query(blobs([entry.blob for entry in entries]), variables)
        found = answers.mapping(answers.field(data, "repository"), "repository")
        return {entry.path: self._proven(entry, found.get(f"b{position}")) for position, entry in enumerate(entries)}

    def _proven(self, entry: Entry, blob: object) -> bytes:
        text = blob.get("text") if isinstance(blob, dict) else None
        content = text.encode() if isinstance(text, str) else b""
        if blob_id(content) == entry.blob:
            return content
        # GraphQL gives text only, and cuts it: what is not UTF-8, or large, comes whole from the REST API.
        answer = self._api.get(f"/git/blobs/{entry.blob}")
        try:
            content = base64.b64decode(answers.text(answers.field(answer, "content"), "blob"))
        except binascii.Error as error:
            raise Outage(f"GitHub: {entry.path} is not base64 in its answer; try again later") from error
        if blob_id(content) != entry.blob:
            raise Outage(f"GitHub: {entry.path} does not hash to its blob {entry.blob}; try again later")
        return content


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
