"""Finds the pins of one file. A file that mentions no first-party name is not even parsed.

A Git LFS pointer mentions nothing, whatever the file holds that it stands for: it is a problem, always.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.errors import UnreadableFile
from bot.image import Repository
from bot.pins.nodes import compose
from bot.pins.pin import Pin, Problem
from bot.pins.shapes import Frame, references

MOST_BYTES: Final = 4 * 1024 * 1024
BOM: Final = "\ufeff"
_LFS: Final = b"version https://git-lfs.github.com/spec/"
_LINE: Final = re.compile(r"line (\d+): ")


@dataclass(frozen=True, slots=True)
class FirstParty:
    """Which repositories are ours. `needles`: texts of which every one of our references, or its parts, holds one.

    No needles means that nothing can be skipped.
    """

    owns: Callable[[Repository], bool]
    needles: tuple[str, ...]

    def mentioned_in(self, text: str) -> bool:
        """Whether `text` could hold one of our references."""
        return not self.needles or any(needle in text for needle in self.needles)

    def mentioned_in_bytes(self, content: bytes) -> bool:
        """Whether the file could hold one of our references."""
        return not self.needles or any(needle.encode() in content for needle in self.needles)


@dataclass(frozen=True, slots=True)
class Found:
    """The pins of a file in the order of its text, and what kept it from being read."""

    pins: tuple[Pin, ...] = ()
    problems: tuple[Problem, ...] = ()


def discover(path: str, content: bytes, ours: FirstParty) -> Found:
    """Return the first-party pins in `content`; never raises: what cannot be read is a problem of this file alone."""
    if not ours.mentioned_in_bytes(content) and not content.startswith(_LFS):
        return Found()
    try:
        text = decode(content)
        trees = compose(text.removeprefix(BOM))
    except UnreadableFile as error:
        line = _LINE.match(str(error))
        number, reason = (int(line[1]), str(error)[line.end() :]) if line else (0, str(error))
        return Found(problems=(Problem(path=path, line=number, code="unreadable-file", reason=reason),))
    offset = len(text) - len(text.removeprefix(BOM))
    pins: list[Pin] = []
    for document, tree in enumerate(trees):
        frame = Frame(
            path=path,
            document=document,
            text=text[offset:],
            offset=offset,
            owned=ours.owns,
            mentions=ours.mentioned_in,
        )
        pins.extend(references(frame, tree))
    return Found(pins=tuple(sorted(pins, key=lambda pin: pin.value.start)))


def decode(content: bytes) -> str:
    """Return a file's text as it stands, a byte order mark and line ends included; raises `UnreadableFile`."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"{len(content)} bytes; the limit is {MOST_BYTES}; split the file")
    if content.startswith(_LFS):
        raise UnreadableFile("a Git LFS pointer, not the file itself; keep values files out of LFS")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"not UTF-8 at byte {error.start}; save it as UTF-8") from error
