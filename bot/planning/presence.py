"""What is asked of a registry about a digest that is pinned, and what it can answer: there, gone, or nothing known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.image import Digest, Platform, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question: is the digest there, and what is in it? Without `platforms` only whether it is there."""

    repository: Repository
    digest: Digest
    platforms: tuple[Platform, ...] = ()

    @property
    def subject(self) -> str:
        """What a message about it starts with."""
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The digest is there. `index`: whether it is one; None where nobody looked.

    `platforms` are those that it names, `broken` why those of them that were asked about cannot be pulled.
    """

    index: bool | None = None
    platforms: frozenset[Platform] = frozenset()
    broken: Mapping[Platform, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Gone:
    """The registry answered, and the pinned bytes are not to be had from it: `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outside:
    """Nobody asked: the configuration does not name the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The registry could not be asked, so nothing is known of the image. `outage`: it may answer later."""

    reason: str
    outage: bool


Presence = Here | Gone | Outside | Unknown
