"""Finds the texts of a values file in which template actions or whole manifests stand, each with its place."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from bot.pins.frame import Path, render
from bot.pins.nodes import Scalar
from bot.pins.within import Place, walk

_ACTION: Final = "{{"


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar with its key path. `starts` are the offsets at which its lines begin."""

    value: str
    keys: Path
    starts: tuple[int, ...]
    place: Place

    @property
    def key(self) -> str:
        """The key path as people write it."""
        return render(self.keys)

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of the file, each from 1, where a character of the text stands."""
        if self.place.fixed is not None:
            return self.place.fixed
        row = bisect_right(self.starts, offset) - 1
        return self.place.lines + row + 1, self.place.columns + offset - self.starts[row] + 1


def read_texts(content: bytes, also: Callable[[str], object]) -> Iterator[Text]:
    """Yield every scalar with an action in it, or of which `also` says so; raises `UnreadableFile`."""
    for spot in walk(content, lambda _: False):
        if isinstance(spot.node, Scalar) and (_ACTION in spot.node.value or also(spot.node.value)):
            value = str(spot.node.value)
            lengths = (len(line) + 1 for line in value.split("\n")[:-1])
            yield Text(value, spot.keys, tuple(accumulate(lengths, initial=0)), spot.place.inside(spot.node, spot.root))
