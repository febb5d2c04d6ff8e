"""Which images an environment moves, along which channel, and what has to be asked about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.errors import UsageError
from bot.image import DOCKER_HUB, Digest, Repository, Tag
from bot.pins import FirstParty, Pin, Shape, Slot
from bot.planning.environment import Configuration, Environment, FirstPin, ImageRule
from bot.planning.glob import Glob
from bot.planning.resolution import Lookup
from bot.planning.tags import names_build


@dataclass(frozen=True, slots=True)
class Follows:
    """The pin moves with `channel`."""

    channel: Tag


@dataclass(frozen=True, slots=True)
class Stays:
    """The pin is not ours to move, and why."""

    reason: str


Movement = Follows | Stays
# What the open branch proposes for (repository, old digest): the digest, and the tag beside it where there is one.
Proposed = Mapping[tuple[Repository, Digest | None], tuple[Digest, Tag | None]]

_HIDING: Final = frozenset({"invalid-reference", "duplicate-key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One image of an environment with all its pins that move; `selected` is whether this run asks about it."""

    repository: Repository
    rule: ImageRule
    lookup: Lookup
    pins: tuple[Pin, ...]
    selected: bool = True


def first_party(configuration: Configuration) -> FirstParty:
    """Return which repositories the image rules name, and the texts by which a file can be skipped unread."""
    needles: set[str] = set()
    for rule in configuration.images:
        needle = _needle(rule)
        if needle is None:
            return FirstParty(lambda repository: configuration.rule(repository) is not None, ())
        needles.add(needle)
    return FirstParty(lambda repository: configuration.rule(repository) is not None, tuple(sorted(needles)))


def look_alikes(configuration: Configuration) -> FirstParty:
    """Return the first-party repositories and those that could be meant to be: same host, same owner as a rule's."""
    owners = {
        tuple(segments[:2]) for rule in configuration.images if len(segments := rule.match.literal_segments) > 1
    } - {(DOCKER_HUB, "library")}
    ours = first_party(configuration)

    def owns(repository: Repository) -> bool:
        return ours.owns(repository) or (repository.host, repository.path.partition("/")[0]) in owners

    return FirstParty(owns, ours.needles)


def everyones(configuration: Configuration) -> FirstParty:
    """Return the same, and whatever stands where an image is named: what a check looks at."""
    return replace(look_alikes(configuration), everyone=True)


def _needle(rule: ImageRule) -> str | None:
    """Return a text that stands in every reference that the rule matches, or None.

    Not the host: it may be written in capitals, and Docker Hub's may be left out, as may `library` behind it.
    """
    host, *path = rule.match.literal_segments or ("",)
    if host == DOCKER_HUB and path[:1] == ["library"]:
        path = path[1:]
    return path[0] if path else None


def movement(pin: Pin, rule: ImageRule | None, environment: Environment) -> Movement:
    """Decide whether `pin` moves by itself in `environment`.

    A pin with a digest follows the channel whatever tag stands beside it; without one it gets its first digest only
    where its tag is the channel. Where a refusal hides what the pin says, it is taken for one that moves.
    """
    if rule is None or not rule.move:
        return Stays("no rule of `images` matches" if rule is None else f"images[{rule.position}] says move: false")
    if environment.follow is None:
        where = f"is promoted from {environment.promote_from}" if environment.promote_from else "is moved by hand"
        return Stays(f"{environment.name} {where}")
    channel = rule.channel or environment.follow
    tag, digest = pin.reference.tag, pin.reference.digest
    hidden = pin.refusal is not None and (pin.refusal.code in _HIDING or (pin.refusal.code == "template" and not tag))
    if digest is None and not hidden and tag != channel:
        return Stays(f"no digest, and the tag {tag} is not the channel {channel}" if tag else "neither tag nor digest")
    return Follows(channel)


