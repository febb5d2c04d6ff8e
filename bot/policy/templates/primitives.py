"""Finds custom resources in the text of a template, by keys and how far right they stand; actions are blanks by then.

A template is no YAML before it is run, so this reads lines: a key, what it is under, and what stands behind it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

_PULL: Final = "imagePullPolicy"
_KEY: Final = re.compile(r"""(?P<lead>[ ]*(?:-[ ]+)*)["']?(?P<key>[\w.-]+)["']?[ \t]*:(?=[ \t]|$)(?P<value>.*)""")
_IN_BRACES: Final = re.compile(rf"""[{{,][ ]*["']?{_PULL}["']?[ ]*:(?P<value>[^,}}]*)""")
_VALUE: Final = re.compile(r"""[ \t]*["']?([\w.-]+)["']?[ \t]*(?:#.*)?$""")


@dataclass(frozen=True, slots=True)
class Primitive:
    """A custom resource: where its kind stands, and from where to where what `spec.imagePullPolicy` says."""

    kind: str
    start: int
    policies: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Mapping:
    """One mapping while its lines are read; `within` is the one around it, and `under` the key there."""

    indent: int
    within: "_Mapping | None"
    under: str
    kind: str = ""
    start: int = 0
    last: str = ""
    policies: list[tuple[int, int]] = field(default_factory=list)


def primitives(text: str, kinds: Collection[str]) -> tuple[Primitive, ...]:
    """Return the custom resources of some kinds in the order of the text, which has no actions any more."""
    found = [one for one in _mappings(text) if one.kind in kinds]
    return tuple(
        Primitive(one.kind, one.start, tuple(one.policies)) for one in sorted(found, key=lambda one: one.start)
    )


def _mappings(text: str) -> list[_Mapping]:
    """Return every mapping; those that are open stand in a list, each further right than the one before."""
    found: list[_Mapping] = []
    open_: list[_Mapping] = []
    place = 0
    for line in text.split("\n"):
        start, place = place, place + len(line) + 1
        if line.startswith(("---", "...")):
            open_ = []
        match = _KEY.match(line)
        if match is None:
            continue
        lead = match["lead"]
        indent = len(lead)
        # An item of a list begins a mapping of its own, even where another one of the same list stands above.
        edge = lead.find("-") if "-" in lead else indent
        while open_ and open_[-1].indent > edge:
            open_.pop()
        if not open_ or open_[-1].indent < indent:
            around = open_[-1] if open_ else None
            open_.append(_Mapping(indent, around, around.last if around else ""))
            found.append(open_[-1])
        _take(open_[-1], match, start)
    return found


def _take(one: _Mapping, match: re.Match[str], start: int) -> None:
    key, value = match["key"], _VALUE.match(match["value"])
    one.last = key
    if key == "kind" and value is not None:
        one.kind, one.start = value[1], start + match.start("key")
    elif key == _PULL and one.under == "spec" and one.within is not None:
        one.within.policies.append((start + match.start("value"), start + match.end("value")))
    elif key == "spec":
        for braces in _IN_BRACES.finditer(match["value"]):
            begin = start + match.start("value")
            one.policies.append((begin + braces.start("value"), begin + braces.end("value")))
