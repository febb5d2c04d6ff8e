"""File patterns of other bots. A regular expression that somebody else wrote is run only where it cannot take long.

Renovate's are searched for in the path; between slashes, or in its older key `fileMatch`, stands an expression.
Source: https://docs.renovatebot.com/string-pattern-matching/
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from bot.errors import ConfigError
from bot.planning.glob import Glob

Matches = Callable[[str], bool]
_LONGEST: Final = 200
_MOST_LOOPS: Final = 2
# Literals, classes, and groups that are not repeated: without a loop in a loop nothing grows beyond a power.
_TAME: Final = re.compile(
    r"(?:\(\?:|\(|\)\??|\||\^|\$|(?:\\[.\-/_dw]|\[\^?[\w./-]{1,30}\]|[\w/ -]|\.)[*+?]?)*", re.ASCII
)
_LOOP: Final = re.compile(r"(?<!\\)[*+]")


def expression(text: str) -> Matches | None:
    """Return what tells whether a path holds the expression; None where it is not run."""
    if len(text) > _LONGEST or not _TAME.fullmatch(text) or len(_LOOP.findall(text)) > _MOST_LOOPS:
        return None
    return _compiled(text)


def pattern(text: str) -> Matches | None:
    """Return what tells whether a path fits: an expression between slashes, or a glob."""
    if text.startswith("/") and text.rstrip("i").endswith("/") and len(text) > 1:
        return expression(text.rstrip("i")[1:-1])
    return glob(text)


def glob(text: str) -> Matches | None:
    """Return what tells whether a path fits a glob of the few signs that all readers agree on; None for others."""
    try:
        return Glob.parse(text.removeprefix("./").strip("/")).matches
    except ConfigError:
        return None


@lru_cache(maxsize=256)
def _compiled(text: str) -> Matches | None:
    try:
        searched = re.compile(text, re.ASCII)
    except re.error:
        return None
    return lambda path: searched.search(path) is not None
