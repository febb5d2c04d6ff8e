"""What is asked of a registry about one image, and the three answers there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from bot.image import Build, Digest, Platform, Repository, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One question: what does `channel` mean, and is it whole?

    `known` are the digests at which the pins stand now: when the channel still means the only one, one HEAD is enough.
    `unpinned`: a pin has no digest yet, and what is proposed for it must be proven first, so a HEAD is never enough.
    `proposed` are digests that an open pull request proposes: with `known` they are what the new one is compared with.
    `platforms` must all be there; an index is required when there are two or more, unless `allow_single_arch`.
    `revision_tag` is the pattern of the immutable tag that the build also pushed, where a pin wants to name it.
    `doubtful` are digests that must be in this repository for it to be the right one. `rule` is the key path of the
    rule that asks, for messages (`images[0]`).
    """

    repository: Repository
    channel: Tag
    known: frozenset[Digest] = frozenset()
    proposed: frozenset[Digest] = frozenset()
    unpinned: bool = False
    platforms: tuple[Platform, ...] = ()
    allow_single_arch: bool = False
    allow_lost_platforms: bool = False
    revision_tag: str | None = None
    doubtful: frozenset[Digest] = frozenset()
    rule: str = "images"

    @property
    def subject(self) -> str:
        """What a message about it starts with."""
        return f"{self.repository}:{self.channel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The channel still means the digest that every pin has; nothing was fetched.

    `warnings` are one line each, without the subject.
    """

    digest: Digest
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One platform of an image: its manifest's digest, and the bytes that a pull of it transfers.

    `size` is None where the platform was not required, so that only the index speaks of it.
    """

    platform: Platform
    digest: Digest
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The channel means `digest`, the hash of bytes that we fetched, and everything required is behind it.

    `build` is what the labels of all required platforms agree on; `revision_tag` is a tag that means the same digest
    and names that build, where one was asked for. `olds` are the builds of the digests that it is compared with, as far
    as they could be read, each by one platform; `beside` is when the new build was built for the same. `warnings` are
    one line each, without the subject.
    """

    digest: Digest
    media_type: str
    size: int
    variants: tuple[Variant, ...]
    build: Build = field(default_factory=Build)
    revision_tag: Tag | None = None
    olds: Mapping[Digest, Build] = field(default_factory=lambda: MappingProxyType({}))
    beside: Mapping[Digest, datetime | None] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms in it, sorted."""
        return tuple(sorted({variant.platform for variant in self.variants}))

    def build_beside(self, old: Digest) -> Build:
        """The new build as it is compared with `old`: the time is that of the same platform."""
        return replace(self.build, created=self.beside[old]) if old in self.beside else self.build


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Nothing can be proposed. `held`: the image is sound but not for us to move (`mixed-revisions`).

    `outage`: the registry could not be reached, so nothing is known about the image. `message` names the image.
    """

    code: str
    message: str
    held: bool = False
    outage: bool = False


Resolution = Current | Resolved | Unresolved
