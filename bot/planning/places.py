"""Which environment a file belongs to, told by the names of its folders and its own. For a first configuration only.

A folder below `overlays`, `env` and the like says most; then a folder with a usual name; then a file such as
`values-dev.yaml`. Nothing is read here.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.planning.glob import Glob


class Kind(IntEnum):
    """What an environment is for, in the order in which a build passes through."""

    LOCAL = 0
    DEV = 1
    TEST = 2
    STAGING = 3
    PRODUCTION = 4
    UNKNOWN = 5
    SHARED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment's name and kind, and the segments of the narrowest pattern that stands for its files here."""

    name: str
    kind: Kind
    segments: tuple[str, ...]


# Names that stand for an environment wherever a folder has them.
USUAL: Final[Mapping[str, Kind]] = {
    "local": Kind.LOCAL,
    "dev": Kind.DEV,
    "devel": Kind.DEV,
    "develop": Kind.DEV,
    "development": Kind.DEV,
    "test": Kind.TEST,
    "testing": Kind.TEST,
    "qa": Kind.TEST,
    "uat": Kind.STAGING,
    "stage": Kind.STAGING,
    "staging": Kind.STAGING,
    "stg": Kind.STAGING,
    "preprod": Kind.STAGING,
    "pre-prod": Kind.STAGING,
    "preproduction": Kind.STAGING,
    "prd": Kind.PRODUCTION,
    "prod": Kind.PRODUCTION,
    "production": Kind.PRODUCTION,
}
# Words that do so only where something else says that an environment is named.
_WORDS: Final[Mapping[str, Kind]] = {
    **USUAL,
    "minikube": Kind.LOCAL,
    "int": Kind.DEV,
    "integration": Kind.DEV,
    "acc": Kind.STAGING,
    "acceptance": Kind.STAGING,
    "nonprod": Kind.STAGING,
    "live": Kind.PRODUCTION,
}
CONTAINERS: Final = frozenset(
    {"cluster", "clusters", "env", "environment", "environments", "envs", "overlay", "overlays"}
)
_SHARED: Final = frozenset({"base", "bases", "common", "default", "defaults", "global", "shared"})
# What is no deployment: tests of a chart, its templates, and folders of tools, whose names begin with a dot.
_NONE: Final = frozenset({"docs", "examples", "fixtures", "node_modules", "templates", "testdata", "tests", "vendor"})
_NO_SUFFIX: Final = frozenset({"local", "test", "testing"})  # ends of an app's name as often as an environment
_RESERVED: Final = frozenset({"promote", "rollback"})
_LONGEST_NAME: Final = 39
_LONGEST_PATH: Final = 400
_DEFAULT_VALUES: Final = frozenset({"values.yaml", "values.yml"})
_DIVIDERS: Final = re.compile(r"[-_.]")


def assigned(paths: Iterable[str]) -> Mapping[str, Place]:
    """Return the place of every .yaml and .yml file that has one."""
    yaml = sorted(path for path in paths if path.endswith((".yaml", ".yml")) and is_deployment(path))
    places = {path: place for path in yaml if (place := place_of(path)) is not None}
    beside = {
        place.segments[:-1] for place in places.values() if place.kind is not Kind.SHARED and place.segments[-1] != "**"
    }
    for path in yaml:
        *folders, name = segments_of(path)
        if name in _DEFAULT_VALUES and path not in places and tuple(folders) in beside:
            places[path] = Place(name="shared", kind=Kind.SHARED, segments=(*folders, name))
    return _told_apart(places)


def is_deployment(path: str) -> bool:
    """Whether a file can be one that is deployed, by the folders that it lies in."""
    folders = path.split("/")[:-1]
    return len(path) <= _LONGEST_PATH and not any(one.startswith(".") or one.lower() in _NONE for one in folders)


def place_of(path: str) -> Place | None:
    """Return what the names in `path` say, the strongest sign first; None when they say nothing."""
    *folders, name = path.split("/")
    known = _contained(folders, known=True) or _usual(folders) or _named(folders, name)
    return known or _contained(folders, known=False) or _shared(folders)


