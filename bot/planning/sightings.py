"""Which references of a checkout are its own: what a pin counts for, and whose images they are. Guesses, made once."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.image import DOCKER_HUB, Repository, Tag
from bot.pins import FirstParty, Pin, Shape
from bot.planning.environment import FirstPin

MAIN: Final = Tag("main")
GHCR: Final = "ghcr.io"
_LATEST: Final = "latest"
_CHANNELS: Final = frozenset(
    {"canary", "dev", "develop", "development", "edge", "head", "main", "master", "nightly", "staging", "trunk"}
)
_BUILD: Final = re.compile(r"(?:sha-)?(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}")
_IMAGE_KEY: Final = re.compile(r"image|(?:^|\.)ref$", re.IGNORECASE)
_BARE_KEY: Final = re.compile(r"(?:image|repository|newName)$", re.IGNORECASE)
_CODE: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org"})
_TRACES: Final = re.compile(rb"image|repository|newname|tag|sha(?:256|512):|/[a-z0-9._/-]*:[a-z0-9_]", re.IGNORECASE)
# Folders of a registry that hold other people's images, or charts.
_FOREIGN: Final = re.compile(
    r"mirrors?|mirrored|cache|proxy|third-?party|upstream|vendor|charts?|helm(?:-charts)?|.*\..*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One reference in a file that counts. `hosted`: its registry is written there. `bare`: tag but no digest key.

    `kustomized`: the tag is kustomize's `newTag`, beside which a digest is always known.
    """

    path: str
    repository: Repository
    tag: Tag | None
    pinned: bool
    hosted: bool
    mapping: bool
    bare: bool
    kustomized: bool = False

    @property
    def channel(self) -> Tag | None:
        """Its tag, where that is one that producers move."""
        return self.tag if self.tag and (self.tag.text.lower() in _CHANNELS or self.tag.text == _LATEST) else None


@dataclass(frozen=True, slots=True)
class Owner:
    """A registry's host and the first segment of the paths there; empty where images lie on the host itself."""

    host: str
    name: str

    @classmethod
    def of(cls, repository: Repository) -> "Owner":
        """Return whose `repository` is."""
        return cls(repository.host, repository.path.partition("/")[0] if "/" in repository.path else "")

    def __str__(self) -> str:
        """Give `host/name`."""
        return f"{self.host}/{self.name}" if self.name else self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesDraft:
    """One entry of `images`; `unpinned` counts references that have no place for a first digest without `first_pin`."""

    match: str
    move: bool = True
    unpinned: int = 0
    first_pin: FirstPin = FirstPin.ASK


def anybodys() -> FirstParty:
    """Return what takes every image for ours that has an owner or a registry; a name alone is Docker Hub's library."""
    return FirstParty(lambda one: one.host != DOCKER_HUB or not one.path.startswith("library/"), ("/",))


def may_count(content: bytes) -> bool:
    """Whether a file can hold anything that counts: most of a checkout does not, and need not be parsed."""
    return _TRACES.search(content) is not None


def sightings(pins: Iterable[Pin]) -> Iterator[Sighting]:
    """Yield the pins that count: much in YAML reads as a reference and is none (`networking.k8s.io/v1`)."""
    for pin in pins:
        reference = pin.reference
        first = reference.name.partition("/")[0]
        hosted = reference.repository.host != DOCKER_HUB or first == DOCKER_HUB
        if pin.sure and _counts(pin, hosted=hosted):
            yield Sighting(
                path=pin.path,
                repository=reference.repository,
                tag=reference.tag,
                pinned=reference.digest is not None,
                hosted=hosted,
                mapping=pin.shape is not Shape.STRING or pin.key.lower().endswith("repository"),
                bare=pin.shape is Shape.TAG_KEY,
                kustomized=pin.shape is Shape.TAG_KEY and pin.key.endswith(".newTag"),
            )


def owners(seen: Sequence[Sighting], origin: str | None) -> tuple[Owner, ...]:
    """Return whose images are first-party: the origin's owner, where images of that name are, else the likeliest."""
    there = {Owner.of(one.repository) for one in seen if one.repository.host.partition(":")[0] != "localhost"}
    usable = {owner for owner in there if not owner.host.startswith("[")}
    if origin is not None and (same := {owner for owner in usable if owner.name == origin.lower()}):
        return tuple(sorted(same, key=lambda owner: (owner.host != GHCR, owner.host)))
    votes: Counter[tuple[int, Owner]] = Counter()
    for one in seen:
        owner = Owner.of(one.repository)
        if owner in usable and (tier := _tier(one)) is not None:
            votes[tier, owner] += 1
    likeliest = min(votes, key=lambda vote: (vote[0], -votes[vote], str(vote[1])), default=None)
    return () if likeliest is None else (likeliest[1],)


def image_rules(seen: Sequence[Sighting], ours: Sequence[Owner]) -> tuple[ImagesDraft, ...]:
    """Return the entries of `images` for these owners: what stays first, as the first match wins."""
    stay: list[ImagesDraft] = []
    move: list[ImagesDraft] = []
    for owner in ours:
        mine = [one for one in seen if Owner.of(one.repository) == owner]
        inside = [one.repository.path.split("/")[1:] if owner.name else [one.repository.path] for one in mine]
        nested = {path[0] for path in inside if len(path) > 1}
        foreign = sorted(name for name in nested if _FOREIGN.fullmatch(name))
        stay += [ImagesDraft(match=f"{owner}/{name}/**", move=False) for name in foreign]
        tagged = [
            one
            for one, path in zip(mine, inside, strict=True)
            if one.bare and (path[0] not in foreign or len(path) == 1)
        ]
        first = FirstPin.DIGEST_KEY if tagged and all(one.kustomized for one in tagged) else FirstPin.ASK
        unpinned = sum(one.channel is not None for one in tagged)
        match = f"{owner}/{'**' if nested - {*foreign} else '*'}"
        move.append(ImagesDraft(match=match, unpinned=unpinned, first_pin=first if unpinned else FirstPin.ASK))
    return (*stay, *move)


def _counts(pin: Pin, *, hosted: bool) -> bool:
    reference = pin.reference
    if pin.refusal is not None and reference.tag is None and reference.digest is None:
        return False
    if reference.digest is not None:
        return True
    if reference.tag is not None:
        return hosted or pin.shape is not Shape.STRING or _IMAGE_KEY.search(pin.key) is not None
    return hosted and reference.repository.host not in _CODE and _BARE_KEY.search(pin.key) is not None


def _tier(one: Sighting) -> int | None:
    """Return how little a reference speaks for its owner being first-party; None for not at all."""
    if one.channel is not None:
        return 2 * (one.channel.text == _LATEST) + (not one.hosted)
    built = _BUILD.fullmatch(one.tag.text) is not None if one.tag else one.pinned
    return 4 if built and one.hosted else None
