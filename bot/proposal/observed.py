"""Facts about the repository: commits, the branch, the pull request, and whose the branch is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bot.planning.snapshot import Entry
from bot.proposal.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit: ids in hex, its whole message, and when it was made, where that was asked for."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    at: datetime | None = None


class Mergeable(StrEnum):
    """What GitHub says of merging: `mergeStateStatus`, as far as it matters here.

    Source: https://docs.github.com/en/graphql/reference/enums#mergestatestatus
    """

    BEHIND = "behind"
    BLOCKED = "blocked"
    CONFLICTS = "conflicts"
    FREE = "free"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """The open pull request of our branch onto our base. `id` is its GraphQL id.

    `armed`: auto-merge is on, `armed_by_us` under our words, with `method` (`merge`, `squash`, `rebase`). `queued`: it
    stands in a merge queue. `mergeable` FREE: nothing stands in the way.
    """

    number: int
    url: str
    title: str
    body: str
    id: str = ""
    labels: frozenset[str] = frozenset()
    draft: bool = False
    armed: bool = False
    armed_by_us: bool = False
    method: str | None = None
    approved: bool = False
    queued: bool = False
    mergeable: Mergeable = Mergeable.UNKNOWN


class Check(StrEnum):
    """What became of one check on a commit."""

    PENDING = "pending"
    SKIPPED = "skipped"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The head of base, the head of our branch if there is one, and its open pull request if there is one.

    `declined` is the record of the newest pull request of the branch that a person closed, and that still counts.
    `arms`: the repository allows auto-merge.
    """

    base: Commit
    branch: Commit | None
    pull_request: PullRequest | None
    declined: Record | None = None
    arms: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The branch holds nothing but what we wrote; `record` and `message` are of the commit that we made there.

    `at` is when its head was made.
    """

    head: str
    record: Record
    message: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """The branch holds something that we did not write."""

    head: str


Standing = Absent | Ours | Persons
Checks = Mapping[str, Check]
NO_CHECKS: Checks = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A pull request of our branch that is no longer open; `record` is what its newest commit of ours says."""

    number: int
    closed_at: datetime
    merged: bool
    withdrawn: bool = False
    labels: frozenset[str] = field(default_factory=frozenset)
    record: Record | None = None


RETRY_LABEL = "bump:retry"


def declined(past: tuple[Past, ...]) -> Record | None:
    """Return what a person turned down: the newest that was closed unmerged, after the last merge, and not by us.

    Nothing is declined when that one carries the label `bump:retry`.
    """
    merged = [one.closed_at for one in past if one.merged]
    closed = [
        one for one in past if not one.merged and not one.withdrawn and (not merged or one.closed_at > max(merged))
    ]
    newest = max(closed, key=lambda one: (one.closed_at, one.number), default=None)
    if newest is None or RETRY_LABEL in newest.labels:
        return None
    return newest.record


def untouched(head: Commit) -> Record | None:
    """Return our record when `head` is exactly a commit that we made: its tree is the one its message names."""
    record = Record.parse(head.message)
    return record if record is not None and record.tree == head.tree else None


def difference(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Mapping[str, Entry | None]:
    """Return the paths in which two trees differ, each with what `after` has there."""
    paths = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return {path: after.get(path) for path in paths}
