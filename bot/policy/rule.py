"""What a rule is: a function with a name, a reason and two examples in its docstring, and how loud it is by default."""

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from bot.policy.finding import Level, Party

_RAISED: Final = {Level.IGNORE: Level.WARNING, Level.WARNING: Level.ERROR, Level.ERROR: Level.ERROR}
_SECTION: Final = re.compile(r"^(Bad|Good):\n((?:(?:    .*)?\n)*)", re.MULTILINE)

Levels = tuple[Level, Level]


class Profile(StrEnum):
    """Which shapes are asked for; docs/policy.md tells them apart."""

    PLAN = "plan"
    STRICT = "strict"


class Lane(Enum):
    """How an environment moves: by itself along a channel, or through a gate (promoted, or moved by hand)."""

    FAST = 0
    GATED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The levels of the profile `plan`, each on the fast lane and behind a gate.

    Operators have the gated level everywhere. Under `strict` there is no fast lane, and for third-party images every
    level is one step louder.
    """

    first: Levels
    third: Levels

    def level(self, profile: Profile, lane: Lane, party: Party) -> Level:
        """Return the level where nothing is configured."""
        strict = profile is Profile.STRICT
        levels = self.third if party is Party.THIRD else self.first
        fast = lane is Lane.FAST and not strict and party is not Party.OPERATOR
        level = levels[0 if fast else 1]
        return _RAISED[level] if strict and party is Party.THIRD else level


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule in words: what it asks, why, what breaks it and what to write instead, as YAML.

    `waivable` is False for rules over waivers themselves: nothing excuses those.
    """

    name: str
    asks: str
    why: str
    bad: str
    good: str
    defaults: Defaults
    waivable: bool = True

    @classmethod
    def of(cls, function: Callable[..., object], defaults: Defaults, *, waivable: bool = True) -> "Rule":
        """Read the rule that `function` checks from its name and its docstring."""
        text = inspect.cleandoc(function.__doc__ or "") + "\n"
        sections = {match[1]: f"{textwrap.dedent(match[2]).strip()}\n" for match in _SECTION.finditer(text)}
        asks, _, why = _SECTION.sub("", text).strip().partition("\n\n")
        return cls(
            name=function.__name__.replace("_", "-"),
            asks=" ".join(asks.split()),
            why=why.strip(),
            bad=sections.get("Bad", ""),
            good=sections.get("Good", ""),
            defaults=defaults,
            waivable=waivable,
        )
