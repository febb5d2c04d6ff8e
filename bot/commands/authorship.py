"""Finds out whose a branch is: ours, when it holds nothing but what we wrote, or a person's.

Content decides, not author names: a person may click "Update branch" on our pull request without making it theirs.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from bot.planning.snapshot import Entry
from bot.proposal.observed import Absent, Commit, Observed, Ours, Persons, Standing, difference, untouched
from bot.proposal.record import Record

_MOST_MERGES: Final = 20


class History(Protocol):
    """Commits and trees of a repository."""

    def commit(self, sha: str) -> Commit:
        """Return one commit."""

    def merge_base(self, base: str, head: str) -> str | None:
        """Return the newest commit that both have in their history."""

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file of a commit or tree by its path."""


def standing(observed: Observed, history: History) -> Standing:
    """Decide whose the branch is. Trees are read only when its head is not exactly our commit."""
    head = observed.branch
    if head is None:
        return Absent()
    record = untouched(head)
    if record is None:
        record = _rebased(head, observed.base, history)
    return Ours(head=head.sha, record=record) if record else Persons(head=head.sha)


def _rebased(head: Commit, base: Commit, history: History) -> Record | None:
    """Return our record when `head` is our commit merged with base or rebased on it, and nothing else."""
    record = _beneath(head, history)
    if record is None:
        return None
    fork = history.merge_base(base.sha, head.sha)
    if fork is None:
        return None
    ours = difference(history.entries(record.base), history.entries(record.tree))
    there = difference(history.entries(fork), history.entries(head.tree))
    return record if ours == there else None


def _beneath(head: Commit, history: History) -> Record | None:
    """Return our record below the merges that end in `head`: every "Update branch" lays one more on top."""
    record = Record.parse(head.message)
    for _ in range(_MOST_MERGES):
        if record is not None or len(head.parents) <= 1:
            break
        head = history.commit(head.parents[0])
        record = Record.parse(head.message)
    return record
