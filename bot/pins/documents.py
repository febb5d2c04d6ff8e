"""Divides a stream of YAML documents by its text, before a parser sees it, and blanks those that cannot matter.

A line that begins with `---` ends whatever was begun, so this needs no grammar; where it might, nothing is divided.
Source: https://yaml.org/spec/1.2.2/#912-document-markers
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from bot.pins.regions import without_regions

MOST_PIECE: Final = 512 * 1024
_MARK: Final = re.compile(r"\n---(?=[ \t\r\n]|\Z)")
_BYTES_MARK: Final = re.compile(_MARK.pattern.encode())
_LONE: Final = re.compile(r"\r(?!\n)")


def without(text: str, matters: Callable[[str], object]) -> str:
    """Put blanks for documents that do not matter; every other one stays where it is, and has the same number."""
    if _is_odd(text):
        return text
    starts = [0, *(match.start() + 1 for match in _MARK.finditer(text)), len(text)]
    return "".join(_shown(text[start:end], matters) for start, end in pairwise(starts))


def pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Divide a stream that is too large for one reading; each piece comes with the number of lines before it."""
    starts = [match.start() + 1 for match in _BYTES_MARK.finditer(content)]
    if len(content) <= MOST_PIECE or content.startswith(b"%") or b"\n%" in content:
        starts = []
    begun = lines = 0
    for start, end in pairwise([*starts, len(content)]):
        if end - begun > MOST_PIECE:
            yield lines, content[begun:start]
            lines += content.count(b"\n", begun, start)
            begun = start
    yield lines, content[begun:]


def _is_odd(text: str) -> bool:
    """Whether a directive speaks for a document, or there are breaks that are none to some readers."""
    if text.startswith("%") or "\n%" in text or any(one in text for one in "\x85\u2028\u2029"):
        return True
    return "\r" in text and _LONE.search(text) is not None


def _shown(part: str, matters: Callable[[str], object]) -> str:
    if part.startswith("---") and not matters(part):
        lines = part.count("\n")
        return "---" + " " * (len(part) - lines - 3) + "\n" * lines
    return without_regions(part, matters) if "\napiVersion:" in part or part.startswith("apiVersion:") else part
