"""What a run decides about one image: sibling outcomes, each with what explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.image import Digest, Repository, Tag
from bot.pins import Edit, Pin
from bot.planning.order import SourceChange
from bot.planning.resolution import Resolved


class Order(StrEnum):
    """How the new build stands to the old one."""

    AHEAD = "ahead"
    UNVERIFIABLE = "unverifiable"
    FORCED = "forced"
    FIRST_PIN = "first-pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChange:
    """One pin and the edits that bring it to the new digest; `notes` are codes, as `stale-tag`.

    `tag` is the new build's immutable tag, where one is written beside the digest.
    """

    pin: Pin
    edits: tuple[Edit, ...]
    tag: Tag | None = None
    notes: tuple[str, ...] = ()

    @property
    def new_text(self) -> str:
        """What will stand in the place of the pin's `value`."""
        return next((edit.text for edit in self.edits if edit.token == self.pin.value), self.pin.value.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The image moves to a proven digest; `source_changes` is what that means at its source, where both builds tell."""

    repository: Repository
    channel: Tag
    new: Resolved
    changes: tuple[PinChange, ...]
    order: Order
    source_changes: tuple[SourceChange, ...] = ()

    @property
    def source_change(self) -> SourceChange | None:
        """The one that holds for every pin, or None."""
        if len(self.source_changes) != 1:
            return None
        only = self.source_changes[0]
        return only if all(change.pin.reference.digest in only.olds for change in self.changes) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpToDate:
    """Every pin already has the digest that the channel means. `warnings` tell of how that was found out."""

    repository: Repository
    digest: Digest
    pins: tuple[Pin, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The image could move but does not; `code` is listed in docs/codes.md."""

    repository: Repository
    code: str
    message: str
    pins: tuple[Pin, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Nothing sound is known to move to, or the place cannot be edited. `repository` is None for a whole file.

    `outage`: the registry could not be reached, so it is not the image that is wrong.
    """

    repository: Repository | None
    code: str
    message: str
    pins: tuple[Pin, ...] = ()
    outage: bool = False
    warnings: tuple[str, ...] = ()


Decision = Update | UpToDate | Held | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An image that this run says nothing new about and that the open branch proposes: its digest stays there."""

    repository: Repository
    digest: Digest
    changes: tuple[PinChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that one run wants for one environment, in a fixed order. `files` holds the new bytes by path.

    `entire`: a run without `--image` asked about every image, none failed, and none that is held lost what the open
    branch has for it; only then may a pull request be closed.
    """

    environment: str
    commit: str
    decisions: tuple[Decision, ...]
    carried: tuple[Carried, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    entire: bool = False

    @property
    def updates(self) -> tuple[Update, ...]:
        """The images that move."""
        return tuple(decision for decision in self.decisions if isinstance(decision, Update))

    @property
    def changes(self) -> tuple[PinChange, ...]:
        """Every pin that changes, in the order of the files."""
        groups: tuple[Update | Carried, ...] = (*self.updates, *self.carried)
        changes = [change for group in groups for change in group.changes]
        return tuple(sorted(changes, key=lambda change: (change.pin.path, change.pin.value.start)))
