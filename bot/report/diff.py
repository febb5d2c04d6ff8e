"""The change of files as a unified diff."""

import difflib
from collections.abc import Iterator, Mapping


def unified(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """Return what turns `before` into `after`, in the order of paths; lines keep their ends."""
    return "".join(line for path in sorted(after) for line in _one(path, before[path], after[path]))


def _one(path: str, before: bytes, after: bytes) -> Iterator[str]:
    old, new = (content.decode("utf-8").splitlines(keepends=True) for content in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=2):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
