"""Facts about the repository: commits, the branch, the pull request, and whose the branch is."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.planning.snapshot import Entry
from bot.proposal.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit: ids in hex, and its whole message."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """The open pull request of our branch onto our base."""

    number: int
    url: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The head of base, the head of our branch if there is one, and its open pull request if there is one."""

    base: Commit
    branch: Commit | None
    pull_request: PullRequest | None


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The branch holds nothing but what we wrote; `record` is the record of the commit that we made there."""

    head: str
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """The branch holds something that we did not write."""

    head: str


Standing = Absent | Ours | Persons


def untouched(head: Commit) -> Record | None:
    """Return our record when `head` is exactly a commit that we made: its tree is the one its message names."""
    record = Record.parse(head.message)
    return record if record is not None and record.tree == head.tree else None


def difference(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Mapping[str, Entry | None]:
    """Return the paths in which two trees differ, each with what `after` has there."""
    paths = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return {path: after.get(path) for path in paths}
