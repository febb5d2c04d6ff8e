"""Waivers for everything that a check finds now: how an old repository begins, with what is new held to the rules.

Only errors get one. A warning stops nobody; a waiver of one would, on the day after its last.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.errors import ConfigError
from bot.planning.glob import Glob
from bot.policy.finding import Finding, Level
from bot.policy.registry import RULES
from bot.policy.waivers import Waiver

MOST_WAIVERS: Final = 1_000
_WILD: Final = re.compile(r"[\[\]{}!\\*?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the new waivers have in common; `where` is the file that they are for."""

    owner: str
    reason: str
    expires: date
    where: str


def adopted(findings: Iterable[Finding], terms: Terms, *, most: int = MOST_WAIVERS) -> tuple[Waiver, ...]:
    """Return waivers for the errors in `findings`: one for each rule, file and image.

    More than `most` are made fewer, one for each rule and file: the file of waivers is for people to read, and has a
    limit. Raises `ConfigError` where those are too many, too.
    """
    errors = [one for one in findings if one.level is Level.ERROR and RULES[one.rule].waivable]
    globs = {path: glob for path in {one.remark.path for one in errors} if (glob := _literal(path)) is not None}
    subjects = [(one.remark.path, one.rule, _image(one)) for one in errors if one.remark.path in globs]
    whole = {(path, rule) for path, rule, image in subjects if image == ""}
    fine = {(path, rule, "" if (path, rule) in whole else image) for path, rule, image in subjects}
    wanted = sorted(fine) if len(fine) <= most else sorted({(path, rule, "") for path, rule, _ in fine})
    if len(wanted) > most:
        raise ConfigError(
            f"{terms.where}: {len(wanted)} more waivers, one for each rule and file, and there is room for {most}; set "
            "the rules that are broken most to warning in policy.rules first (bump check --statistics counts)"
        )
    return tuple(_waiver(globs[path], rule, image, terms) for path, rule, image in wanted)


def _image(one: Finding) -> str:
    return str(one.remark.image or "")


def _waiver(path: Glob, rule: str, image: str, terms: Terms) -> Waiver:
    return Waiver(
        rule=rule,
        path=path,
        image=Glob.parse(image) if image else None,
        reason=terms.reason,
        owner=terms.owner,
        expires=terms.expires,
        where=terms.where,
        line=0,
        column=1,
    )


def _literal(path: str) -> Glob | None:
    """Return a pattern for one file; what would have a meaning, or may not stand in one, is any one character."""
    try:
        return Glob.parse(_WILD.sub("?", path))
    except ConfigError:
        return None  # longer than a pattern may be


def by_end(waivers: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Put waivers in the order of their last days: the expired ones first."""
    return tuple(sorted(waivers, key=lambda one: (one.expires, one.where, one.line)))
