"""A YAML file by its keys, for readers that look for other things than images: workflows, rules of other bots.

It is parsed as values files are, with their limits. What is walked over is counted, an alias each time that it is
followed, so that a small file cannot be a large walk.
"""

from collections.abc import Iterator
from typing import Final

from bot.errors import UnreadableFile
from bot.pins.discover import BOM, decode
from bot.pins.nodes import Alias, Budget, Mapping, Node, Scalar, Sequence, TooMuch, compose, plain_start

MOST_STEPS: Final = 100_000


class Tree:
    """One node of a document, or the place where there is none: that holds nothing, and stands on line 0."""

    __slots__ = ("_node", "_steps")

    def __init__(self, node: Node | None, steps: list[int]) -> None:
        """`steps` holds how many are left for the whole file."""
        self._node = node.target if isinstance(node, Alias) else node
        self._steps = steps

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return self._node is not None

    @property
    def text(self) -> str:
        """What a scalar says; empty for everything else."""
        return str(self._node.value) if isinstance(self._node, Scalar) else ""

    @property
    def line(self) -> int:
        """Where a scalar stands, from 1; for a collection where its first scalar does; 0 when it has none."""
        node = self._node
        while isinstance(node, Mapping | Sequence):
            inside = node.parts if isinstance(node, Mapping) else node.items
            node = inside[0] if inside else None
        return plain_start(node)[1] + 1 if isinstance(node, Scalar | Alias) else 0

    def at(self, *keys: str) -> "Tree":
        """Go down by keys; the last of two equal keys counts."""
        found = self
        for key in keys:
            found = next((value for name, value in reversed(found.entries()) if name == key), Tree(None, self._steps))
        return found

    def entries(self) -> "list[tuple[str, Tree]]":
        """Return the keys of a mapping with what is below each; empty for everything else."""
        if not isinstance(self._node, Mapping):
            return []
        self._walk(len(self._node.parts))
        return [(Tree(key, self._steps).text, Tree(value, self._steps)) for key, value in self._node.entries]

    def items(self) -> "list[Tree]":
        """Return the items of a list; something else is a list of itself alone, nothing an empty one."""
        if isinstance(self._node, Sequence):
            self._walk(len(self._node.items))
            return [Tree(item, self._steps) for item in self._node.items]
        return [self] if self else []

    def texts(self) -> tuple[str, ...]:
        """Return what the items of a list say."""
        return tuple(item.text for item in self.items() if item.text)

    def below(self, key: str) -> "list[tuple[str, Tree]]":
        """Return what is below, each with its key; items of a list have the list's, which is `key`."""
        return [(key, item) for item in self.items()] if isinstance(self._node, Sequence) else self.entries()

    def everything(self) -> "Iterator[tuple[str, Tree]]":
        """Yield whatever is below, with the key that it is under; items of a list have their list's."""
        waiting = [("", self)]
        while waiting:
            key, one = waiting.pop()
            yield key, one
            waiting.extend(reversed(one.below(key)))

    def _walk(self, steps: int) -> None:
        self._steps[0] -= steps
        if self._steps[0] < 0:
            raise TooMuch(f"more than {MOST_STEPS} values to look at; use fewer aliases")


def read_trees(content: bytes) -> tuple[Tree, ...]:
    """Return the documents of a YAML file; raises `UnreadableFile`, also later from a walk that is too long."""
    text = decode(content).removeprefix(BOM)
    steps = [MOST_STEPS]
    return tuple(Tree(node, steps) for node in compose(text, hot=lambda _: True, budget=Budget()))


def read_tree(content: bytes) -> Tree:
    """Return the only document of a YAML file; raises `UnreadableFile`."""
    documents = read_trees(content)
    if len(documents) > 1:
        raise UnreadableFile("a second document; expected one")
    return documents[0] if documents else Tree(None, [MOST_STEPS])
