"""Goes through a whole file for what is no image, texts within its texts included: what it is told to look for.

Every place is one of the file, as in `frame`. An alias is followed once, so that a small file is no large walk.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.errors import UnreadableFile
from bot.pins.discover import BOM, MOST_BYTES, decode
from bot.pins.frame import Inner, Path, Root, masked
from bot.pins.nodes import Alias, Budget, Mapping, Node, Scalar, Sequence, TooMuch, compose, plain_start

_BLOCK: Final = "|"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: the lines before and columns left of it; `fixed` where its lines are none of the file."""

    lines: int = 0
    columns: int = 0
    fixed: tuple[int, int] | None = None

    def of(self, node: Scalar | Alias) -> tuple[int, int]:
        """Return line and column, each from 1."""
        _, line, column = plain_start(node)
        return self.fixed or (line + self.lines + 1, column + self.columns + 1)

    def inside(self, node: Scalar, root: Root) -> "Place":
        """Return the place of the text in a scalar."""
        if self.fixed is not None or node.style != _BLOCK:
            return Place(fixed=self.of(node))
        first = plain_start(node)[1] + 1 + self.lines
        return Place(lines=first, columns=_indentation(node.value, root, first))


@dataclass(frozen=True, slots=True)
class Spot:
    """One node with its key path, and the place of the text that it is written in.

    An alias is what it stands for, where that stands.
    """

    node: Node
    keys: Path
    place: Place
    root: Root


def walk(content: bytes, opens: Callable[[str], object]) -> Iterator[Spot]:
    """Yield every mapping, list and scalar; raises `UnreadableFile`, also for a text within that is too large.

    A scalar of which `opens` says so is read as YAML, too, with something in the place of template actions; where it
    is none it is yielded once more, as the document that it should be.
    """
    text = decode(content).removeprefix(BOM)
    root = Root(text, shift=0, budget=Budget(characters=4 * MOST_BYTES))
    followed: set[int] = set()
    trees = compose(text, hot=lambda _: True, budget=root.budget)
    waiting = [Spot(tree, (), Place(), root) for tree in reversed(trees)]
    while waiting:
        spot = waiting.pop()
        if isinstance(spot.node, Alias):
            target = spot.node.target
            if target is None or id(target) in followed:
                continue
            followed.add(id(target))
            spot = Spot(target, spot.keys, spot.place, root)
        yield spot
        waiting.extend(reversed(list(_below(spot, opens))))


def _below(spot: Spot, opens: Callable[[str], object]) -> Iterator[Spot]:
    node, keys = spot.node, spot.keys
    if isinstance(node, Mapping):
        for key, value in node.entries:
            name = str(key.value) if isinstance(key, Scalar) else "?"
            yield Spot(value, (*keys, name), spot.place, spot.root)
    elif isinstance(node, Sequence):
        for position, item in enumerate(node.items):
            yield Spot(item, (*keys, position), spot.place, spot.root)
    elif isinstance(node, Scalar) and not (keys and isinstance(keys[-1], Inner)) and opens(node.value):
        trees = _inner(node.value, spot.root, len(keys) + 1)
        for number, tree in enumerate([node] if trees is None else trees):
            place = spot.place if trees is None else spot.place.inside(node, spot.root)
            yield Spot(tree, (*keys, Inner(number)), place, spot.root)


def _inner(text: str, root: Root, depth: int) -> list[Node] | None:
    root.budget.characters -= len(text)
    if root.budget.characters < 0:
        raise TooMuch("too much YAML within YAML; split the file")
    for shown in (text, masked(text)) if "{{" in text else (text,):
        try:
            return compose(shown, hot=lambda _: True, budget=root.budget, depth=depth)
        except TooMuch:
            raise
        except UnreadableFile:
            continue
    return None


def _indentation(text: str, root: Root, first: int) -> int:
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            return max(0, len(root.line(first + number)) - len(line))
    return 0
