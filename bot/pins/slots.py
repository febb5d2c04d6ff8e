"""Where a mapping's first digest goes: into an empty `digest:`, or on a line of its own behind the tag; so any key.

The text around it is ours to write here, with the indentation and the line ends of the file.
"""

import re
from typing import Final

from bot.pins.frame import Entry, Frame, Written
from bot.pins.nodes import Scalar
from bot.pins.pin import Slot, Token

_COLON: Final = re.compile(r"[ \t]*:")
_LINE_END: Final = re.compile("\r\n|\n|\r")
_REST: Final = re.compile(r"[ \t]*(#[^\r\n]*)?(?=[\r\n]|\Z)")
_WORD: Final = {"tag": "digest", "Tag": "Digest", "TAG": "DIGEST"}


def empty_value(frame: Frame, entry: Entry, digest: Written, *, flow: bool) -> Slot | None:
    """Where the value of a `digest` key that is there and says nothing would stand; None where no place is found.

    In braces it is quoted: older parsers refuse a plain `a:b` there. An empty value's own mark differs between the
    parsers, so it is found from the end of its key.
    """
    if digest.refusal is not None:
        return None
    root, shift = frame.root.text, frame.root.shift
    quoted = digest.end > digest.token.end - shift
    mark = '"' if flow and not quoted else ""
    if quoted or digest.value:
        return Slot(token=digest.token, before=mark, after=mark)
    if entry.key is None or (colon := _COLON.match(root, key_end(frame, entry.key))) is None:
        return None
    token = Token(start=colon.end() + shift, end=colon.end() + shift, text="")
    return Slot(token=token, before=f" {mark}", after=mark)


def new_key(frame: Frame, entry: Entry, tag: Written, *, flow: bool) -> Slot | None:
    """Where a `digest` key would stand behind the tag; None where there is no safe place."""
    word = next((word for word in _WORD if entry.name.endswith(word)), None)
    if entry.key is None or word is None:
        return None
    name = "digest" if entry.name == "newTag" else entry.name.removesuffix(word) + _WORD[word]
    return key_behind(frame, entry.key, tag, name, flow=flow)


def key_behind(frame: Frame, key: Scalar, value: Written, name: str, *, flow: bool) -> Slot | None:
    """Where a key `name` would stand behind `key` and its `value`; None where there is no safe place."""
    if value.refusal is not None:
        return None
    root, shift = frame.root, frame.root.shift
    if flow:
        token = Token(start=value.end + shift, end=value.end + shift, text="")
        return Slot(token=token, before=f', {name}: "', after='"', adds=name)
    rest = _REST.match(root.text, value.end)
    if rest is None:
        return None
    start = frame.offset(key.start_mark.index, key.start_mark.line, key.start_mark.column)
    line = root.text.rfind("\n", 0, start) + 1
    indent = "".join(char if char == "\t" else " " for char in root.text[line:start])
    end = _LINE_END.search(root.text)
    token = Token(start=rest.end() + shift, end=rest.end() + shift, text="")
    return Slot(token=token, before=f"{end[0] if end else chr(10)}{indent}{name}: ", adds=name)


def key_end(frame: Frame, key: Scalar) -> int:
    """Where a key ends in the file, closing quote included."""
    mark = key.end_mark
    return frame.offset(mark.index, mark.line, mark.column)
