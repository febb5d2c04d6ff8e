"""Where the recognisers are: the file, the text that is being read in it, and who is first-party.

A text may stand in a literal block scalar of another one, to any depth. Every line of it is then a line of the file,
moved to the right, so a place is a line and a column, whatever lies between.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, cast

from bot.image import Repository
from bot.pins.layers import NO_LAYERS, Layers, Prefix
from bot.pins.nodes import Alias, Budget, Node, Scalar, plain_start
from bot.pins.pin import Refusal, Token

EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})
# https://yaml.org/spec/1.1/#id871136: what the parsers count lines by
BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# What stands for each character of a template action while its neighbours are looked at; no image is named so.
_MARK: Final = "\ue000"
_ONLY_ACTIONS: Final = re.compile(rf"^[^\S\n]*{_MARK}(?:[^\S\n]|{_MARK})*$", re.MULTILINE)
# What in a key would be taken for the signs of the path.
_ODD: Final = re.compile('[].[|" ]')
_WORDS: Final = re.compile(r"[^\r\n]")

TEMPLATE: Final = Refusal(code="template", reason="a template action stands in the value; write the value itself here")


class Inner(NamedTuple):
    """A step of a key path into a text within the text: which document of it."""

    document: int


Path = tuple[str | int | Inner, ...]


class Entry(NamedTuple):
    """A name with its value. `step` leads there from where the names stand: the key, or a parameter's place.

    `key` is None where the name is not a key that stands there.
    """

    name: str
    key: Scalar | None
    value: Node
    step: Path


class Root:
    """A file's text without its byte order mark; `shift` is what that mark takes."""

    def __init__(self, text: str, *, shift: int, budget: Budget, before: int = 0) -> None:
        """`budget` is for the whole file; `before` are the lines of it that stand before the text."""
        self.text = text
        self.shift = shift
        self.before = before
        self.budget = budget

    @cached_property
    def starts(self) -> list[int]:
        """The offsets at which lines start."""
        return [0, *(match.end() for match in BREAK.finditer(self.text))]

    def line(self, number: int) -> str:
        """The line `number`, from 0, without its end; empty behind the last."""
        starts = self.starts
        end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return self.text[starts[number] : end].rstrip("\r\n\x85\u2028\u2029") if number < len(starts) else ""


class Written(NamedTuple):
    """One scalar that takes part in a pin: what it says, its token, and why it could not be edited, if so.

    `end` is where it ends in the file, closing quote included.
    """

    value: str
    token: Token
    line: int
    column: int
    end: int
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One text of a file. `lines` and `columns` are what lies before and left of it in the file.

    A text that is not `named` is none of our references, and one that is not `hot` no part of one either.
    `opens` tells the keys below which everything is kept, for what counts whoever's it is; None where only ours count.
    `kind` is the document's, `owner` a label by which an object names what owns it. `masked`: something was put in the
    place of template actions, so what is missing may not be.
    `prefix` is the registry that stands before names without one. `refusal` holds for all of it, and where the text's
    own lines are none of the file, `fixed` is the line and column of all of it.
    """

    path: str
    document: int
    root: Root
    text: str
    owned: Callable[[Repository], bool]
    named: Callable[[str], object]
    hot: Callable[[str], object]
    opens: Callable[[str], object] | None = None
    kind: str | None = None
    owner: str = ""
    layers: Layers = NO_LAYERS
    lines: int = 0
    columns: int = 0
    depth: int = 0
    prefix: Prefix | None = None
    refusal: Refusal | None = None
    fixed: tuple[int, int] | None = None
    masked: bool = False

    @property
    def everyone(self) -> bool:
        """Whether an image counts, whoever's it is, where a key says that it is one."""
        return self.opens is not None

    @property
    def nested(self) -> bool:
        """Whether the text stands in a scalar of another one."""
        return self.depth > 0

    def offset(self, index: int, line: int, column: int) -> int:
        """Where in the file a place of this text is."""
        if not self.nested:
            return index
        line += self.lines
        return self.root.starts[line] + column + self.columns if line < len(self.root.starts) else len(self.root.text)

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Line and column, each from 1, at which a person finds a place of this text."""
        return self.fixed or (line + self.lines + self.root.before + 1, column + self.columns + 1)


def written(frame: Frame, node: Node) -> Written | None:
    """Find a scalar's text between its quotes, and check that it is the value letter by letter; None for no scalar."""
    if isinstance(node, Scalar):
        return _written(frame, node)
    if isinstance(node, Alias) and isinstance(node.target, Scalar):
        return _aliased(frame, node, cast("str", node.target.value))
    return None


