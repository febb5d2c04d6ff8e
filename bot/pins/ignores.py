"""Finds what Argo CD is told to ignore: `ignoreDifferences` wherever it stands, and `resource.customizations`.

Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/,
https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-cm-yaml/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.pins.frame import Inner, Path, render
from bot.pins.nodes import Alias, Mapping, Node, Scalar, Sequence
from bot.pins.within import Place, Spot, walk

WORDS: Final = ("ignoreDifferences", "ignoreApplicationDifferences", "resource.customizations", "templatePatch")
_OF_APPLICATIONS: Final = "ignoreApplicationDifferences"
_LISTS: Final = ("ignoreDifferences", _OF_APPLICATIONS)
_SPLIT: Final = "resource.customizations.ignoreDifferences."
_WHOLE: Final = "resource.customizations"
_KEY: Final = re.compile(
    r"""^[ \t-]*["']?(?:ignoreDifferences|ignoreApplicationDifferences)["']?[ \t]*:""", re.MULTILINE
)
_RESPECT: Final = "RespectIgnoreDifferences=true"

# Group and kind.
_Of = tuple[str | None, str | None]


class How(StrEnum):
    """By what something is ignored; the keys that say so."""

    POINTER = "jsonPointers"
    JQ = "jqPathExpressions"
    MANAGER = "managedFieldsManagers"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """One thing that is ignored, of objects of `group` and `kind`: patterns, None where any of them is meant.

    `respected`: a sync leaves it alone, too. With `How.UNKNOWN` nobody can tell what `text` ignores.
    """

    line: int
    column: int
    key: str
    text: str
    how: How
    group: str | None = None
    kind: str | None = None
    respected: bool = False


def read_ignores(content: bytes) -> tuple[Ignored, ...]:
    """Return what a file tells Argo CD to ignore, in the order of its text; raises `UnreadableFile`."""
    if not any(word.encode() in content for word in WORDS):
        return ()
    found: list[Ignored] = []
    seen: set[tuple[int, int, str]] = set()
    for spot in walk(content, _mentions):
        for one in _in(spot):
            if (one.line, one.column, one.text) not in seen:
                seen.add((one.line, one.column, one.text))
                found.append(one)
    return tuple(sorted(found, key=lambda one: (one.line, one.column)))


def _mentions(text: str) -> bool:
    return ":" in text and any(word in text for word in (*WORDS, *How) if word)


def _in(spot: Spot) -> Iterator[Ignored]:
    if isinstance(spot.node, Mapping):
        parts = _parts(spot.node)
        respected = _respects(parts)
        for name in _LISTS:
            for position, item in enumerate(_items(parts.get(name))):
                below = Spot(item, (*spot.keys, name, position), spot.place, spot.root)
                of = ("argoproj.io", "Application") if name == _OF_APPLICATIONS else _of(item)
                yield from _entry(below, of, respected=respected)
        patch = parts.get("templatePatch")
        if isinstance(patch, Scalar) and "ignoreDifferences" in patch.value and "{{" in patch.value:
            yield _one(patch, spot.place, (*spot.keys, "templatePatch"), How.UNKNOWN)
    system = _system(spot.keys)
    if _is_no_yaml(spot) and (system is not None or _KEY.search(_text(spot.node))):
        yield _one(spot.node, spot.place, spot.keys, How.UNKNOWN)
    if system is not None and isinstance(spot.node, Mapping):
        yield from _entry(spot, system, respected=False)


def _system(keys: Path) -> _Of | None:
    """Tell of which group and kind something is a customization, by the keys that lead to it; None for none."""
    names = [key for key in keys if not isinstance(key, Inner)]
    last = names[-1] if names else ""
    if isinstance(last, str) and last.startswith(_SPLIT):
        which = last.removeprefix(_SPLIT)
        group, _, kind = which.rpartition("_")
        return (None, None) if which == "all" else (group, kind)
    match names[-3:]:
        case [str(whole), str(which), "ignoreDifferences"] if whole == _WHOLE:
            group, _, kind = which.rpartition("/")
            return group, kind
    return None


def _entry(spot: Spot, of: _Of, *, respected: bool) -> Iterator[Ignored]:
    for how in (How.POINTER, How.JQ, How.MANAGER):
        given = _parts(spot.node).get(how.value)
        for position, item in enumerate(_items(given)):
            keys = (*spot.keys, how.value, position)
            known = isinstance(item.target if isinstance(item, Alias) else item, Scalar)
            yield _one(item, spot.place, keys, how if known else How.UNKNOWN, of, respected=respected)


def _one(node: Node, place: Place, keys: Path, how: How, of: _Of = (None, None), *, respected: bool = False) -> Ignored:
    line, column = _where(node, place)
    return Ignored(
        line=line,
        column=column,
        key=render(keys),
        text=_text(node),
        how=how,
        group=of[0],
        kind=of[1],
        respected=respected,
    )


def _is_no_yaml(spot: Spot) -> bool:
    return isinstance(spot.node, Scalar) and bool(spot.keys) and isinstance(spot.keys[-1], Inner)


def _text(node: Node | None) -> str:
    node = node.target if isinstance(node, Alias) else node
    return str(node.value) if isinstance(node, Scalar) else ""


def _where(node: Node | None, place: Place) -> tuple[int, int]:
    while isinstance(node, Mapping | Sequence):
        inside = node.parts if isinstance(node, Mapping) else node.items
        node = inside[0] if inside else None
    return place.of(node) if node is not None else place.fixed or (place.lines + 1, place.columns + 1)


def _parts(node: Node | None) -> dict[str, Node]:
    """Return what stands under each key; the last of two equal keys counts."""
    node = node.target if isinstance(node, Alias) else node
    entries = node.entries if isinstance(node, Mapping) else ()
    return {str(key.value): value for key, value in entries if isinstance(key, Scalar)}


def _items(node: Node | None) -> list[Node]:
    node = node.target if isinstance(node, Alias) else node
    if isinstance(node, Sequence):
        return node.items
    return [node] if isinstance(node, Scalar) and node.value not in {"", "~", "null"} else []


def _of(item: Node) -> _Of:
    """Return the group and the kind that an entry names; what it leaves out matches nothing, or the core's group."""
    parts = _parts(item)
    group, kind = parts.get("group"), parts.get("kind")
    return None if group is None else _text(group), None if kind is None else _text(kind)


def _respects(parts: dict[str, Node]) -> bool:
    options = _items(_parts(parts.get("syncPolicy")).get("syncOptions"))
    return any(_text(one).replace(" ", "") == _RESPECT for one in options)
