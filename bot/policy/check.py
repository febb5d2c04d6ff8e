"""Runs the rules: first over files, one at a time, then over what all of them say together, last over the waivers.

`survey` needs the files and nothing else; `judge` lays levels and waivers over what it found, and over whatever was
found elsewhere (`also`: in registries, between two commits).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.pins import Object
from bot.planning.environment import Environment
from bot.policy.amendments import Amended
from bot.policy.finding import Finding, Level, Party, Remark, arranged, in_order
from bot.policy.ownership import Objects
from bot.policy.registry import AMENDMENTS, ENVIRONMENTS, OBJECTS, SHEETS, USES, WAIVERS
from bot.policy.rule import Rule
from bot.policy.settings import Policy
from bot.policy.sheet import Sheet, Use
from bot.policy.waivers import Judged, Waiver, excuse


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule is broken in an environment; None for what lies in none."""

    rule: Rule
    environment: Environment | None
    remark: Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the files say: broken rules, whatever their level, and the images that have a digest.

    `ran` are the names of the rules that were looked at, `files` and `references` how much there was.
    """

    broken: tuple[Broken, ...]
    pinned: tuple[Use, ...]
    files: int
    references: int
    ran: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The findings in the order of their places, and what a waiver excuses.

    `base` is the commit whose levels and waivers counted, None for those of the files themselves. `unchanged` counts
    the findings that were left out, as nothing was changed about them; None where nothing was.
    `fixed` are findings that are gone, as this run wrote something else there, or would be after a `dry_run`. `unasked`
    counts the pinned images of which no registry said anything, though it was to be asked; None where none was.
    """

    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...] = ()
    files: int = 0
    references: int = 0
    base: str | None = None
    unchanged: int | None = None
    fixed: tuple[Finding, ...] = ()
    dry_run: bool = False
    unasked: int | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make a check fail."""
        return tuple(one for one in self.findings if one.level is Level.ERROR)

    @property
    def fails(self) -> bool:
        """Whether an error stands in the files."""
        there = (*self.findings, *(self.fixed if self.dry_run else ()))
        return any(one.level is Level.ERROR for one in there)


def survey(sheets: Iterable[Sheet], *, whole: bool = True) -> Survey:
    """Run every rule that reads files; a sheet is let go of before the next one is taken, but for its objects.

    `whole`: these are all sheets, so that a repository in a layer, which no overlay names, is known to stand alone.
    """
    broken: list[Broken] = []
    pinned: list[Use] = []
    waiting: list[tuple[str, list[Broken]]] = []
    named: set[str | None] = set()
    objects: dict[str | None, tuple[Sheet, list[Object]]] = {}
    files = references = 0
    last: tuple[str, str | None] | None = None
    for sheet in sheets:
        name = sheet.environment.name if sheet.environment else None
        files += (sheet.path, name) != last  # a stream comes in several
        last = sheet.path, name
        references += len(sheet.uses)
        for use in sheet.uses:
            told = _of_use(use, sheet.environment)
            if use.waits:
                waiting.append((f"{sheet.path}:{use.pin.line}", list(told)))
            else:
                broken += told
                named.add(use.pin.named_in)
        broken += _in_sheet(sheet)
        pinned += (use for use in sheet.uses if use.pin.reference.digest is not None and not use.hidden)
        if sheet.objects:
            objects.setdefault(name, (replace(sheet, uses=(), pulls=()), []))[1].extend(sheet.objects)
    broken += (one for place, told in waiting if whole and place not in named for one in told)
    broken += _in_environments(pinned)
    broken += (one for sheet, found in objects.values() for one in _in_objects(sheet, tuple(found)))
    ran = frozenset(rule.name for rule, _ in (*USES, *SHEETS, *ENVIRONMENTS, *OBJECTS))
    return Survey(broken=tuple(broken), pinned=tuple(pinned), files=files, references=references, ran=ran)


def judge(
    seen: Survey,
    policy: Policy,
    waivers: Sequence[Waiver] = (),
    *,
    today: date,
    whole: bool = True,
    also: Sequence[Broken] = (),
    ran: Iterable[str] = (),
    present: Sequence[Waiver] | None = None,
) -> Verdict:
    """Give each broken rule its level, and take out what a waiver excuses.

    `whole`: all files were looked at, so that a waiver that excuses nothing is known to be of no use. `also` are
    rules broken elsewhere, and `ran` the names of those that were looked at there. `present` are the waivers that the
    rules over waivers are asked about, where others excuse: the files' own, while those of the base count.
    """
    found = arranged(_levelled(policy, (*seen.broken, *also)))
    excused = [excuse(waivers, one.rule, one.remark, today) for one in found]
    present, uses = (
        (waivers, excused)
        if present is None
        else (present, [excuse(present, one.rule, one.remark, today) for one in found])
    )
    used = {id(one) for one in uses if one is not None}
    looked = {*seen.ran, *ran} if whole else set()
    judged = [
        Judged(
            waiver=one,
            today=today,
            most_days=policy.max_waiver_days,
            used=id(one) in used if one.rule in looked else None,
        )
        for one in present
    ]
    about = [Broken(rule, None, remark) for rule, check in WAIVERS for one in judged for remark in check(one)]
    left = [one for one, waiver in zip(found, excused, strict=True) if waiver is None]
    return Verdict(
        findings=tuple(in_order((*left, *arranged(_levelled(policy, about))))),
        waived=tuple((one, waiver) for one, waiver in zip(found, excused, strict=True) if waiver is not None),
        files=seen.files,
        references=seen.references,
    )


def amended(what: Amended) -> tuple[Broken, ...]:
    """Run the rules over what a change does to the policy."""
    return tuple(Broken(rule, None, remark) for rule, check in AMENDMENTS for remark in check(what))


def _of_use(use: Use, environment: Environment | None) -> Iterator[Broken]:
    for rule, check in USES:
        for remark in check(use):
            yield Broken(rule, environment, remark)


def _in_sheet(sheet: Sheet) -> Iterator[Broken]:
    for rule, check_sheet in SHEETS:
        for remark in check_sheet(sheet):
            yield Broken(rule, sheet.environment, remark)


def _in_environments(pinned: Sequence[Use]) -> Iterator[Broken]:
    groups: dict[str | None, list[Use]] = {}
    for use in pinned:
        groups.setdefault(use.environment.name if use.environment else None, []).append(use)
    for uses in groups.values():
        for rule, check in ENVIRONMENTS:
            for remark in check(tuple(uses)):
                yield Broken(rule, uses[0].environment, remark)


def _in_objects(sheet: Sheet, found: tuple[Object, ...]) -> Iterator[Broken]:
    """Ask of the objects of an environment; `sheet` is any one in it."""
    seen = Objects(found, sheet.policy)
    for rule, check in OBJECTS:
        for remark in check(seen):
            yield Broken(rule, sheet.environment, remark)


def _levelled(policy: Policy, broken: Iterable[Broken]) -> Iterator[Finding]:
    known: dict[tuple[str, str | None, Party], Level] = {}
    for one in broken:
        environment = one.environment.name if one.environment else None
        key = one.rule.name, environment, one.remark.party
        level = known.get(key)
        if level is None:
            level = known[key] = policy.level(one.rule, one.environment, one.remark.party)
        if level is not Level.IGNORE:
            yield Finding(rule=one.rule.name, level=level, environment=environment, remark=one.remark)


def statistics(findings: Iterable[Finding]) -> Mapping[str, tuple[int, int]]:
    """Count errors and warnings by rule, the most first."""
    counts: dict[str, list[int]] = {}
    for one in findings:
        counts.setdefault(one.rule, [0, 0])[one.level is not Level.ERROR] += 1
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1]), item[0]))
    return {rule: (errors, warnings) for rule, (errors, warnings) in ordered}