def _written(frame: Frame, node: Scalar) -> Written:
    index, line, column = plain_start(node)
    end, value, style = node.end_mark.index, node.value, node.style
    quote = 1 if style in {"'", '"'} else 0
    text = frame.text[index + quote : end - quote]
    start = frame.offset(index, line, column) + quote
    refusal = frame.refusal
    if refusal is None:
        refusal = _obstacle(frame, node, text, start)
    shift = frame.root.shift
    token = Token(start=start + shift, end=start + len(text) + shift, text=value, plain=not style)
    row, place = frame.place(line, column)
    return Written(value, token, row, place, start + len(text) + quote, refusal)


def _obstacle(frame: Frame, node: Scalar, text: str, start: int) -> Refusal | None:
    if node.anchor is not None or node.tag is not None:
        return Refusal(code="anchored", reason="an anchor or a tag stands on the value; write the value itself here")
    if node.style in {"|", ">"}:
        return Refusal(code="block-scalar", reason="the value is a block scalar; write it on one line")
    there = frame.root.text[start : start + len(text)] if frame.nested else text
    if "{{" in there:
        return TEMPLATE
    if text != node.value or there != text:
        return Refusal(code="escaped", reason="the value is folded or holds escapes; write it plainly on one line")
    return None


def _aliased(frame: Frame, alias: Alias, value: str) -> Written:
    index, line, column = plain_start(alias)
    text = frame.text[index : alias.event.end_mark.index]
    start = frame.offset(index, line, column)
    shift = frame.root.shift
    token = Token(start=start + shift, end=start + len(text) + shift, text=text)
    refusal = Refusal(code="anchored", reason=f"the value is the alias {text}; write the value itself here")
    row, place = frame.place(line, column)
    return Written(value, token, row, place, start + len(text), refusal)


def masked(text: str) -> str:
    """Put something in the place of template actions, so that what is around them can be read where it stands.

    A line of nothing but actions becomes empty, because blanks could be wrong where a block begins; within a line an
    action becomes a word of its length.
    Source: https://pkg.go.dev/text/template#hdr-Actions
    """
    parts: list[str] = []
    kept = 0
    while (start := text.find("{{", kept)) >= 0 and (end := text.find("}}", start) + 2) > 1:
        parts += (text[kept:start], _WORDS.sub(_MARK, text[start:end]))
        kept = end
    return _ONLY_ACTIONS.sub("", "".join((*parts, text[kept:])))


def hides(text: str) -> bool:
    """Whether a template action stands in `text`, or what was put in the place of one."""
    return "{{" in text or _MARK in text


def filled(text: str) -> str:
    """Put a letter for each that stands for an action, so that what is around it can be read as a reference."""
    return text.replace(_MARK, "x")


def render(path: Path) -> str:
    """Write a key path as people do: `spec.containers[0].image`; keys that hold dots or brackets are quoted.

    A text within the text is entered by `|` and the number of its document: `manifests|0.spec.image`. What cannot be
    printed is written as an escape, a lone surrogate too, which no output could encode.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif isinstance(part, Inner):
            text += f"|{part.document}"
        elif not part or _ODD.search(part) or not part.isprintable():
            text += f"[{json.dumps(part, ensure_ascii=not part.isprintable())}]"
        else:
            text += f".{part}" if text else part
    return text
