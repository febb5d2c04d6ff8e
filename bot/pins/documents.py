"""Divides a stream of YAML documents by its text, before a parser sees it.

A line that begins with `---` ends whatever was begun, so this needs no grammar; where it might, nothing is divided.
Source: https://yaml.org/spec/1.2.2/#912-document-markers
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

MOST_PIECE: Final = 512 * 1024
_MARK: Final = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_BYTES_MARK: Final = re.compile(_MARK.pattern.encode(), re.MULTILINE)
# A directive speaks for the document behind the next mark; the others are breaks to some readers and not to others.
_ODD: Final = re.compile(r"^%|\r(?!\n)|[\x85\u2028\u2029]", re.MULTILINE)
_DIRECTIVE: Final = re.compile(rb"^%", re.MULTILINE)


def without(text: str, matters: Callable[[str], object]) -> str:
    """Put blanks for documents that do not matter; every other one stays where it is, and has the same number."""
    starts = [match.start() for match in _MARK.finditer(text)]
    if not starts or _ODD.search(text):
        return text
    parts = [text[: starts[0]]]
    for start, end in pairwise([*starts, len(text)]):
        part = text[start:end]
        parts.append(part if matters(part) else _blank(part))
    return "".join(parts)


def pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Divide a stream that is too large for one reading; each piece comes with the number of lines before it."""
    starts = [match.start() for match in _BYTES_MARK.finditer(content) if match.start() > 0]
    if len(content) <= MOST_PIECE or _DIRECTIVE.search(content):
        starts = []
    begun = lines = 0
    for start, end in pairwise([*starts, len(content)]):
        if end - begun > MOST_PIECE:
            yield lines, content[begun:start]
            lines += content.count(b"\n", begun, start)
            begun = start
    yield lines, content[begun:]


def _blank(part: str) -> str:
    lines = part.count("\n")
    return "---" + " " * (len(part) - lines - 3) + "\n" * lines
