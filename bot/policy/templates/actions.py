"""Divides a template into its `{{ … }}` actions, and these into calls, paths and texts; nothing is evaluated here.

It is read as Go does, but tolerantly: what an action says that is of no interest may be anything. Every character is
looked at once, and a template with an action that does not end is read up to there.
Source: https://pkg.go.dev/text/template
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

MOST_WORDS: Final = 100_000
_MOST_DEPTH: Final = 50
_COMMENT: Final = re.compile(r"-?\s*/\*")
_COMMENT_END: Final = re.compile(r"\s*-?\}\}")
_WORD: Final = re.compile(
    r"""(?P<blank> \s+ )
      | (?P<end> -?\}\} )
      | (?P<text> "(?:[^"\\\n]|\\.)*+" | `[^`]*+` | '(?:[^'\\\n]|\\.)*+' )
      | (?P<variable> \$\w* )
      | (?P<field> \.[^\W\d]\w* )
      | (?P<name> [^\W\d]\w* )
      | (?P<number> [+-]?\.?\d[\w.+-]* )
      | (?P<sign> := | [.=|,()] )
    """,
    re.VERBOSE,
)
_SHOWN: Final = re.compile(r"[^\n]")
COMMENT: Final = "comment"
_KEYWORDS: Final = frozenset({"if", "else", "end", "with", "range", "define", "block", "template", "break", "continue"})
_CONSTANTS: Final = frozenset({"true", "false", "nil"})


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`: what the block around it says."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`; `$` alone has no name, and is what the template was called with."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text; None for a number or another constant."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """`.a.b` of something."""

    base: "Expression"
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, what is piped into it last. `start` is its place.

    It has no name where a value is called.
    """

    name: str
    arguments: tuple["Expression", ...]
    start: int


