"""`bump check --changed`: which findings a change has to do with, by its files as they are and as they were."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from bot.commands.basing import Against, Ruled, Standard
from bot.commands.reading import Files, Reading
from bot.errors import CheckoutError
from bot.planning.coverage import is_layer
from bot.planning.snapshot import EXECUTABLE, FILE, Entry
from bot.policy import ENVIRONMENT_RULES, Finding, Touched, Verdict, judge, narrowed, survey, suspects

_PLAIN: Final = frozenset({FILE, EXECUTABLE})


def changed_alone(
    verdict: Verdict,
    where: Against,
    ruling: Standard,
    reading: Reading,
    environments: Sequence[str],
    *,
    today: date,
) -> Verdict:
    """Leave the findings on changed lines, and those that there were none of where the change began."""
    every = (*verdict.findings, *(one for one, _ in verdict.waived))
    touched = _touched(where, reading, sorted({one.remark.path for one in every}))
    left = suspects(verdict, touched)
    if not left:
        return narrowed(verdict, touched, (), ran=())
    before = Reading(where.before, reading.configuration, where.before.entries())
    wanted = _formerly(left, touched, ruling)
    seen = survey(Ruled(ruling, before, environments, wanted).sheets(), whole=not environments and wanted is None)
    found = judge(seen, ruling.policy, today=today, whole=False).findings
    return narrowed(verdict, touched, found, ran=seen.ran)


def _formerly(
    left: Collection[Finding], touched: Mapping[str, Touched | None], ruling: Standard
) -> frozenset[str] | None:
    """Return the files to look at as they were: those of the findings, or all where one is about several of them.

    Whether a layer's repository stands alone is said by the overlays.
    """
    if any(one.rule in ENVIRONMENT_RULES or is_layer(ruling.configuration, one.remark.path) for one in left):
        return None
    changes = {one.remark.path: touched.get(one.remark.path) for one in left}
    return frozenset(change.former if change else path for path, change in changes.items())


def _touched(where: Against, reading: Reading, paths: Sequence[str]) -> Mapping[str, Touched | None]:
    """Compare files with what they were where the change began; those that are as they were are left out."""
    entries = where.before.entries()
    found: dict[str, Touched | None] = {}
    for path in paths:
        former = path if path in entries else where.renamed.get(path, path)
        before, after = _content(where.before, entries.get(former)), _content(reading.files, reading.entries.get(path))
        if before is None or after is None:
            found[path] = None
        elif former != path or before != after:
            found[path] = Touched.between(former, before, after)
    return found


def _content(files: Files, entry: Entry | None) -> bytes | None:
    if entry is None or entry.mode not in _PLAIN:
        return None
    try:
        return files.contents([entry])[entry.path]
    except CheckoutError:
        return None
