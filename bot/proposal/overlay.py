"""What our edit of a file comes to on a newer version of it, where that can be told for certain."""

from difflib import SequenceMatcher
from typing import Final

_MOST: Final = 200_000  # bytes; comparing lines takes time that grows with their square


def overlaid(old: bytes, ours: bytes, base: bytes) -> bytes | None:
    """Return `base` with the lines in it replaced that differ between `old` and `ours`.

    None where base changed these lines too, or the files are too large to say.
    """
    if max(len(old), len(ours), len(base)) > _MOST:
        return None
    before, after, now = (text.splitlines(keepends=True) for text in (old, ours, base))
    kept = SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks()
    edits = [edit for edit in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if edit[0] != "equal"]
    for _, start, end, new_start, new_end in reversed(edits):
        block = next((one for one in kept if one.a <= start and end <= one.a + one.size), None)
        if block is None or start == end:
            return None
        shift = block.b - block.a
        now[start + shift : end + shift] = after[new_start:new_end]
    return b"".join(now)
