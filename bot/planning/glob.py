"""The one pattern language, for paths and for images: `*`, `**`, `?`, and nothing else."""

import re
from dataclasses import dataclass, field
from typing import Final

from bot.errors import ConfigError

_MOST: Final = 500
_UNSUPPORTED: Final = re.compile(r"[\[\]{}!\\]")


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern over `/`-separated text: case-sensitive, the whole text, from the root.

    `*` is any run of characters within a segment, `?` one character, and a segment `**` zero or more whole segments.
    """

    text: str
    _matcher: re.Pattern[str] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> "Glob":
        """Compile `text`; raises `ConfigError` for anything that other tools give a meaning and this one does not."""
        if not text or len(text) > _MOST:
            raise ConfigError(f"{text[:80]!r}: a pattern has 1 to {_MOST} characters")
        if text.startswith("/") or text.endswith("/") or "//" in text:
            raise ConfigError(f"{text!r}: a pattern is matched from the root; write it without empty segments")
        if _UNSUPPORTED.search(text):
            raise ConfigError(f"{text!r}: only *, ** and ? have a meaning in a pattern; list alternatives one by one")
        segments = text.split("/")
        if any("**" in segment and segment != "**" for segment in segments):
            raise ConfigError(f"{text!r}: '**' stands for whole segments; write it alone between slashes")
        if any(segment in {".", ".."} for segment in segments):
            raise ConfigError(f"{text!r}: a pattern cannot leave the repository")
        return cls(text, re.compile(_pattern(segments), re.DOTALL))

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` fits."""
        return self._matcher.fullmatch(f"{text}/") is not None

    @property
    def literal_segments(self) -> tuple[str, ...]:
        """The leading segments that hold no wildcard; every text that matches begins with them."""
        segments: list[str] = []
        for segment in self.text.split("/"):
            if "*" in segment or "?" in segment:
                break
            segments.append(segment)
        return tuple(segments)

    def __str__(self) -> str:
        """Give the text that `parse` reads."""
        return self.text


def _pattern(segments: list[str]) -> str:
    """Build the expression for a text that ends in a slash, so that every segment is followed by one.

    What stands between two wildcards is taken where it fits first, for good: an atomic group cannot be tried again,
    and no pattern takes more than quadratic time.
    """
    runs: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(_segment(segment) + "/")
    first, *others = ["".join(run) for run in runs]
    if not others:
        return first
    *middle, last = others
    between = "".join(rf"(?>(?:[^/]+/)*?{run})" for run in middle if run)
    return rf"{first}{between}(?:[^/]+/)*{last}"


def _segment(text: str) -> str:
    first, *others = ["".join("[^/]" if char == "?" else re.escape(char) for char in run) for run in text.split("*")]
    if not others:
        return first
    *middle, last = others
    between = "".join(rf"(?>[^/]*?{run})" for run in middle if run)
    return rf"{first}{between}[^/]*{last}"
