"""The list of waivers in words: a line each, separated by tabs, and a document for programs."""

import json
from collections.abc import Iterator, Sequence
from datetime import date

from bot.policy import SOON_DAYS, Waiver, by_end
from bot.report.findings import escaped
from bot.report.text import counted


def lines(waivers: Sequence[Waiver], today: date) -> Iterator[str]:
    """Yield how long each holds, its last day, owner, rule, path, image, place and reason; the first to end first.

    A line begins with words of ours, so that no text of a file is a runner's command.
    """
    for one in by_end(waivers):
        image = str(one.image) if one.image else "-"
        place = f"{one.where}:{one.line}"
        facts = (str(one.expires), one.owner, one.rule, str(one.path), image, place, one.reason)
        yield "\t".join((_left(one.days_left(today)), *map(escaped, facts))).replace("##[", "#\\x23[")


def render(waivers: Sequence[Waiver], today: date) -> str:
    """Render them for programs, ending with a line feed; docs/json.md names the keys."""
    document = {
        "version": 1,
        "command": "waivers",
        "waivers": [_object(one, one.days_left(today)) for one in by_end(waivers)],
    }
    return json.dumps(document, indent=2) + "\n"


def _object(one: Waiver, left: int) -> dict[str, object]:
    return {
        "rule": one.rule,
        "path": str(one.path),
        "image": str(one.image) if one.image else None,
        "owner": one.owner,
        "reason": one.reason,
        "expires": str(one.expires),
        "days_left": left,
        "state": "expired" if left < 0 else "expiring" if left <= SOON_DAYS else "holds",
        "file": one.where,
        "line": one.line,
    }


def _left(days: int) -> str:
    if days < 0:
        return f"expired {counted(-days, 'day')} ago"
    return f"{counted(days, 'day')} left" if days else "ends today"
