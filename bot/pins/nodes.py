"""YAML text → a tree that still knows where every scalar stands, without the branches that cannot matter.

The tree is built from ruamel's event stream and not from loaded values: loading loses places, merges aliases and
resolves `1.10` to a number. Nothing here knows what an image is.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from bot.errors import UnreadableFile

MOST_DEPTH: Final = 100
MOST_EVENTS: Final = 200_000
# What the pure parser raises beside its own errors: on `%YAML 1.200`, on an escape beyond Unicode, on endless digits.
NOT_YAML: Final = (YAMLError, AssertionError, OverflowError, ValueError)
# The C parser takes bytes, and a text that stood in escapes may hold half a character.
NOT_C_YAML: Final = (YAMLError, UnicodeEncodeError)

# A scalar is the parser's own event: value, style (`'`, `"`, `|`, `>`; empty or None for plain), anchor, tag, marks.
Scalar = ScalarEvent


class Mapping(NamedTuple):
    """Keys and values in turn, as in the text; `flow` is whether it is written in braces."""

    parts: list["Node"]
    flow: bool

    @property
    def entries(self) -> Iterator[tuple["Node", "Node"]]:
        """The pairs in the order of the text."""
        return zip(self.parts[::2], self.parts[1::2], strict=True)


class Sequence(NamedTuple):
    """Items in the order of the text."""

    items: list["Node"]


class Alias(NamedTuple):
    """`*name`: its event, and what it stands for; None where that is not known."""

    event: AliasEvent
    target: "Node | None"


Node = Scalar | Mapping | Sequence | Alias
# Stands for every collection in which nothing was of interest.
COLD: Final = Sequence([])


class TooMuch(UnreadableFile):
    """A limit is reached: the whole file is given up, wherever in it that happens."""


class Budget:
    """How much of one file may still be read, texts within its texts included."""

    def __init__(self, *, events: int = MOST_EVENTS, characters: int = 0) -> None:
        """Start with `events` YAML events, and `characters` of texts within texts."""
        self.events = events
        self.characters = characters


def compose(
    text: str,
    *,
    hot: Callable[[str], object],
    budget: Budget,
    depth: int = 0,
    opens: Callable[[str], object] | None = None,
) -> list[Node]:
    """Build one tree per document of `text`, which has no byte order mark; raises `UnreadableFile`.

    Only what holds a scalar that is `hot` is kept, with everything beside it, and what stands right below a key of
    which `opens` says so. `depth` are the levels around the text.
    The C parser is about ten times faster, but refuses a plain `a:b` in flow style, so what it cannot read is given
    once to the other one.
    """
    before = budget.events
    with suppress(*NOT_C_YAML):
        return _compose(text, hot, budget, depth, opens, pure=False)
    budget.events = before  # what is read again is not counted twice
    try:
        return _compose(text, hot, budget, depth, opens, pure=True)
    except NOT_YAML as error:
        raise UnreadableFile(_explained(error, text)) from error
    except RecursionError as error:
        raise TooMuch(f"nested deeper than {MOST_DEPTH} levels") from error


class Meaning(NamedTuple):
    """One event without its place: its class's name, and what a scalar or a collection says."""

    kind: str
    value: object
    style: str
    anchor: object
    tag: object


SCALAR: Final = ScalarEvent.__name__


def events(*texts: str) -> list[list[Meaning]]:
    """What each of `texts` means as a stream, without places: equal for two that differ in layout alone.

    One parser reads them all, because the two do not describe everything in the same words. Raises one of `NOT_YAML`.
    """
    try:
        return [[_meaning(event) for event in _parsed(text, pure=False)] for text in texts]
    except NOT_C_YAML:
        return [[_meaning(event) for event in _parsed(text, pure=True)] for text in texts]


def _parsed(text: str, *, pure: bool) -> Iterator[Any]:
    stream: Iterator[Any] = YAML(typ="safe", pure=pure).parse(text)
    return stream


def _meaning(event: Any) -> Meaning:  # noqa: ANN401 - the C and the Python event share no typed class
    return Meaning(
        type(event).__name__,
        getattr(event, "value", None),
        getattr(event, "style", None) or "",
        getattr(event, "anchor", None),
        getattr(event, "tag", None),
    )


def _compose(  # noqa: C901, PLR0912, PLR0915 - one branch per kind of event, in one loop: it runs once per scalar
    text: str,
    hot: Callable[[str], object],
    budget: Budget,
    depth: int,
    opens: Callable[[str], object] | None,
    *,
    pure: bool,
) -> list[Node]:
    documents: list[Node] = []
    anchors: dict[str, Node] = {}
    known: dict[str, bool] = {}  # keys are written again and again
    # Each open collection with the flat list that it goes to, and whether that one was of interest already.
    open_: list[tuple[Any, list[Node], bool]] = []
    children, warm = documents, False
    # The C parser is asked itself: a generator around it would take a third of the time.
    parser: Any = None if pure else YAML(typ="safe", pure=False).get_constructor_parser(text)[1]
    next_event: Callable[[], Any] = _parsed(text, pure=True).__next__ if pure else parser.get_event
    left = budget.events
    try:
        while True:
            event = next_event()
            kind = type(event)
            left -= 1
            if left < 0:
                raise TooMuch(f"more than {MOST_EVENTS} YAML events; split the file")
            if kind is ScalarEvent:
                if not warm:
                    said = event.value
                    heard = known.get(said)
                    if heard is None:
                        heard = known[said] = bool(hot(said))
                    warm = heard
                if event.anchor is not None:
                    anchors[event.anchor] = event
                children.append(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if len(open_) + depth >= MOST_DEPTH:
                    raise TooMuch(f"nested deeper than {MOST_DEPTH} levels")
                anchors.pop(event.anchor, None)
                key = children[-1] if children else None
                open_.append((event, children, warm))
                children, warm = [], opens is not None and type(key) is ScalarEvent and bool(opens(key.value))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                start, outer, was_warm = open_.pop()
                node: Node = COLD
                if warm:
                    node = Mapping(children, bool(start.flow_style)) if kind is MappingEndEvent else Sequence(children)
                if start.anchor is not None:
                    anchors[start.anchor] = node
                outer.append(node)
                children, warm = outer, warm or was_warm
            elif kind is AliasEvent:
                target = anchors.get(event.anchor)
                warm = warm or isinstance(target, Mapping) or (isinstance(target, Scalar) and bool(hot(target.value)))
                children.append(Alias(event, target))
            elif kind is DocumentStartEvent:
                anchors.clear()
                warm = False
            elif kind is StreamEndEvent:
                return documents
    finally:
        budget.events = left
        if parser is not None:
            parser.dispose()


def plain_start(node: Scalar | Alias) -> tuple[int, int, int]:
    """The index, line and column of a scalar or alias, each from 0."""
    mark = cast("Any", node.event if isinstance(node, Alias) else node).start_mark
    return mark.index, mark.line, mark.column


def _explained(error: Exception, text: str) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    line = f"line {mark.line + 1}: " if mark is not None else ""
    template = ", perhaps a Helm template" if "{{" in text else ""
    return f"{line}not YAML ({problem}){template}; mend it, or leave it out by `exclude`"
