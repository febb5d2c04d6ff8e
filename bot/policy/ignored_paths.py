"""Reads the paths by which Argo CD is told what to ignore: JSON pointers, and of jq what is a plain path.

This is no jq: what chooses keys and items is read, and `select(…)` passes all on, since it only narrows. Whatever else
stands there is `Unread`, with a reason, and never taken for something narrow.
Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/, https://jqlang.org/manual/#path,
RFC 6901.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

LONGEST: Final = 2_000
_MOST_PATHS: Final = 64
_MOST_DEPTH: Final = 20
_INDEX: Final = re.compile(r"-|\*|0|[1-9][0-9]*")
_TOKEN: Final = re.compile(
    r"""[ \t\r\n]+ | \#[^\n]*
      | (?P<field> \.[A-Za-z_][A-Za-z0-9_]* )
      | (?P<string> "(?:[^"\\]|\\.)*" )
      | (?P<word> [A-Za-z_$][A-Za-z0-9_]* )
      | (?P<number> [0-9]+ )
      | (?P<sign> \.\. | //=? | [|=<>!+*/%-]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Step(Enum):
    """Steps that are no key: some or all items (of a mapping all values), and whatever lies below, at any depth."""

    EACH = "[]"
    BELOW = ".."


Path = tuple[str | Step, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """What an expression chooses: one path or several."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """What an expression chooses is not known."""

    reason: str


def pointer(text: str) -> Paths | Unread:
    """Read a JSON pointer; one without a slash in front chooses nothing, and is told."""
    if len(text) > LONGEST:
        return Unread(f"over {LONGEST} characters")
    if text and not text.startswith("/"):
        return Unread("no JSON pointer: it begins with no slash")
    parts = text.split("/")[1:]
    return Paths((tuple(Step.EACH if _INDEX.fullmatch(part) else _unescaped(part) for part in parts),))


def expression(text: str) -> Paths | Unread:
    """Read a jq path expression."""
    if len(text) > LONGEST:
        return Unread(f"over {LONGEST} characters")
    reader = _Reader(text)
    try:
        found = reader.pipeline([()], 0)
        reader.end()
    except _UnreadError as error:
        return Unread(str(error))
    return Paths(tuple(dict.fromkeys(found)))


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


class _UnreadError(Exception):
    """Ends the reading of one expression, within this module."""


class _Reader:
    """Goes through an expression once; every method takes the paths before it to the paths behind it."""

    def __init__(self, text: str) -> None:
        self._tokens = [(match.lastgroup, match[0]) for match in _TOKEN.finditer(text) if match.lastgroup]
        self._next = 0

    def pipeline(self, before: list[Path], depth: int) -> list[Path]:
        if depth > _MOST_DEPTH:
            raise _UnreadError(f"nested deeper than {_MOST_DEPTH} levels")
        found = self._either(before, depth)
        while self._taken("|"):
            found = self._either(found, depth)
        return found

    def end(self) -> None:
        if self._next < len(self._tokens):
            raise _UnreadError(f"{self._tokens[self._next][1][:40]!r} is more than a path")

    def _either(self, before: list[Path], depth: int) -> list[Path]:
        found = self._term(before, depth)
        while self._taken(","):
            found = _few([*found, *self._term(before, depth)])
        return found

    def _term(self, before: list[Path], depth: int) -> list[Path]:
        found = self._first(before, depth)
        while True:
            kind, text = self._peek()
            if kind == "field":
                self._next += 1
                found = _with(found, text[1:])
            elif text == "." and self._peek(1)[1][:1] in {"[", '"'}:
                self._next += 1
            elif kind == "string" and self._tokens[self._next - 1][1] == ".":
                found = _with(found, self._string())
            elif text == "[":
                found = self._brackets(found)
            elif not self._taken("?"):
                return found

    def _first(self, before: list[Path], depth: int) -> list[Path]:
        kind, text = self._peek()
        if kind == "field":
            return before
        self._next += 1
        if text == ".":
            return before
        if text == ".." or (text == "recurse" and self._peek()[1] != "("):
            return _with(before, Step.BELOW)
        if text == "(":
            found = self.pipeline(before, depth + 1)
            self._expect(")")
            return found
        if text == "select" and self._taken("("):
            self._skip()
            return before
        if text == "empty":
            return []
        raise _UnreadError(f"{text[:40]!r} is no plain path" if text else "nothing where a path should stand")

    def _brackets(self, before: list[Path]) -> list[Path]:
        """Read what stands in brackets; a slice leaves the list that it cuts."""
        self._next += 1
        if self._taken("]"):
            return _with(before, Step.EACH)
        kind, text = self._peek()
        if kind == "string":
            key = self._string()
            self._expect("]")
            return _with(before, key)
        if text not in {"-", ":"} and kind != "number":
            raise _UnreadError(f"{text[:40]!r} in brackets is no key and no index")
        sliced = False
        while not self._taken("]"):
            kind, text = self._peek()
            if text not in {"-", ":"} and kind != "number":
                raise _UnreadError(f"{text[:40]!r} in brackets is no key and no index")
            sliced = sliced or text == ":"
            self._next += 1
        return before if sliced else _with(before, Step.EACH)

    def _skip(self) -> None:
        """Pass over the condition of `select`, up to its closing parenthesis."""
        open_ = 1
        while open_:
            kind, text = self._peek()
            if kind is None:
                raise _UnreadError("select( is not closed")
            if kind == "string" and "\\(" in text:
                raise _UnreadError("a text with an expression in it")
            open_ += {"(": 1, ")": -1}.get(text, 0)
            self._next += 1

    def _string(self) -> str:
        text = self._tokens[self._next][1]
        self._next += 1
        try:
            return str(json.loads(text, strict=False))
        except ValueError as error:
            raise _UnreadError(f"{text[:40]} is no plain text") from error

    def _peek(self, ahead: int = 0) -> tuple[str | None, str]:
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else (None, "")

    def _taken(self, sign: str) -> bool:
        found = self._peek() == ("sign", sign)
        self._next += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._taken(sign):
            raise _UnreadError(f"no {sign!r} where one should stand")


def _with(paths: Iterable[Path], step: str | Step) -> list[Path]:
    return [(*path, step) for path in paths]


def _few(paths: list[Path]) -> list[Path]:
    if len(paths) > _MOST_PATHS:
        raise _UnreadError(f"more than {_MOST_PATHS} paths")
    return paths
