"""Finds out whose a branch is: ours, when it holds nothing but what we wrote, or a person's.

Content decides, not author names: a person may click "Update branch" on our pull request without making it theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.planning.snapshot import EXECUTABLE, FILE, Entry
from bot.proposal.observed import Absent, Commit, Observed, Ours, Persons, Standing, difference, untouched
from bot.proposal.overlay import overlaid
from bot.proposal.record import Record

_MOST_MERGES: Final = 20
_PLAIN: Final = frozenset({FILE, EXECUTABLE})


class History(Protocol):
    """Commits and trees of a repository."""

    def commit(self, sha: str) -> Commit:
        """Return one commit."""

    def merge_base(self, base: str, head: str) -> str | None:
        """Return the newest commit that both have in their history."""

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file and submodule of a commit or tree by its path."""

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return the bytes of some files by their paths."""


def standing(observed: Observed, history: History) -> Standing:
    """Decide whose the branch is. Trees are read only when its head is not exactly our commit."""
    head = observed.branch
    if head is None:
        return Absent()
    ours = head if untouched(head) else _rebased(head, observed.base, history)
    record = Record.parse(ours.message) if ours is not None else None
    if ours is None or record is None:
        return Persons(head=head.sha)
    return Ours(head=head.sha, record=record, message=ours.message, at=head.at)


def _rebased(head: Commit, base: Commit, history: History) -> Commit | None:
    """Return our commit when `head` is that one merged with base or rebased on it, and nothing else."""
    ours = _beneath(head, history)
    record = Record.parse(ours.message)
    if record is None:
        return None
    fork = history.merge_base(base.sha, head.sha)
    if fork is None:
        return None
    wrote = _Step(history.entries(record.base), history.entries(record.tree))
    there = _Step(history.entries(fork), history.entries(head.tree))
    return ours if wrote.changed == there.changed or _is_merged(wrote, there, history) else None


@dataclass(frozen=True, slots=True)
class _Step:
    """Two trees, one after the other."""

    before: Mapping[str, Entry]
    after: Mapping[str, Entry]

    @property
    def changed(self) -> Mapping[str, Entry | None]:
        return difference(self.before, self.after)


def _is_merged(wrote: _Step, there: _Step, history: History) -> bool:
    """Whether base changed files of ours, and `there` holds just these versions with our lines replaced in them."""
    if wrote.changed.keys() != there.changed.keys():
        return False
    files: list[tuple[Entry, ...]] = []
    for path in wrote.changed:
        four = [tree.get(path) for tree in (wrote.before, wrote.after, there.before, there.after)]
        found = tuple(entry for entry in four if entry is not None)
        if len(found) != len(four) or len({entry.mode for entry in found}) != 1 or found[0].mode not in _PLAIN:
            return False
        files.append(found)
    # By blob, for one path has four.
    blobs = {entry.blob: replace(entry, path=entry.blob) for versions in files for entry in versions}
    contents = history.contents(tuple(blobs.values()))
    return all(
        overlaid(contents[old.blob], contents[ours.blob], contents[base.blob]) == contents[head.blob]
        for old, ours, base, head in files
    )


def _beneath(head: Commit, history: History) -> Commit:
    """Return our commit below the merges that end in `head`: every "Update branch" lays one more on top."""
    for _ in range(_MOST_MERGES):
        if Record.parse(head.message) is not None or len(head.parents) <= 1:
            break
        head = history.commit(head.parents[0])
    return head