def segments_of(path: str) -> tuple[str, ...]:
    """Return the segments of a pattern for `path` itself; what no pattern can hold becomes a `?`."""
    return tuple(
        "".join("?" if char in "[]{}!\\*" or not char.isprintable() else char for char in segment)
        for segment in path.split("/")
    )


def glob_of(segments: Iterable[str]) -> Glob:
    """Return the pattern of these segments."""
    return Glob.parse("/".join(segments))


def _contained(folders: list[str], *, known: bool) -> Place | None:
    for position, (container, name) in enumerate(itertools.pairwise(folders)):
        if container.lower() not in CONTAINERS or _is_shared(name):
            continue
        kind = _kind(name)
        if (kind is not None) == known:
            return _folder(folders, position + 1, Kind.UNKNOWN if kind is None else kind)
    return None


def _usual(folders: list[str]) -> Place | None:
    at = next((position for position, name in enumerate(folders) if name.lower() in USUAL), None)
    return None if at is None else _folder(folders, at, USUAL[folders[at].lower()])


def _shared(folders: list[str]) -> Place | None:
    at = next((position for position, name in enumerate(folders) if _is_shared(name)), None)
    return None if at is None else _folder(folders, at, Kind.SHARED)


def _is_shared(name: str) -> bool:
    return name.lower().lstrip("_") in _SHARED


def _folder(folders: list[str], at: int, kind: Kind) -> Place:
    return Place(name=_slug(folders[at]), kind=kind, segments=(*segments_of("/".join(folders[: at + 1])), "**"))


def _named(folders: list[str], file: str) -> Place | None:
    """Read `values-prod-eu.yaml`, `dev-values.yaml`, `dev.yaml` and `api-dev.yaml`."""
    stem, _, extension = file.rpartition(".")
    words = _DIVIDERS.split(stem.lower())
    first, *rest = words
    around = segments_of("/".join(folders)) if folders else ()
    if first == "values" and rest and (kind := _kind("-".join(rest))) is not None:
        return Place(name=_slug("-".join(rest)), kind=kind, segments=(*around, *segments_of(file)))
    if (words[1:] in ([], ["values"])) and first in USUAL:
        return Place(name=first, kind=USUAL[first], segments=(*around, *segments_of(file)))
    last = words[-1]
    if rest and last in USUAL and last not in _NO_SUFFIX:
        end = stem[len(stem) - len(last) - 1 :]
        return Place(name=last, kind=USUAL[last], segments=(*around, f"*{end}.{extension}"))
    return None


def _kind(name: str) -> Kind | None:
    """Return what a folder's name says, by the word in it that demands the most care."""
    text = name.lower()
    words = {text, *_DIVIDERS.split(text), *_DIVIDERS.split(text.rstrip("0123456789"))}
    if not words.isdisjoint({"pre", "non"}):
        words -= {"prod", "production"}
        words.add("nonprod")
    return max((_WORDS[word] for word in words if word in _WORDS), default=None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "environment"


def _told_apart(places: Mapping[str, Place]) -> Mapping[str, Place]:
    """Give names that the configuration takes: short enough, not reserved, and never one for two."""
    names: dict[tuple[str, bool], str] = {}
    taken: set[str] = set()
    keys = sorted({(place.name, place.kind is Kind.SHARED) for place in places.values()}, key=lambda key: key[::-1])
    for name, shared in keys:
        wanted = f"env-{name}" if name in _RESERVED else name
        names[name, shared] = _free(wanted, taken)
        taken.add(names[name, shared])
    return {
        path: Place(name=names[place.name, place.kind is Kind.SHARED], kind=place.kind, segments=place.segments)
        for path, place in places.items()
    }


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted[:_LONGEST_NAME].rstrip("-"), 1
    while name in taken:
        number += 1
        end = f"-{number}"
        name = wanted[: _LONGEST_NAME - len(end)].rstrip("-") + end
    return name
