"""What GraphQL shows of repositories and pull requests, and the order and filters of their lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.doubles.github_api import pulls
from tests.doubles.github_api.access import Token, check_allowed
from tests.doubles.github_api.nodes import (
    Node,
    actor,
    codeowners,
    connection,
    expression,
    git_object,
    node,
    paged,
    ref,
    rollup,
)
from tests.doubles.github_api.repository import Comment, PullRequest, Refused, Repository
from tests.doubles.github_api.shapes import moment
from tests.doubles.github_api.world import HTML

Arguments = Mapping[str, object]


@dataclass(frozen=True)
class Viewer:
    """Makes nodes for whoever asks: some fields depend on it, and some are not for everyone."""

    token: Token

    def repository(self, it: Repository) -> Node:
        """A repository."""
        settings = it.settings

        def code(field: Callable[..., object]) -> Callable[..., object]:
            """A field that needs the permission to read code."""

            def guarded(**arguments: object) -> object:
                check_allowed(self.token, it, {"contents": "read"})
                return field(**arguments)

            return guarded

        return node(
            "Repository",
            id=it.node_id,
            name=it.name,
            nameWithOwner=it.full_name,
            url=f"{HTML}/{it.full_name}",
            isArchived=settings.archived,
            isPrivate=settings.hidden,
            visibility=settings.visibility.upper(),
            viewerPermission=self._permission(it),
            autoMergeAllowed=settings.auto_merge,
            squashMergeAllowed="squash" in settings.methods,
            mergeCommitAllowed="merge" in settings.methods,
            rebaseMergeAllowed="rebase" in settings.methods,
            deleteBranchOnMerge=settings.delete_branch_on_merge,
            defaultBranchRef=code(lambda: ref(it, f"refs/heads/{settings.default_branch}")),
            ref=code(lambda **arguments: ref(it, str(arguments["qualifiedName"]))),
            object=code(lambda **arguments: _object(it, arguments)),
            codeowners=code(
                lambda **arguments: codeowners(it, str(arguments.get("refName") or settings.default_branch))
            ),
            pullRequest=lambda number: self._by_number(it, number),
            pullRequests=lambda **arguments: self._pull_requests(it, arguments),
        )

    def _permission(self, it: Repository) -> str | None:
        if it.settings.hidden and not self.token.reaches(it):
            return None
        return "WRITE" if self.token.reaches(it) and self.token.allows("contents", "write") else "READ"

    def _by_number(self, it: Repository, number: int) -> Node:
        check_allowed(self.token, it, {"pull_requests": "read"})
        try:
            return self.pull_request(it, it.pull(number))
        except Refused:
            message = f"Could not resolve to a PullRequest with the number of {number}."
            raise Refused(200, message, kind="NOT_FOUND") from None

    def _pull_requests(self, it: Repository, arguments: Arguments) -> Node:
        """Forks' branches of the same name are among them: the filter knows names only."""
        check_allowed(self.token, it, {"pull_requests": "read"})
        states, head, base = (arguments.get(name) for name in ("states", "headRefName", "baseRefName"))
        labels = arguments.get("labels")
        found = [
            pull
            for pull in it.pulls
            if head in (None, pull.head_branch)
            and base in (None, pull.base_branch)
            and (not isinstance(states, list) or pull.state.upper() in states)
            and (not isinstance(labels, list) or set(pull.labels) & set(labels))
        ]
        order = arguments.get("orderBy")
        if isinstance(order, dict):
            keys: dict[object, Callable[[PullRequest], tuple[datetime | int, int]]] = {
                "CREATED_AT": lambda pull: (pull.created_at, pull.number),
                "UPDATED_AT": lambda pull: (pull.updated_at, pull.number),
                "COMMENTS": lambda pull: (len(pull.comments), pull.number),
            }
            found.sort(key=keys[order["field"]], reverse=order["direction"] == "DESC")
        return paged("pullRequests", [self.pull_request(it, pull) for pull in found], arguments)

    def pull_request(self, it: Repository, pull: PullRequest) -> Node:
        """A pull request."""
        return Node("PullRequest", {**self._facts(it, pull), **self._branches(it, pull), **self._merging(it, pull)})

    def _facts(self, it: Repository, pull: PullRequest) -> Arguments:
        labels = [node("Label", id=f"LA_{it.id}_{name}", name=name, color="ededed") for name in pull.labels]
        return {
            "id": it.pull_node_id(pull),
            "number": pull.number,
            "url": f"{HTML}/{it.full_name}/pull/{pull.number}",
            "title": pull.title,
            "body": pull.body,
            "state": pull.state.upper(),
            "merged": pull.state == "merged",
            "mergedAt": moment(pull.merged_at),
            "closed": pull.state != "open",
            "closedAt": moment(pull.closed_at),
            "createdAt": moment(pull.created_at),
            "updatedAt": moment(pull.updated_at),
            "isDraft": pull.draft,
            "author": actor(pull.author),
            "viewerDidAuthor": pull.author == self.token.login,
            "labels": connection("labels", lambda: labels),
            "comments": connection("comments", lambda: [self._comment(it, pull, found) for found in pull.comments]),
            "reviewDecision": pulls.review_decision(it, pull),
        }

    def _comment(self, it: Repository, pull: PullRequest, found: Comment) -> Node:
        return node(
            "IssueComment",
            id=f"IC_{found.id}",
            databaseId=found.id,
            url=f"{HTML}/{it.full_name}/pull/{pull.number}#issuecomment-{found.id}",
            body=found.body,
            author=actor(found.author),
            createdAt=moment(found.created_at),
            viewerDidAuthor=found.author == self.token.login,
        )

    def _branches(self, it: Repository, pull: PullRequest) -> Arguments:
        fork = it.is_fork_head(pull)

        def commits() -> list[Node]:
            base = it.git.merge_base(it.base_head(pull), pull.head_sha) or pull.head_sha
            oids = it.git.between(base, pull.head_sha)
            return [node("PullRequestCommit", id=f"PRC_{oid}", commit=git_object(it, oid)) for oid in oids]

        own = None if fork else self.repository
        return {
            "isCrossRepository": fork,
            "headRefName": pull.head_branch,
            "headRefOid": pull.head_sha,
            "headRef": lambda: None if fork else ref(it, f"refs/heads/{pull.head_branch}"),
            "headRepository": lambda: own(it) if own else node("Repository", nameWithOwner=pull.head_repository),
            "baseRefName": pull.base_branch,
            "baseRefOid": lambda: it.git.head(pull.base_branch) or pull.head_sha,
            "commits": connection("commits", commits),
            "statusCheckRollup": lambda: rollup(it, pull.head_sha),
        }

    def _merging(self, it: Repository, pull: PullRequest) -> Arguments:
        def state() -> str:
            return pulls.merge_state(it, pull).upper() if pull.state == "open" else "UNKNOWN"

        def mergeable() -> str:
            return {"DIRTY": "CONFLICTING", "UNKNOWN": "UNKNOWN"}.get(state(), "MERGEABLE")

        armed = pull.auto_merge
        return {
            "mergeStateStatus": state,
            "mergeable": mergeable,
            "mergeCommit": lambda: git_object(it, pull.merge_commit),
            "isInMergeQueue": pull.in_merge_queue,
            "autoMergeRequest": None
            if armed is None
            else node(
                "AutoMergeRequest",
                mergeMethod=armed.method.upper(),
                enabledAt=moment(armed.enabled_at),
                enabledBy=actor(armed.actor),
                commitHeadline=armed.headline,
                commitBody=armed.body,
                pullRequest=lambda: self.pull_request(it, pull),
            ),
        }


def _object(it: Repository, arguments: Arguments) -> Node | None:
    text, oid = arguments.get("expression"), arguments.get("oid")
    if isinstance(oid, str):
        return git_object(it, oid)
    if isinstance(text, str):
        return expression(it, text)
    raise Refused(200, "One of the arguments `oid` or `expression` is required.", kind="ARGUMENT_REQUIRED")
