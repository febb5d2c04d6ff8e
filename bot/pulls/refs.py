"""Moves branches by compare-and-swap: from where they were seen, or not at all.

REST has no such thing for a forced update or a deletion; GraphQL's `updateRefs` has, with `beforeOid`.
Source: https://docs.github.com/en/graphql/reference/mutations#updaterefs
"""

from typing import Final

from bot.errors import BumpError, CredentialError, PublishError, RaceLost
from bot.pulls import answers
from bot.pulls.api import Api
from bot.pulls.queries import UPDATE_REFS

_ZERO: Final = "0" * 40
_TRIES: Final = 3
_FOR_GOOD: Final = (CredentialError, PublishError)

_HEAD: Final = """
query Head($owner: String!, $name: String!, $ref: String!) {
  repository(owner: $owner, name: $name) { ref(qualifiedName: $ref) { target { oid } } }
}
"""


class Refs:
    """The branches of one repository; `repository_id` is its GraphQL id."""

    def __init__(self, api: Api) -> None:
        """`repository_id` is set by whoever reads the repository first."""
        self._api = api
        self.repository_id = ""

    def move(self, branch: str, *, before: str | None, after: str | None) -> None:
        """Point `branch` from `before` (None: it must not exist) at `after` (None: delete it); raises `RaceLost`.

        An answer that is lost, or an error, says nothing about the branch (a stale `beforeOid` looks like an outage),
        so the branch is read: ours means done, the old one means try again (what is refused for good is told at once),
        anything else a lost race.
        """
        update = {
            "name": f"refs/heads/{branch}",
            "beforeOid": before or _ZERO,
            "afterOid": after or _ZERO,
            "force": True,
        }
        for attempt in range(1, _TRIES + 1):
            try:
                self._api.mutate(UPDATE_REFS, {"input": {"repositoryId": self.repository_id, "refUpdates": [update]}})
            except BumpError as error:
                there = self._head(branch)
                if there == after:
                    return
                if there != before:
                    raise RaceLost(f"{branch}: moved while bump was running") from error
                if attempt == _TRIES or isinstance(error, _FOR_GOOD):
                    raise
            else:
                return

    def _head(self, branch: str) -> str | None:
        variables = {"owner": self._api.owner, "name": self._api.name, "ref": f"refs/heads/{branch}"}
        ref = answers.field(self._api.query(_HEAD, variables), "repository", "ref")
        return None if ref is None else answers.sha(answers.field(ref, "target", "oid"), "oid")
