"""What a template's expression is, as far as that is known: a path of values, a `dict`, or a file of the chart.

All of it is bounded: a template can be written so that it would grow with every line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Keys = tuple[str, ...]
UNKNOWN: Final[Keys] = ("?",)
EACH: Final = "[]"
_MOST_KEYS: Final = 50
_MOST_SOURCES: Final = 64
_MOST_NESTED: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """What `dict` makes; `depth` is how many of them stand in each other."""

    entries: Mapping[str, "Seen"]
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """What `.Files.Get` reads, by its path in the chart."""

    path: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A value from the root (`Values.global.x`), and the values that it comes from; `?` is what is not known."""

    value: Keys | Table | Document | None
    sources: frozenset[Keys] = frozenset()

    def below(self, keys: Keys) -> "Seen":
        """Go down by keys."""
        found = self
        while isinstance(found.value, Table) and keys:
            found, keys = found.value.entries.get(keys[0], NOTHING), keys[1:]
        if not keys:
            return found
        if not isinstance(found.value, tuple) or len(found.value) > _MOST_KEYS:
            return Seen(None, found.sources or NOTHING.sources)
        path = (*found.value, *keys)
        # Helm's own way to a plain map.
        return Seen(None if path == ("Values", "AsMap") else path, frozenset({path}))

    @property
    def known(self) -> object:
        """What two of one meaning have in common, to look it up by."""
        if isinstance(self.value, Table):
            return tuple(sorted((key, repr(one.known)) for key, one in self.value.entries.items()))
        return self.value


NOTHING: Final = Seen(None, frozenset({UNKNOWN}))
ROOT: Final = Seen((), frozenset({()}))


def joined(sources: Iterable[frozenset[Keys]]) -> frozenset[Keys]:
    """Put sources together; too many are as good as unknown."""
    found: set[Keys] = set()
    for one in sources:
        found |= one
        if len(found) > _MOST_SOURCES:
            return frozenset({*list(found)[:_MOST_SOURCES], UNKNOWN})
    return frozenset(found)


def table(keys: Sequence[str | None], values: Sequence[Seen]) -> Seen:
    """Make what `dict` does of keys, None for one that is not known, and values."""
    entries = {key: value for key, value in zip(keys, values, strict=False) if key is not None}
    depth = 1 + max((one.value.depth for one in entries.values() if isinstance(one.value, Table)), default=0)
    return Seen(
        Table(entries, depth) if depth <= _MOST_NESTED else None, joined(one.sources for one in entries.values())
    )
