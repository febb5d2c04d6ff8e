"""What lower value files say about the overlays above them: repositories by key path, and registry prefixes.

The end of a path tells which files belong together: `_shared/apps/api.yaml` lies below `env/dev/apps/api.yaml`, and
so does not speak for any other overlay. A layer that is nobody's own speaks for all, where all such layers agree, but
never for sure: what is read from it has to be proven by the digest that stands there (`Pin.sure`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that a layer gives: `text` as written, and `path:line` where; `order` is the layer's, higher wins."""

    text: str
    path: str
    line: int
    order: int

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Repositories by the rendered key path of their mapping, and registry prefixes.

    `names` counts the layers' files by name; `above` has the overlays' paths by name.
    """

    repositories: Mapping[str, tuple[Named, ...]] = field(default_factory=lambda: MappingProxyType({}))
    prefixes: tuple[Named, ...] = ()
    names: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    above: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        """Whether there is anything in them."""
        return bool(self.repositories or self.prefixes)

    def repository(self, path: str, key: str) -> tuple[Named | None, bool]:
        """Return what stands at `key` below the file `path`, and whether that is sure."""
        mine = [one for one in self.repositories.get(key, ()) if not self._is_of_another(one, path)]
        found, near = _nearest(mine, path)
        return found, found is not None and (near > 1 or (near == 1 and self.names.get(_name(found.path)) == 1))

    def prefix(self, path: str) -> Named | None:
        """Return the registry prefix that holds for the file `path`."""
        return _nearest(self.prefixes, path)[0]

    def _is_of_another(self, one: Named, path: str) -> bool:
        """Whether some other overlay is nearer to the layer than `path` is."""
        near = _shared_end(one.path, path)
        return any(_shared_end(one.path, other) > near for other in self.above.get(_name(one.path), ()))


NO_LAYERS: Final = Layers()


def by_name(paths: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Group paths by the name of their file."""
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(_name(path), []).append(path)
    return {name: tuple(group) for name, group in groups.items()}


def _nearest(candidates: Iterable[Named], path: str) -> tuple[Named | None, int]:
    """Pick the candidates that share most of the end of `path`, and of those the one in the highest layer.

    None when several there do not agree.
    """
    ranked = [(_shared_end(one.path, path), one.order, one) for one in candidates]
    top = max(((near, order) for near, order, _ in ranked), default=(0, 0))
    best = [one for near, order, one in ranked if (near, order) == top]
    return (best[0], top[0]) if len({one.text for one in best}) == 1 else (None, 0)


def _shared_end(one: str, other: str) -> int:
    """How many segments, from the end, two paths share."""
    count = 0
    for left, right in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if left != right:
            break
        count += 1
    return count


def _name(path: str) -> str:
    return path.rpartition("/")[2]
