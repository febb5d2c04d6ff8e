"""YAML text → a tree that still knows where every scalar stands.

The tree is built from ruamel's event stream and not from loaded values: loading loses places, merges aliases and
resolves `1.10` to a number. Nothing here knows what an image is.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

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
)

from bot.errors import UnreadableFile

MOST_DEPTH: Final = 100
MOST_EVENTS: Final = 200_000
# What the pure parser raises beside its own errors: on `%YAML 1.200`, on an escape beyond Unicode, on endless digits.
_STRAY: Final = (AssertionError, OverflowError, ValueError)


class Scalar(NamedTuple):
    """A scalar: its value, its span in the text (quotes, anchor and tag included) and how it is written.

    `style` is `'`, `"`, `|`, `>` or empty for plain; `plainly` is False when an anchor or a tag stands on it.
    """

    value: str
    start: int
    end: int
    line: int
    column: int
    style: str
    plainly: bool


class Mapping(NamedTuple):
    """Pairs in the order of the text; `start` is where it begins, `flow` whether it is written in braces."""

    entries: list[tuple["Node", "Node"]]
    start: int
    flow: bool


class Sequence(NamedTuple):
    """Items in the order of the text."""

    items: list["Node"]


class Alias(NamedTuple):
    """`*name`, with what it stands for where that is a scalar."""

    target: Scalar | None
    start: int
    end: int
    line: int
    column: int


Node = Scalar | Mapping | Sequence | Alias


def compose(text: str) -> list[Node]:
    """Build one tree per document of `text`, which has no byte order mark; raises `UnreadableFile`.

    The C parser is about ten times faster, but refuses a plain `a:b` in flow style, so what it cannot read is given
    once to the other one.
    """
    try:
        return _compose(_events(text, pure=False))
    except YAMLError:
        pass
    try:
        return _compose(_events(text, pure=True))
    except (YAMLError, *_STRAY) as error:
        raise UnreadableFile(_explained(error)) from error
    except RecursionError as error:
        raise UnreadableFile(f"nested deeper than {MOST_DEPTH} levels") from error


def events(*texts: str) -> list[list[tuple[object, ...]]]:
    """What each of `texts` means as a stream, without places: equal for two that differ in layout alone.

    One parser reads them all, because the two do not describe everything in the same words.
    """
    try:
        return [[_meaning(event) for event in _events(text, pure=False)] for text in texts]
    except YAMLError:
        return [[_meaning(event) for event in _events(text, pure=True)] for text in texts]


def _events(text: str, *, pure: bool) -> Iterator[Any]:
    stream: Iterator[Any] = YAML(typ="safe", pure=pure).parse(text)
    return stream


def _meaning(event: Any) -> tuple[object, ...]:  # noqa: ANN401 - as in _scalar
    return (
        type(event).__name__,
        getattr(event, "value", None),
        getattr(event, "anchor", None),
        getattr(event, "tag", None),
        getattr(event, "style", None),
    )


def _compose(stream: Iterator[Any]) -> list[Node]:  # noqa: C901 - one branch per kind of event
    documents: list[Node] = []
    anchors: dict[str, Scalar] = {}
    # Each open collection with the flat list of its children; a mapping's are keys and values in turn.
    open_: list[tuple[Any, list[Node]]] = []
    children: list[Node] = documents
    for count, event in enumerate(stream):
        if count > MOST_EVENTS:
            raise UnreadableFile(f"more than {MOST_EVENTS} YAML events; split the file")
        kind = type(event)
        if kind is ScalarEvent:
            scalar = _scalar(event)
            if event.anchor is not None:
                anchors[event.anchor] = scalar
            children.append(scalar)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if len(open_) >= MOST_DEPTH:
                raise UnreadableFile(f"nested deeper than {MOST_DEPTH} levels")
            anchors.pop(event.anchor, None)
            open_.append((event, children))
            children = []
        elif kind is MappingEndEvent:
            start, outer = open_.pop()
            pairs = list(zip(children[::2], children[1::2], strict=True))
            outer.append(Mapping(pairs, start.start_mark.index, bool(start.flow_style)))
            children = outer
        elif kind is SequenceEndEvent:
            _, outer = open_.pop()
            outer.append(Sequence(children))
            children = outer
        elif kind is AliasEvent:
            mark = event.start_mark
            target = anchors.get(event.anchor)
            children.append(Alias(target, mark.index, event.end_mark.index, mark.line + 1, mark.column + 1))
        elif kind is DocumentStartEvent:
            anchors.clear()
    return documents


def _scalar(event: Any) -> Scalar:  # noqa: ANN401 - the C and the Python event share no typed class
    mark = event.start_mark
    return Scalar(
        event.value,
        mark.index,
        event.end_mark.index,
        mark.line + 1,
        mark.column + 1,
        event.style or "",
        event.anchor is None and event.tag is None,
    )


def _explained(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "not YAML"
    return f"line {mark.line + 1}: {problem}" if mark is not None else str(problem)
