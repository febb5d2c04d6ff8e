"""The findings of a check in the words of GitHub Actions: annotations at file and line, and a job summary.

Characters that nobody sees are escapes here, too: an annotation is read by people who decide by it.
"""

from collections.abc import Iterator
from typing import Final

from bot.policy import Finding, Level, Verdict
from bot.report.actions import MOST_SUMMARY, Annotation, limited
from bot.report.findings import escaped, lines, statistics_lines, summary
from bot.report.markdown import code

_RESERVE: Final = 200  # for the line that counts what was left out
_MOST: Final = 1000


def annotations(verdict: Verdict) -> Iterator[str]:
    """Yield a command for every finding, as many as the runner shows."""
    return limited((_annotation(one) for one in verdict.findings), rest="all are in the job summary")


def _annotation(one: Finding) -> Annotation:
    remark = one.remark
    instead = f"; write {remark.instead}" if remark.instead else ""
    return Annotation(
        level="error" if one.level is Level.ERROR else "warning",
        title=f"bump {one.rule}",
        message=escaped(f"{remark.message}{instead}"),
        path=escaped(remark.path),
        line=remark.line or None,
        column=remark.column if remark.line else None,
    )


def job_summary(verdict: Verdict) -> str:
    """Render the job summary: how often which rule is broken, and every finding, as far as it fits."""
    parts = [f"### bump check\n\n{'❌' if verdict.fails else '✅'} {summary(verdict)}\n"]
    room = MOST_SUMMARY - _RESERVE - len(parts[0].encode())
    for title, found in (("rules", list(statistics_lines(verdict))), ("findings", list(lines(verdict)))):
        if found:
            shown = list(_fitting(found, room))
            left = f"- and {len(found) - len(shown)} more\n" if len(found) > len(shown) else ""
            parts.append(f"\n#### {title}\n\n{''.join(shown)}{left}")
            room -= len(parts[-1].encode())
    return "".join(parts)


def _fitting(found: list[str], room: int) -> Iterator[str]:
    for one in found:
        item = f"- {code(one, most=_MOST)}\n"
        room -= len(item.encode())
        if room < 0:
            return
        yield item