Expression = Dot | Variable | Literal | Field | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action from `start` to `end`. `keyword` is empty for one that prints; `also` is what follows `else`.

    `sets` are the variables that take the value; `declares` tells `:=` from `=`.
    """

    start: int
    end: int
    keyword: str = ""
    also: str = ""
    sets: tuple[str, ...] = ()
    declares: bool = False
    value: Expression | None = None


class Scanned(NamedTuple):
    """The actions of a template; `broken` is where one begins that is none, with what is wrong."""

    actions: tuple[Action, ...]
    broken: tuple[int, str] | None


class _Word(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _BrokenError(Exception):
    """Ends the reading of a template, within this module."""


def scan(text: str) -> Scanned:
    """Read the actions of a template."""
    actions: list[Action] = []
    place, left = text.find("{{"), MOST_WORDS
    while place >= 0:
        try:
            comment = _COMMENT.match(text, place + 2)
            if comment is not None:
                end = _after_comment(text, comment.end())
                actions.append(Action(start=place, end=end, keyword=COMMENT))
            else:
                words = list(_words(text, place + 2, left))
                left -= len(words)
                end = words.pop().end
                actions.append(_Parser(words, place, end).action())
        except _BrokenError as error:
            return Scanned(tuple(actions), (place, str(error)))
        place = text.find("{{", end)
    return Scanned(tuple(actions), None)


def without_actions(text: str, scanned: Scanned) -> str:
    """Put blanks for all actions, and for all behind a broken one: every other character stays where it is."""
    parts: list[str] = []
    kept = 0
    for action in scanned.actions:
        parts += (text[kept : action.start], _blank(text[action.start : action.end]))
        kept = action.end
    end = len(text) if scanned.broken is None else scanned.broken[0]
    return "".join((*parts, text[kept:end], _blank(text[end:])))


def _blank(text: str) -> str:
    return _SHOWN.sub(" ", text)


def _after_comment(text: str, start: int) -> int:
    end = text.find("*/", start)
    closed = _COMMENT_END.match(text, end + 2) if end >= 0 else None
    if closed is None:
        raise _BrokenError("a comment that does not end")
    return closed.end()


def _words(text: str, start: int, left: int) -> Iterator[_Word]:
    """Yield the words of an action, its end last."""
    if text.startswith("-", start) and text[start + 1 : start + 2].isspace():
        start += 1
    place = start
    while (match := _WORD.match(text, place)) is not None:
        place = match.end()
        kind = match.lastgroup or ""
        if kind != "blank":
            left -= 1
            if left < 0:
                raise _BrokenError(f"more than {MOST_WORDS} words in actions")
            yield _Word(kind, match[0], match.start(), place)
        if kind == "end":
            return
    raise _BrokenError("an action that does not end" if place == len(text) else "an action that Go would not read")


class _Parser:
    """Reads the words of one action."""

    def __init__(self, words: list[_Word], start: int, end: int) -> None:
        self._words = words
        self._next = 0
        self._place = start, end

    def action(self) -> Action:
        keyword = self._keyword()
        also = self._keyword() if keyword == "else" else ""
        sets, declares = self._variables()
        value = self._pipeline(0) if self._next < len(self._words) else None
        if self._next < len(self._words):
            raise _BrokenError("an action that Go would not read")
        place = self._place
        return Action(
            start=place[0], end=place[1], keyword=keyword, also=also, sets=sets, declares=declares, value=value
        )

    def _keyword(self) -> str:
        word = self._peek()
        if word is not None and word.kind == "name" and word.text in _KEYWORDS:
            self._next += 1
            return word.text
        return ""

    def _variables(self) -> tuple[tuple[str, ...], bool]:
        """Read `$a, $b :=`, or `$a =`; nothing where neither stands."""
        names: list[str] = []
        place = self._next
        while place + 1 < len(self._words) and self._words[place].kind == "variable":
            names.append(self._words[place].text[1:])
            sign = self._words[place + 1].text
            if sign in {":=", "="}:
                self._next = place + 2
                return tuple(names), sign == ":="
            if sign != ",":
                break
            place += 2
        return (), False

    def _pipeline(self, depth: int) -> Expression:
        if depth > _MOST_DEPTH:
            raise _BrokenError(f"nested deeper than {_MOST_DEPTH} levels")
        found = self._command(None, depth)
        while self._taken("|"):
            found = self._command(found, depth)
        return found

    def _command(self, piped: Expression | None, depth: int) -> Expression:
        word = self._peek()
        start = word.start if word is not None else self._place[1]
        name = ""
        if word is not None and word.kind == "name" and word.text not in _CONSTANTS:
            name = word.text
            self._next += 1
        operands: list[Expression] = []
        while (word := self._peek()) is not None and word.text not in {"|", ")"}:
            operands.append(self._operand(depth))
        if piped is not None:
            operands.append(piped)
        if not name and len(operands) == 1:
            return operands[0]
        return Call(name, tuple(operands), start)

    def _operand(self, depth: int) -> Expression:
        word = self._words[self._next]
        self._next += 1
        found: Expression
        match word.kind, word.text:
            case "text", text:
                found = Literal(_unquoted(text))
            case "variable", text:
                found = Variable(text[1:])
            case "field", text:
                found = Field(Dot(), (text[1:],))
            case "name", text if text not in _CONSTANTS:
                found = Call(text, (), word.start)
            case _, "(":
                found = self._pipeline(depth + 1)
                if not self._taken(")"):
                    raise _BrokenError("a parenthesis that is not closed")
            case _, ".":
                found = Dot()
            case _:
                found = Literal(None)
        return self._with_fields(found)

    def _with_fields(self, base: Expression) -> Expression:
        """Take the fields that stand right behind a value, without a blank."""
        keys: list[str] = []
        while (word := self._peek()) is not None and word.kind == "field":
            if word.start != self._words[self._next - 1].end:
                break
            keys.append(word.text[1:])
            self._next += 1
        if not keys:
            return base
        if isinstance(base, Field):
            return Field(base.base, (*base.keys, *keys))
        return Field(base, tuple(keys))

    def _peek(self) -> _Word | None:
        return self._words[self._next] if self._next < len(self._words) else None

    def _taken(self, sign: str) -> bool:
        word = self._peek()
        found = word is not None and word.kind == "sign" and word.text == sign
        self._next += found
        return found


def _unquoted(text: str) -> str | None:
    if text.startswith("`"):
        return text[1:-1]
    if text.startswith("'"):
        return None
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return None
