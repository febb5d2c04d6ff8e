"""Which of two builds is newer: a channel that goes back, because an older build finished last, is not followed.

By the time that the labels state: what nobody states, or what is equal, is not known, and holds nothing back.
"""

from collections.abc import Iterable
from enum import StrEnum

from bot.image import Build


class Relation(StrEnum):
    """How a new build stands to an old one."""

    AHEAD = "ahead"
    BEHIND = "behind"
    UNKNOWN = "unknown"


def relation(new: Build, old: Build | None) -> Relation:
    """Compare two builds by `created`; an old one that could not be read is unknown."""
    if old is None or new.created is None or old.created is None or new.created == old.created:
        return Relation.UNKNOWN
    return Relation.AHEAD if new.created > old.created else Relation.BEHIND


def together(relations: Iterable[Relation]) -> Relation:
    """Sum up: behind one is behind, and ahead only of all."""
    found = frozenset(relations)
    if Relation.BEHIND in found:
        return Relation.BEHIND
    return Relation.AHEAD if found == {Relation.AHEAD} else Relation.UNKNOWN
