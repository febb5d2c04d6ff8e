"""Where an offset of a file is, as a person finds it: line and column, both from 1."""

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import Final

from bot.pins.frame import BREAK

_BOM: Final = "\ufeff"
_ODD: Final = re.compile("[\r\x85\u2028\u2029]")


class Lines:
    """The lines of one file, counted when first asked for; offsets are those of its tokens."""

    def __init__(self, content: bytes, before: int = 0) -> None:
        """`content` is the file as it stands, and UTF-8: tokens are found in no other. `before` are the lines above."""
        self._content = content
        self._before = before

    @cached_property
    def _text(self) -> str:
        return self._content.decode("utf-8", "replace")

    @cached_property
    def _starts(self) -> list[int]:
        if _ODD.search(self._text) is None:
            return [
                0,
                *accumulate([len(line) + 1 for line in self._text.split("\n")]),
            ]  # a third faster than one by one
        return [0, *(match.end() for match in BREAK.finditer(self._text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of the code point at `offset`."""
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        mark = line == 1 and self._text.startswith(_BOM)
        return line + self._before, offset - start + 1 - mark
