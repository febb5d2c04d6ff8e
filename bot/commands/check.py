"""`bump check`: the rules of `bot.policy` over the files here. It writes nothing and asks nobody."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot import clock
from bot.commands.basing import Ruled, against, standard
from bot.commands.checking import below, seldom_collected
from bot.commands.narrowing import changed_alone
from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.reading import read
from bot.commands.surroundings import Surroundings
from bot.errors import UsageError
from bot.log import redact
from bot.policy import RULES, Verdict, amended, judge, survey
from bot.report import findings as report
from bot.report.result import DONE, NOT_ALL, SETTINGS


def run_check(
    surroundings: Surroundings,
    *,
    environments: Sequence[str],
    paths: Sequence[str],
    base: str | None,
    changed: bool,
    statistics: bool,
    configuration: str,
    root: Path | None,
    output: str,
) -> int:
    """Check the environments, or all of them; `paths` leave only what lies at or below one of them.

    `base` names the commit that judges, and `changed` leaves only what was changed since it (`bot.commands.basing`).
    Findings go to stdout; a line that counts them, and what is wrong with the configuration, to stderr.
    """
    place = find_place(surroundings, root=root, config=configuration)
    reading = read(place.working_tree(), place.config)
    wanted = below(paths, surroundings.folder, place, reading)
    here = standard(reading)
    where = against(surroundings, place, reading, base)
    if changed and where is None:
        raise UsageError("--changed: since when? give --base REF, as in --base origin/main")
    ruling = (where.ruling if where else None) or here
    checked = Ruled(ruling, reading, environments, wanted)
    today = clock.now().date()
    with seldom_collected():
        seen = survey(checked.sheets())
        whole = not environments and wanted is None and not checked.errors
        also = amended(where.amended) if where else ()
        verdict = judge(seen, ruling.policy, ruling.waivers, present=here.waivers, today=today, whole=whole, also=also)
        if where and where.ruling:
            verdict = replace(verdict, base=where.base.tip)
        if where and changed:
            verdict = changed_alone(verdict, where, ruling, reading, environments, today=today)
    _show(verdict, surroundings, statistics=statistics, output=output)
    for error in checked.errors:
        surroundings.err.write(redact(f"bump: {error}\n"))
    surroundings.err.write(f"{report.summary(verdict)}\n")
    if checked.errors:
        return SETTINGS
    return NOT_ALL if verdict.errors else DONE


def run_explain(surroundings: Surroundings, *, rule: str) -> int:
    """Show a rule's page; raises `UsageError` with the list for one that there is not."""
    if rule not in RULES:
        raise UsageError(f"--explain {rule[:60]}: no such rule; there are {', '.join(RULES)}")
    surroundings.out.write(report.page(RULES[rule]))
    return DONE


def _show(verdict: Verdict, surroundings: Surroundings, *, statistics: bool, output: str) -> None:
    if output == "json":
        surroundings.out.write(redact(report.render(verdict)))
    else:
        lines(surroundings, report.statistics_lines(verdict) if statistics else report.lines(verdict))
