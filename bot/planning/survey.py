"""Decides what a first configuration says: which environments there are, how each moves, and which images.

Pure: from the paths and references of a checkout to a `Draft`. What it cannot know it leaves to a person, by hand.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.image import Tag
from bot.planning.glob import Glob
from bot.planning.patterns import Segments, alone, matched, patterns
from bot.planning.places import Kind, Place, glob_of
from bot.planning.sightings import MAIN, ImagesDraft, Owner, Sighting, image_rules, owners

# The environment of what has none, where there are no others and where there are.
_ALL: Final = "all"
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a checkout holds. `orphans`: files with a digest and no repository; `naming`: files that name it for others.

    `places` has every file whose names say something; `owner` is the origin's at GitHub.
    """

    places: Mapping[str, Place]
    paths: Collection[str]
    seen: Sequence[Sighting]
    orphans: Collection[str] = ()
    naming: Collection[str] = ()
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDraft:
    """One entry of `environments`, and why it moves as it does."""

    name: str
    kind: Kind
    paths: tuple[Glob, ...]
    exclude: tuple[Glob, ...] = ()
    layers: tuple[Glob, ...] = ()
    follow: Tag | None = None
    promote_from: str | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A first configuration."""

    images: tuple[ImagesDraft, ...]
    environments: tuple[EnvironmentDraft, ...]
    owners: tuple[Owner, ...]


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Nothing to make a configuration of; `found` counts the images seen by owner, most frequent first."""

    found: tuple[tuple[Owner, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The files of one environment-to-be: all that are its own, and the patterns for those that hold references."""

    name: str
    kind: Kind
    files: frozenset[str]
    narrow: tuple[Segments, ...]


def draft(survey: Survey) -> Draft | Unrecognised:
    """Propose a configuration for what was seen."""
    ours = owners(survey.seen, survey.owner)
    if not ours:
        return Unrecognised(tuple(Counter(Owner.of(one.repository) for one in survey.seen).most_common()))
    mine = tuple(one for one in survey.seen if Owner.of(one.repository) in ours)
    first = {one.path for one in mine}
    groups = _groups(survey, first)
    globs = {group.name: _globs(group, survey.places) for group in groups}
    left = _left_over(survey, first, globs)
    globs.update(left)
    layers = _layers(survey, groups, globs)
    moving = [_environment(group, mine, groups) for group in groups if group.kind is not Kind.SHARED]
    hand = [group.name for group in groups if group.kind is Kind.SHARED and not group.files.isdisjoint(first)]
    environments = [
        *(replace(one, layers=layers) for one in moving),
        *(_entry(name, Kind.SHARED, "moved by hand: what lies below several environments") for name in hand),
        *(_rest(name, mine, whole=not groups) for name in left),
    ]
    return Draft(images=image_rules(mine, ours), environments=_placed(environments, globs, survey.places), owners=ours)


def _groups(survey: Survey, first: Collection[str]) -> tuple[_Group, ...]:
    """Gather files by environment, and keep those environments in which references were seen."""
    holding = {*(one.path for one in survey.seen), *survey.orphans}
    gathered: dict[str, list[str]] = {}
    for path, place in survey.places.items():
        gathered.setdefault(place.name, []).append(path)
    groups = []
    for name, files in gathered.items():
        kind = survey.places[files[0]].kind
        needed = {*first, *survey.naming} if kind in {Kind.UNKNOWN, Kind.SHARED} else holding
        narrow = {survey.places[path].segments for path in files if path in needed}
        if narrow:
            groups.append(_Group(name=name, kind=kind, files=frozenset(files), narrow=tuple(sorted(narrow))))
    return tuple(sorted(groups, key=lambda group: (group.kind, group.name)))


def _globs(group: _Group, places: Mapping[str, Place]) -> tuple[Glob, ...]:
    others = [path for path in places if path not in group.files]
    return tuple(glob_of(one) for one in patterns(group.narrow, others))


def _left_over(
    survey: Survey, first: Collection[str], globs: Mapping[str, Sequence[Glob]]
) -> Mapping[str, tuple[Glob, ...]]:
    """Gather what no environment has: all there is in a repository without environments, else the odd ones."""
    taken = set(matched([glob for some in globs.values() for glob in some], survey.paths))
    left = [path for path in first if path not in taken]
    if not left:
        return {}
    name = _OTHER if globs else _ALL
    while name in globs:
        name += "s"
    return {name: tuple(glob_of(one) for one in alone(left, {*taken, *survey.places} - {*left}))}


def _layers(survey: Survey, groups: Sequence[_Group], globs: Mapping[str, tuple[Glob, ...]]) -> tuple[Glob, ...]:
    """Return where overlays find their repositories: shared folders of values, not of kustomize."""
    mappings = {one.path for one in survey.seen if one.mapping} | {*survey.naming}
    return tuple(
        glob
        for group in groups
        if group.kind is Kind.SHARED and not group.files.isdisjoint(mappings)
        if not any(path.rpartition("/")[2].startswith("kustomization.") for path in group.files)
        for glob in globs[group.name]
    )


def _environment(group: _Group, mine: Sequence[Sighting], groups: Sequence[_Group]) -> EnvironmentDraft:
    """Decide how an environment moves, by what its name says it is for and by the tags that stand in it."""
    stand = Counter(one.channel for one in mine if one.path in group.files and one.channel)
    origin = _origin(group, groups)
    if group.kind in {Kind.LOCAL, Kind.DEV}:
        channel, why = _channel(stand, mine)
        return _entry(group.name, group.kind, why, follow=channel)
    if origin is not None:
        return _entry(group.name, group.kind, f"never moved by bump --env {group.name}", promote_from=origin)
    if group.kind in {Kind.TEST, Kind.STAGING} and stand:
        channel, why = _channel(stand, mine)
        return _entry(group.name, group.kind, f"nothing to promote from; {why}", follow=channel)
    return _entry(group.name, group.kind, "moved by hand until it has follow or promote_from")


def _origin(group: _Group, groups: Sequence[_Group]) -> str | None:
    """Return where an environment's digests come from: the one just before it, of the same region if there are more."""
    before = [one for one in groups if Kind.DEV <= one.kind < group.kind <= Kind.PRODUCTION]
    if not before:
        return None
    kind = max(one.kind for one in before)
    words = {*group.name.split("-")}
    nearest = [one.name for one in before if one.kind is kind]
    return min(nearest, key=lambda name: (-len(words & {*name.split("-")}), len(name), name))


def _channel(stand: Mapping[Tag, int], mine: Sequence[Sighting]) -> tuple[Tag, str]:
    """Return the tag to follow: the most frequent one that stands there, else anywhere, else main."""
    if stand:
        channel = _most(stand)
        others = ", ".join(f"{tag} ({count})" for tag, count in sorted(stand.items()) if tag != channel)
        return channel, f"{_times(stand[channel])} here{f'; so do {others}' if others else ''}"
    anywhere = Counter(one.channel for one in mine if one.channel)
    if anywhere:
        return _most(anywhere), "no such tag stands here, but elsewhere: check it"
    return MAIN, "a guess, no such tag stands anywhere: check it"


def _times(count: int) -> str:
    return "this tag stands once" if count == 1 else f"this tag stands {count} times"


def _most(stand: Mapping[Tag, int]) -> Tag:
    return min(stand, key=lambda tag: (-stand[tag], tag))


def _rest(name: str, mine: Sequence[Sighting], *, whole: bool) -> EnvironmentDraft:
    stand = Counter(one.channel for one in mine if one.channel)
    if whole and stand:
        channel, why = _channel(stand, mine)
        return _entry(name, Kind.UNKNOWN, f"no folder is named like an environment; {why}", follow=channel)
    return _entry(name, Kind.SHARED, "moved by hand: no folder here is named like an environment")


def _entry(
    name: str, kind: Kind, reason: str, *, follow: Tag | None = None, promote_from: str | None = None
) -> EnvironmentDraft:
    return EnvironmentDraft(name=name, kind=kind, paths=(), follow=follow, promote_from=promote_from, reason=reason)


def _placed(
    environments: Sequence[EnvironmentDraft], globs: Mapping[str, tuple[Glob, ...]], places: Mapping[str, Place]
) -> tuple[EnvironmentDraft, ...]:
    """Give each environment its patterns, and leave out what lies deeper in it and belongs to another."""
    files: dict[str, list[str]] = {}
    for path, place in places.items():
        files.setdefault(place.name, []).append(path)
    done = []
    for one in environments:
        mine = globs[one.name]
        exclude = tuple(
            glob
            for other in environments
            if other.name != one.name
            for glob in globs[other.name]
            if any(True for _ in matched(mine, matched((glob,), files.get(other.name, ()))))
        )
        done.append(replace(one, paths=mine, exclude=exclude))
    return tuple(done)