def targets(
    configuration: Configuration,
    environment: Environment,
    pins: Iterable[Pin],
    selection: Sequence[str] = (),
    proposed: Proposed | None = None,
) -> tuple[Target, ...]:
    """Group the pins that move by image, sorted; raises `UsageError` when `selection` names none, or is ambiguous."""
    groups: dict[Repository, list[Pin]] = {}
    for pin in pins:
        rule = configuration.rule(pin.reference.repository)
        if isinstance(movement(pin, rule, environment), Follows):
            groups.setdefault(pin.reference.repository, []).append(pin)
    selected = select(selection, groups, environment.name)
    found: list[Target] = []
    for repository in sorted(groups):
        rule = configuration.rule(repository)
        if rule is None or environment.follow is None:
            continue
        found.append(
            Target(
                repository=repository,
                rule=rule,
                lookup=_lookup(repository, rule, environment, groups[repository], proposed or {}),
                pins=tuple(sorted(groups[repository], key=lambda pin: (pin.path, pin.value.start))),
                selected=repository in selected,
            )
        )
    return tuple(found)


def _lookup(
    repository: Repository, rule: ImageRule, environment: Environment, pins: Sequence[Pin], proposed: Proposed
) -> Lookup:
    channel = rule.channel or environment.follow
    if channel is None:
        raise AssertionError("only what follows a channel is looked up")
    there = [proposed.get((repository, pin.reference.digest)) for pin in pins]
    return Lookup(
        repository=repository,
        channel=channel,
        known=frozenset(pin.reference.digest for pin in pins if pin.reference.digest is not None),
        proposed=frozenset(found[0] for found in there if found is not None),
        unpinned=any(pin.reference.digest is None and pin.refusal is None for pin in pins),
        platforms=tuple(sorted({*rule.platforms, *environment.platforms})),
        allow_single_arch=rule.allow_single_arch,
        allow_lost_platforms=rule.allow_lost_platforms,
        revision_tag=rule.revision_tag if any(names_build(pin, channel) for pin in pins) else None,
        doubtful=frozenset(pin.reference.digest for pin in pins if not pin.sure and pin.reference.digest is not None),
        rule=f"images[{rule.position}]",
    )


def select(selection: Sequence[str], repositories: Iterable[Repository], environment: str) -> frozenset[Repository]:
    """Return what `--image` names: a glob over `host/path`, or without a slash over the last segment too."""
    everything = tuple(sorted(repositories))
    if not selection:
        return frozenset(everything)
    chosen: set[Repository] = set()
    for text in selection:
        glob = Glob.parse(text)
        matched = [
            repository
            for repository in everything
            if glob.matches(str(repository)) or ("/" not in text and glob.matches(repository.last))
        ]
        listing = ", ".join(str(repository) for repository in matched or everything) or "none"
        if not matched:
            raise UsageError(f"--image {text}: matches no image that moves in {environment}; there are: {listing}")
        if len(matched) > 1 and not set("*?") & set(text):
            raise UsageError(f"--image {text}: ambiguous in {environment}; write one of: {listing}")
        chosen.update(matched)
    return frozenset(chosen)


def first_slot(pin: Pin, rule: ImageRule) -> Slot | None:
    """Return where a first digest goes as a value of its own; None where it goes into the value that is there.

    An empty `digest` is there to be filled; a key is added only where the rule says that the chart knows it.
    """
    if pin.reference.digest is not None or (pin.shape is Shape.TAG_KEY and rule.first_pin is not FirstPin.DIGEST_KEY):
        return None
    return pin.slot


def has_place(pin: Pin, rule: ImageRule) -> bool:
    """Whether a digest can be written, as the rule allows it."""
    if pin.reference.digest is not None or pin.shape is Shape.STRING or pin.refusal is not None:
        return True
    into_tag = pin.shape is Shape.TAG_KEY and rule.first_pin is FirstPin.TAG_SUFFIX
    return into_tag or first_slot(pin, rule) is not None
