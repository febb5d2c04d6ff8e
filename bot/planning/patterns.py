"""Few patterns for many files, for a first configuration: `apps/*/overlays/dev/**` for one folder an app.

A pattern is made wider only as long as it matches nobody else's file.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from bot.planning.glob import Glob
from bot.planning.places import CONTAINERS, glob_of, segments_of

Segments = tuple[str, ...]
_MANY: Final = 12


def patterns(narrow: Collection[Segments], others: Collection[str]) -> tuple[Segments, ...]:
    """Return patterns that match all that `narrow` does, sorted, and none of `others` besides what `narrow` does."""
    kept: set[Segments] = set()
    for wide, origins in _widened(narrow).items():
        kept.update({wide} if len(origins) == 1 or not _hit(wide, others) else origins)
    if len(kept) <= _MANY:
        return tuple(sorted(kept))
    return tuple(sorted(_anywhere(kept, others)))


def alone(paths: Iterable[str], others: Iterable[str]) -> tuple[Segments, ...]:
    """Return patterns for `paths`: the highest folders in which nothing of `others` lies, else the files themselves."""
    occupied = {parent for path in others for parent in _parents(path)}
    found: set[Segments] = set()
    for path in paths:
        free = next((parent for parent in _parents(path) if parent not in occupied), None)
        found.add(segments_of(path) if free is None else (*segments_of(free), "**"))
    return tuple(sorted(found))


def matched(globs: Iterable[Glob], paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths that any of the patterns matches."""
    begun = [("/".join((*glob.literal_segments, "")) if glob.literal_segments else "", glob) for glob in globs]
    for path in paths:
        if any(f"{path}/".startswith(begin) and glob.matches(path) for begin, glob in begun):
            yield path


def _widened(narrow: Collection[Segments]) -> Mapping[Segments, frozenset[Segments]]:
    """Put a `*` where patterns differ in a single folder, again and again; each with what it came from."""
    found = {one: frozenset({one}) for one in narrow}
    for position in range(max((len(one) for one in narrow), default=0)):
        groups: dict[tuple[Segments, Segments], list[Segments]] = {}
        for one in found:
            if position < _fixed(one) and one[position].lower() not in CONTAINERS:
                groups.setdefault((one[:position], one[position + 1 :]), []).append(one)
        for (before, after), same in groups.items():
            if len(same) > 1:
                origins = frozenset().union(*(found.pop(one) for one in same))
                found[*before, "*", *after] = origins
    return found


def _fixed(one: Segments) -> int:
    """Where the end begins that names the environment: its folder and `**`, or the file."""
    return len(one) - (2 if one[-1] == "**" else 1)


def _anywhere(kept: Collection[Segments], others: Collection[str]) -> Iterator[Segments]:
    ends: dict[Segments, list[Segments]] = {}
    for one in kept:
        at = _fixed(one)
        at -= at > 0 and one[at - 1].lower() in CONTAINERS
        ends.setdefault(one[at:], []).append(one)
    for end, same in ends.items():
        wide = ("**", *end)
        yield from (wide,) if len(same) > 1 and not _hit(wide, others) else same


def _hit(segments: Segments, others: Collection[str]) -> bool:
    return next(matched((glob_of(segments),), others), None) is not None


def _parents(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
