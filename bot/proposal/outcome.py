"""What became of an action: the words of the JSON result."""

from dataclasses import dataclass
from enum import StrEnum


class Done(StrEnum):
    """The `action` of a result's `pull_request`."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    CLOSED = "closed"
    BLOCKED = "blocked"
    MERGED = "merged"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The state of branch and pull request after the run.

    `branch` is where a proposal stands or would stand; `head` is the commit that it points at, None when there is no
    such branch.
    """

    action: Done
    number: int | None = None
    url: str | None = None
    branch: str | None = None
    head: str | None = None
    warnings: tuple[str, ...] = ()
