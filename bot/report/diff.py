"""The change of files as a unified diff."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


def unified(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """Return what turns `before` into `after`, in the order of paths; lines keep their ends."""
    return "".join(line for path in sorted(after) for line in _one(path, before[path], after[path]))


def _one(path: str, before: bytes, after: bytes) -> Iterator[str]:
    # As git does: a line ends at a line feed and nowhere else, so `str.splitlines` will not do.
    old, new = (_LINE.findall(content.decode("utf-8")) for content in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=2):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
