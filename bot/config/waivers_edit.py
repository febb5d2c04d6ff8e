"""Adds entries to waivers.yaml: by splice, so that every byte and comment that is there stays.

What comes out is read again, and must be what was there and what was added; a file that is written in some other way
is refused, and its author told how to write it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from bot.config.waivers import load_waivers
from bot.errors import ConfigError
from bot.policy import Waiver
from bot.report.yaml import scalar

_BOM: Final = "\ufeff"
_KEY: Final = "waivers"
_STEP: Final = 2


def add_waivers(content: bytes | None, waivers: Sequence[Waiver], *, path: str) -> bytes:
    """Return the file with entries behind those that it has; None makes a new one.

    Raises `ConfigError` for a file that is wrong, or that cannot be added to.
    """
    before = load_waivers(content or b"", path=path)
    decoded = (content or b"").decode("utf-8")
    bom, text = (_BOM, decoded[1:]) if decoded.startswith(_BOM) else ("", decoded)
    end = "\r\n" if "\r\n" in text else "\n"
    new = _joined(text, waivers, end, bom) if waivers else (content or b"")
    try:
        after = load_waivers(new, path=path)
    except ConfigError as error:
        raise _refused(path) from error
    if [one.terms for one in after] != [one.terms for one in (*before, *waivers)]:
        raise _refused(path)
    return new


@dataclass(frozen=True, slots=True)
class _Splice:
    """Put `text` in the place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


def _joined(text: str, waivers: Sequence[Waiver], end: str, bom: str) -> bytes:
    for splice in sorted(_splices(text, waivers), key=lambda one: one.start, reverse=True):
        text = text[: splice.start] + splice.text.replace("\n", end) + text[splice.end :]
    return (bom + text).encode()


def _splices(text: str, waivers: Sequence[Waiver]) -> Iterator[_Splice]:
    events = [event for event in YAML(typ="safe", pure=True).parse(text) if _is_content(event)]
    if not events or not isinstance(events[0], MappingStartEvent):
        yield _below(text, len(text), f"version: 1\n{_KEY}:\n{_block(waivers, _STEP)}")
        return
    root = events[0]
    nodes = list(_children(events[1:-1]))
    value = next((inner for (key,), inner in zip(nodes[::2], nodes[1::2], strict=True) if _says(key, _KEY)), None)
    if value is None and root.flow_style:
        at = _last(events[:-1])
        yield _Splice(at, at, f", {_KEY}: [{_flow(waivers)}]")
    elif value is None:
        indent = root.start_mark.column
        yield _below(text, _last(events), f"{' ' * indent}{_KEY}:\n{_block(waivers, indent + _STEP)}")
    elif isinstance(first := value[0], SequenceStartEvent):
        yield from _into(text, root, first, value, waivers)


def _into(
    text: str, root: MappingStartEvent, first: SequenceStartEvent, value: Sequence[Event], waivers: Sequence[Waiver]
) -> Iterator[_Splice]:
    start, end = first.start_mark.index, value[-1].end_mark.index
    if not first.flow_style:
        yield _below(text, _last(value), _block(waivers, first.start_mark.column))
    elif len(value) > 2:  # noqa: PLR2004 - more than its brackets
        at = _last(value[:-1])
        yield _Splice(at, at, f", {_flow(waivers)}")
    elif root.flow_style or text[start + 1 : end - 1].strip():
        yield _Splice(end - 1, end - 1, _flow(waivers))
    else:
        yield _Splice(len(text[:start].rstrip(" ")), end, "")
        yield _below(text, end, _block(waivers, root.start_mark.column + _STEP))


def _is_content(event: Event) -> bool:
    return isinstance(event, NodeEvent | CollectionEndEvent)


def _children(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """Yield the events of one node after the other."""
    depth = start = 0
    for at, event in enumerate(events):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth == 0:
            yield events[start : at + 1]
            start = at + 1


def _says(event: Event, key: str) -> bool:
    return isinstance(event, ScalarEvent) and event.value == key


def _last(events: Sequence[Event]) -> int:
    """Return where the last thing that is written ends; a block ends only where the next thing begins."""
    return max(int(one.end_mark.index) for one in events if one.end_mark.index > one.start_mark.index)


def _below(text: str, at: int, block: str) -> _Splice:
    """Put lines below the one in which `at` lies, and its comment."""
    if at and text[at - 1] != "\n":
        at = text.find("\n", at) + 1 or len(text)
    fresh = "" if not at or text[at - 1] == "\n" else "\n"
    return _Splice(at, at, f"{fresh}{block}")


def _block(waivers: Sequence[Waiver], indent: int) -> str:
    lines: list[str] = []
    for one in waivers:
        for number, (key, value) in enumerate(_entry(one)):
            lines.append(f"{' ' * indent}{'  ' if number else '- '}{key}: {value}\n")
    return "".join(lines)


def _flow(waivers: Sequence[Waiver]) -> str:
    return ", ".join("{" + ", ".join(f"{key}: {value}" for key, value in _entry(one)) + "}" for one in waivers)


def _entry(one: Waiver) -> Iterator[tuple[str, str]]:
    yield "rule", scalar(one.rule)
    yield "path", scalar(str(one.path))
    if one.image is not None:
        yield "image", scalar(str(one.image))
    yield "reason", scalar(one.reason)
    yield "owner", scalar(one.owner)
    yield "expires", str(one.expires)


def _refused(path: str) -> ConfigError:
    return ConfigError(f"{path}: cannot be added to as it is written; write its waivers as a list with '- ' in lines")
