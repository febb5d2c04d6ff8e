"""The bytes of a YAML file as plain values, with the place where each key path stands.

Text keys, lists, and the scalars of YAML 1.2's core schema; nothing else. What is no such file stops at once, with its
line. A key that stands twice is noted and read on, so that it is reported beside everything else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bot.errors import ConfigError

FILE_LIMIT: Final = 1024 * 1024  # bytes
_MOST_NODES: Final = 20_000  # counted as if every alias were written out: an alias bomb is small until it is walked
_MOST_LEVELS: Final = 30
_LONGEST_REASON: Final = 200

# https://yaml.org/spec/1.2.2/#1032-tag-resolution
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# https://yaml.org/spec/1.2.2/#51-character-set
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one key path: what was got, what is expected, what to do."""

    at: KeyPath
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`tree` holds dicts, tuples and scalars; `marks` line (from 1) and column of every key and item."""

    tree: object
    marks: dict[KeyPath, tuple[int, int]]
    problems: tuple[Problem, ...]

    def mark(self, at: KeyPath) -> tuple[int, int]:
        """Line and column of `at`, or of the nearest thing around it that stands in the file."""
        while at and at not in self.marks:
            at = at[:-1]
        return self.marks.get(at, (1, 0))


def read(text: bytes, *, path: str) -> Document:
    """Read one document; raises `ConfigError` for what is not YAML, or not safe to walk. `path` is for messages."""
    if len(text) > FILE_LIMIT:
        raise ConfigError(f"{path}: {len(text)} bytes; the limit is {FILE_LIMIT}; split what is not configuration off")
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    stray = _NOT_YAML.search(decoded)
    if stray:
        line = decoded.count("\n", 0, stray.start()) + 1
        raise ConfigError(f"{path}:{line}: the character U+{ord(stray[0]):04X} is not allowed in YAML; remove it")
    reader = _Reader(path)
    tree = reader.document(_events(decoded, path))
    return Document(tree=tree, marks=reader.marks, problems=tuple(reader.problems))


def _events(text: str, path: str) -> Iterator[Event]:
    """Parse with ruamel's own parser: libyaml 0.1.7 refuses `{token_realm: https://auth.corp}`, which YAML allows."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = " ".join(str(error.problem or error.context).split())
        raise ConfigError(f"{path}:{line}: not YAML: {reason}; mend the syntax") from error
    except AssertionError as error:  # how ruamel says that it does not know the minor version that `%YAML` names
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise ConfigError(f"{path}: not YAML: {reason}; remove the %YAML line, or write %YAML 1.2") from error
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: numbers of `%YAML` that are no numbers
        raise ConfigError(f"{path}: not YAML; mend the syntax") from error


class _Reader:
    """Builds the tree from parser events: these come one by one, so that limits hold before anything is built."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._count = 0
        self._anchors: dict[str, tuple[object, int]] = {}
        self.marks: dict[KeyPath, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[Event]) -> object:
        """Read the only document of the stream."""
        tree: object = None
        documents = 0
        for event in events:
            if not isinstance(event, NodeEvent):
                continue  # where the stream and the document begin and end
            documents += 1
            if documents > 1:
                raise self._refused(event, "a second document; keep one, without '---' between")
            self.marks[()] = _mark(event)
            tree = self._node(event, events, ())
        return tree

    def _node(self, event: Event, events: Iterator[Event], at: KeyPath) -> object:
        before = self._count
        self._count += 1
        value: object
        match event:
            case AliasEvent():
                return self._alias(event)
            case ScalarEvent() | SequenceStartEvent() | MappingStartEvent() if event.tag:
                raise self._refused(event, f"the tag {event.tag[:40]!r} is not read; remove it, and quote what is text")
            case ScalarEvent():
                value = _scalar(event.value) if event.implicit[0] else event.value
            case SequenceStartEvent():
                value = self._sequence(event, events, at)
            case _:
                value = self._mapping(event, events, at)
        if self._count > _MOST_NODES:
            raise self._refused(event, f"more than {_MOST_NODES} values; no configuration needs that many")
        if isinstance(event, NodeEvent) and event.anchor:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _alias(self, event: AliasEvent) -> object:
        if event.anchor not in self._anchors:
            raise self._refused(event, f"*{event.anchor[:40]} stands for nothing; its &anchor must come before it")
        value, weight = self._anchors[event.anchor]
        self._count += weight
        if self._count > _MOST_NODES:
            raise self._refused(event, f"more than {_MOST_NODES} values once the aliases are written out; use fewer")
        return value

    def _deeper(self, event: Event, at: KeyPath) -> None:
        if len(at) >= _MOST_LEVELS:
            raise self._refused(event, f"nested deeper than {_MOST_LEVELS} levels; no key is that deep")

    def _sequence(self, start: Event, events: Iterator[Event], at: KeyPath) -> tuple[object, ...]:
        self._deeper(start, at)
        items: list[object] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            place = (*at, len(items))
            self.marks[place] = _mark(event)
            items.append(self._node(event, events, place))
        return tuple(items)

    def _mapping(self, start: Event, events: Iterator[Event], at: KeyPath) -> dict[str, object]:
        self._deeper(start, at)
        entries: dict[str, object] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent) or event.tag or event.anchor:
                raise self._refused(event, "a key is plain text here; write it without *, &, ! or brackets")
            key: str = event.value
            if key == "<<":
                raise self._refused(event, "merge keys are not read; repeat the keys, or use defaults.pull_request")
            place = (*at, key)
            if key in entries:
                line = self.marks[place][0]
                self.problems.append(Problem((*at, key), f"stands twice, first on line {line}; keep one"))
            self.marks[place] = _mark(event)
            entries[key] = self._node(next(events), events, place)
        return entries

    def _refused(self, event: Event, reason: str) -> ConfigError:
        return ConfigError(f"{self._path}:{_mark(event)[0]}: {reason}")


def _mark(event: Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column


def _scalar(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
