"""Text from outside, made harmless inside GitHub's Markdown.

Inside a code span GitHub makes no mentions, no issue references, no closing keywords and no HTML, so that is where
everything goes that we did not write ourselves.
Source: https://github.github.com/gfm/#code-spans
"""

import re
import unicodedata
from typing import Final

_MOST: Final = 300
_RUNS: Final = re.compile("`+")


def plain(text: str, *, most: int = _MOST) -> str:
    """Return `text` on one line, without control, bidirectional and zero-width characters, cut at `most`."""
    shown = "".join(" " if char in "\t\r\n\v\f" else char for char in text[: most * 4])
    shown = "".join(char for char in shown if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def code(text: str, *, most: int = _MOST) -> str:
    """Put `text` into a code span that nothing in it can end."""
    shown = plain(text, most=most) or " "
    fence = "`" * (max((len(run) for run in _RUNS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
