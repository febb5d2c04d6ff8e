"""What lower value files say about the overlays above them: repositories by key path, and registry prefixes.

The end of a path tells which files belong together: `_shared/apps/api.yaml` lies below `env/dev/apps/api.yaml`, and
so does not speak for any overlay that shares less of it. Sure is only what stands at the same place on both sides,
counted from where the patterns of layers and overlays begin to differ. All else is a guess: what is read from it has
to be proven by the digest that stands there (`Pin.sure`). So is what a layer says that is nobody's own, for all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

# The end of a path that all paths share.
_ALL: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that a layer gives: `text` as written, `registry` beside it, and `path:line` where.

    `order` is the layer's, higher wins. `everywhere`: it is meant for more than the layer's own overlays.
    """

    text: str
    path: str
    line: int
    order: int
    registry: str = ""
    everywhere: bool = False

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}"


class Prefix(NamedTuple):
    """A registry that stands before names without one, where it says so, and whether it is sure to hold here."""

    text: str
    place: str
    sure: bool


# What layers give under one key, by the longest end of the layer's path that an overlay shares with it.
Given = Mapping[str, tuple[Named, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Repositories, registries beside them and digests by the rendered key path of their mapping; registry prefixes.

    `relative` has, of layers and overlays, their paths without what their patterns begin with.
    """

    repositories: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    registries: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    digests: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    prefixes: Given = field(default_factory=lambda: MappingProxyType({}))
    relative: Mapping[str, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        """Whether there is anything in them."""
        return bool(self.repositories or self.registries or self.prefixes or self.digests)

    def repository(self, path: str, key: str) -> tuple[Named | None, bool]:
        """Return what stands at `key` below the file `path`, and whether that is sure."""
        return self._nearest(self.repositories.get(key, {}), path)

    def registry(self, path: str, key: str) -> Prefix | None:
        """Return the registry that stands at `key` below the file `path`."""
        found, sure = self._nearest(self.registries.get(key, {}), path)
        return Prefix(found.text, found.place, sure) if found else None

    def digest(self, path: str, key: str) -> Named | None:
        """Return the digest that the file `path` inherits at `key`, where that is sure."""
        found, sure = self._nearest(self.digests.get(key, {}), path)
        return found if sure else None

    def may_pin(self, path: str, key: str) -> bool:
        """Whether the file `path` inherits a digest at `key`, be it sure or not."""
        given = self.digests.get(key, {})
        return bool(given) and any(end in given for end in ends(path))

    def prefix(self, path: str) -> Prefix | None:
        """Return the registry prefix that holds for the file `path`."""
        found, sure = self._nearest(self.prefixes, path)
        return Prefix(found.text, found.place, sure) if found else None

    def _nearest(self, given: Given, path: str) -> tuple[Named | None, bool]:
        """Pick what shares most of the end of `path`: the same place first, and of those the highest layer's.

        None when several there do not agree.
        """
        if not given:
            return None, False
        there = next((given[end] for end in ends(path) if end in given), ())
        same = [one for one in there if self._is_same_place(one.path, path)]
        best = same or there
        top = max((one.order for one in best), default=0)
        highest = [one for one in best if one.order == top]
        agreed = len({(one.registry, one.text) for one in highest}) == 1
        return (highest[0], bool(same)) if agreed else (None, False)

    def _is_same_place(self, layer: str, path: str) -> bool:
        return not frozenset(self.relative.get(layer, ())).isdisjoint(self.relative.get(path, ()))


NO_LAYERS: Final = Layers()


class Owners:
    """Which end of a layer's path an overlay has too: it is that overlay's own, and of no other one's."""

    def __init__(self, above: Iterable[str]) -> None:
        """`above` are the overlays."""
        self._ends = {end for path in above for end in ends(path)}

    def given(self, names: Iterable[Named]) -> Given:
        """Sort names by the end of their layer's path; what is meant for all stands under the empty one too."""
        groups: dict[str, list[Named]] = {}
        own: dict[str, str] = {}
        for one in names:
            if one.path not in own:
                own[one.path] = next((end for end in ends(one.path) if end in self._ends), _ALL)
            for end in {own[one.path], _ALL} if one.everywhere else (own[one.path],):
                groups.setdefault(end, []).append(one)
        return {end: tuple(group) for end, group in groups.items()}


def ends(path: str) -> Iterator[str]:
    """Yield the whole path, then ever shorter ends of it by whole segments, and at last the empty one."""
    yield path
    at = path.find("/")
    while at >= 0:
        yield path[at + 1 :]
        at = path.find("/", at + 1)
    yield _ALL
