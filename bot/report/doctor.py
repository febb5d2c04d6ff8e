"""What `bump doctor` found: grouped lines for people, JSON for programs, and the exit code."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, Literal

from bot.diagnosis.check import CannotTell, Check, Ok, Wrong
from bot.report.markdown import plain
from bot.report.result import DONE, SETTINGS, UNREACHABLE

Tone = Literal["group", "ok", "wrong", "cannot-tell", "fix", "summary"]
_MARKS: Final = {"ok": "✓", "wrong": "✗", "cannot-tell": "?"}
_LONGEST: Final = 1000


def verdict(check: Check) -> Literal["ok", "wrong", "cannot-tell"]:
    """Return the verdict's word."""
    match check:
        case Ok():
            return "ok"
        case Wrong():
            return "wrong"
        case CannotTell():
            return "cannot-tell"


def lines(checks: Sequence[Check]) -> Iterator[tuple[Tone, str]]:
    """Yield every line with what it is; `checks` come in their order. The last one counts."""
    for group, members in groupby(checks, key=lambda one: one.name.group):
        yield "group", group.value
        for one in members:
            subject = f"{one.subject}: " if one.subject else ""
            word = verdict(one)
            yield word, f"  {_MARKS[word]} {one.name}  {plain(subject + one.message, most=_LONGEST)}"
            if fix := _fix(one):
                yield "fix", f"      → {plain(fix, most=_LONGEST)}"
        yield "group", ""
    yield "summary", summary(checks)


def summary(checks: Sequence[Check]) -> str:
    """Count the verdicts in one line."""
    words = [verdict(one) for one in checks]
    return f"{words.count('ok')} ok, {words.count('wrong')} wrong, {words.count('cannot-tell')} cannot tell"


def render(checks: Sequence[Check]) -> str:
    """Render one JSON object."""
    found = [
        {
            "group": one.name.group.name.lower(),
            "name": str(one.name),
            "verdict": verdict(one),
            "subject": plain(one.subject, most=_LONGEST) or None,
            "message": plain(one.message, most=_LONGEST),
            "fix": plain(fix, most=_LONGEST) if (fix := _fix(one)) else None,
        }
        for one in checks
    ]
    return json.dumps({"version": 1, "command": "doctor", "checks": found}, indent=2, ensure_ascii=False) + "\n"


def exit_code(checks: Sequence[Check]) -> int:
    """Return 0 when nothing is wrong, 2 when something is, and 3 when somebody could not be reached."""
    if any(isinstance(one, CannotTell) and one.unreachable for one in checks):
        return UNREACHABLE
    return SETTINGS if any(isinstance(one, Wrong) for one in checks) else DONE


def _fix(check: Check) -> str:
    return "" if isinstance(check, Ok) else check.fix
