"""GraphQL mutations: refs with compare-and-swap, auto-merge, update-branch.

https://docs.github.com/graphql/reference/mutations
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from tests.doubles.github_api import pulls
from tests.doubles.github_api.access import Token, check_allowed, check_visible
from tests.doubles.github_api.git import ZERO, GitError, RefUpdate
from tests.doubles.github_api.nodes import Node, actor, node
from tests.doubles.github_api.nodes_pulls import Viewer
from tests.doubles.github_api.repository import AutoMerge, Method, PullRequest, Refused, Repository
from tests.doubles.github_api.world import World

Input = Mapping[str, object]
METHODS: Mapping[object, Method] = {"MERGE": "merge", "SQUASH": "squash", "REBASE": "rebase"}


@dataclass(frozen=True)
class Mutations:
    """The mutations, for one token."""

    world: World
    token: Token

    def root(self) -> Node:
        """The schema's `Mutation`."""
        return node(
            "Mutation",
            updateRefs=_of_input(self.update_refs),
            enablePullRequestAutoMerge=_of_input(self.enable_auto_merge),
            disablePullRequestAutoMerge=_of_input(self.disable_auto_merge),
            updatePullRequestBranch=_of_input(self.update_branch),
            deleteIssueComment=_of_input(self.delete_comment),
        )

    def _repository(self, node_id: object) -> Repository:
        for it in self.world.repositories.values():
            if it.node_id == node_id:
                check_visible(self.token, it)
                return it
        raise self._unknown(node_id)

    def _pull(self, node_id: object, *permissions: str) -> tuple[Repository, PullRequest]:
        for it in self.world.repositories.values():
            for pull in it.pulls:
                if it.pull_node_id(pull) == node_id:
                    check_visible(self.token, it)
                    for permission in permissions:
                        check_allowed(self.token, it, {permission: "write"})
                    return it, pull
        raise self._unknown(node_id)

    @staticmethod
    def _unknown(node_id: object) -> Refused:
        return Refused(200, f"Could not resolve to a node with the global id of '{node_id}'", kind="NOT_FOUND")

    def update_refs(self, given: Input) -> Node:
        """All refs or none, each only from `beforeOid`; zeros: must not exist, or delete.

        What does not hold is answered like an outage (measured): the caller has to read the ref.
        """
        it = self._repository(given["repositoryId"])
        check_allowed(self.token, it, {"contents": "write"})
        changes = given["refUpdates"]
        assert isinstance(changes, list)
        it.reject_by_ruleset([change["name"] for change in changes])
        updates = []
        try:
            for change in changes:
                new = None if change["afterOid"] == ZERO else change["afterOid"]
                update = RefUpdate(change["name"], it.git.resolve(change["name"]), new)
                it.compare_and_swap(update, expected=change.get("beforeOid"), force=change.get("force") is True)
                updates.append(update)
            it.move(updates)
        except GitError:
            raise something_went_wrong() from None
        return node("UpdateRefsPayload", clientMutationId=given.get("clientMutationId"))

    def _payload(self, name: str, it: Repository, pull: PullRequest, given: Input) -> Node:
        return node(
            name,
            actor=actor(self.token.login),
            clientMutationId=given.get("clientMutationId"),
            pullRequest=Viewer(self.token).pull_request(it, pull),
        )

    def enable_auto_merge(self, given: Input) -> Node:
        """Arm it; refused when the repository does not allow it, or when nothing stands in the way (measured).

        https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request
        """
        it, pull = self._pull(given["pullRequestId"], "contents", "pull_requests")
        method = METHODS[given.get("mergeMethod", "MERGE")]
        expected = given.get("expectedHeadOid")
        if not it.settings.auto_merge:
            raise Refused(200, "Pull request Auto merge is not allowed for this repository")
        if pull.state != "open":
            raise Refused(200, "Pull request is closed")
        if method not in it.settings.methods:
            raise Refused(200, f"Merge method {method} merging is not allowed on this repository")
        if expected not in (None, pull.head_sha):
            raise Refused(200, f"Expected head oid {expected} does not match the current head {pull.head_sha}")
        state = pulls.merge_state(it, pull)
        if state in ("clean", "unstable"):
            raise Refused(200, f"Pull request Pull request is in {state} status")
        headline, body = given.get("commitHeadline"), given.get("commitBody")
        pull.auto_merge = AutoMerge(
            method=method,
            actor=self.token.login,
            enabled_at=it.clock(),
            headline=None if headline is None else str(headline),
            body=None if body is None else str(body),
        )
        return self._payload("EnablePullRequestAutoMergePayload", it, pull, given)

    def disable_auto_merge(self, given: Input) -> Node:
        """Disarm it."""
        it, pull = self._pull(given["pullRequestId"], "contents", "pull_requests")
        if pull.auto_merge is None:
            raise Refused(200, "Can't disable auto-merge for this pull request.")
        pull.auto_merge = None
        return self._payload("DisablePullRequestAutoMergePayload", it, pull, given)

    def delete_comment(self, given: Input) -> Node:
        """Who may write issues or pull requests may delete any comment.

        https://docs.github.com/graphql/reference/mutations#deleteissuecomment
        """
        for it in self.world.repositories.values():
            for pull in it.pulls:
                for comment in pull.comments:
                    if f"IC_{comment.id}" == given["id"]:
                        check_visible(self.token, it)
                        check_allowed(self.token, it, {"issues": "write", "pull_requests": "write"})
                        pull.comments.remove(comment)
                        return node("DeleteIssueCommentPayload", clientMutationId=given.get("clientMutationId"))
        raise self._unknown(given["id"])

    def update_branch(self, given: Input) -> Node:
        """The button, for a head that is still the expected one."""
        it, pull = self._pull(given["pullRequestId"], "pull_requests")
        method: Literal["merge", "rebase"] = "rebase" if given.get("updateMethod") == "REBASE" else "merge"
        expected = given.get("expectedHeadOid")
        oid = expected if isinstance(expected, str) else None
        pulls.update_branch(it, pull, method=method, by=self.token.login, expected=oid)
        return self._payload("UpdatePullRequestBranchPayload", it, pull, given)


def _of_input(mutation: Callable[[Input], Node]) -> Callable[..., Node]:
    """Every mutation has one argument, `input`."""
    return lambda **arguments: mutation(arguments["input"])


def something_went_wrong() -> Refused:
    """GitHub's generic error: no type, HTTP 200 (measured)."""
    text = "Something went wrong while executing your query. Please include"
    return Refused(200, f"{text} `{uuid4().hex.upper()[:20]}` when reporting this issue.", kind=None)
