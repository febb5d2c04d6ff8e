"""Which findings a change has to do with: those on a line that it touched, and those that there were none of before.

Lines alone would not do: taking a digest out of a mapping leaves the line of the repository as it was, and a second
digest in one file makes the first one drift in another. What is about the policy itself is never left out.
"""

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.policy.check import Verdict
from bot.policy.finding import Finding, position_free
from bot.policy.registry import AMENDMENTS, WAIVERS

_ALWAYS: Final = frozenset(rule.name for rule, _ in (*WAIVERS, *AMENDMENTS))
_LONGEST: Final = 4_000  # lines on both sides together; beyond, the search for what is equal would take too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The lines of a file that are new, from 1; `former` is its path before."""

    former: str
    lines: Collection[int]

    @classmethod
    def between(cls, former: str, before: bytes, after: bytes) -> "Touched":
        """Compare two states of a file, as bytes: no attribute of git changes what counts."""
        return cls(former=former, lines=_new(before.split(b"\n"), after.split(b"\n")))


def _new(before: list[bytes], after: list[bytes]) -> Collection[int]:
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) + len(new) > _LONGEST:
        return range(start + 1, start + len(new) + 1)
    found: set[int] = set()
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            found.update(range(start + first + 1, start + last + 1))
    return found


def narrowed(
    verdict: Verdict, touched: Mapping[str, Touched | None], before: Iterable[Finding], *, ran: Collection[str]
) -> Verdict:
    """Leave out what a change has nothing to do with.

    `touched` are the changed files, with None for one that is new; `before` is what was found, waived or not, in the
    files as they were, by the rules that `ran`: of others, which ask somebody else, the line alone decides.
    """
    known = Counter(_identity(one, one.remark.path) for one in before)
    unchanged = {id(one) for one, _ in verdict.waived if not _is_touched(one, touched)}
    unchanged |= {id(one) for one in verdict.findings if not _is_touched(one, touched)}
    old: set[int] = set()
    for one in (*verdict.findings, *(waived for waived, _ in verdict.waived)):
        if id(one) in unchanged:
            mark = _identity(one, _former(one, touched))
            known[mark] -= 1
            if known[mark] >= 0 or one.rule not in ran:
                old.add(id(one))
    return replace(
        verdict,
        findings=tuple(one for one in verdict.findings if id(one) not in old),
        waived=tuple((one, waiver) for one, waiver in verdict.waived if id(one) not in old),
        unchanged=sum(id(one) in old for one in verdict.findings),
    )


def suspects(verdict: Verdict, touched: Mapping[str, Touched | None]) -> tuple[Finding, ...]:
    """Return the findings whose lines are as they were: only what was found before tells whether they are new."""
    every = (*verdict.findings, *(one for one, _ in verdict.waived))
    return tuple(one for one in every if not _is_touched(one, touched))


def _is_touched(one: Finding, touched: Mapping[str, Touched | None]) -> bool:
    if one.rule in _ALWAYS:
        return True
    path = one.remark.path
    if path not in touched:
        return False
    change = touched[path]
    return change is None or (one.remark.line in change.lines if one.remark.line else bool(change.lines))


def _former(one: Finding, touched: Mapping[str, Touched | None]) -> str:
    change = touched.get(one.remark.path)
    return change.former if change else one.remark.path


def _identity(one: Finding, path: str) -> object:
    """What a finding is about, wherever in its file that stands; an image that came into another environment is new."""
    remark = one.remark
    about = position_free(remark.key) or remark.text
    return one.rule, one.level, one.environment, path, str(remark.image or ""), about
