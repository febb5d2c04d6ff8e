"""`bump check`: the rules of `bot.policy` over the files here. It asks registries and writes only when told to."""

from collections.abc import Sequence
from pathlib import Path

from bot.commands.actions import tell_errors
from bot.commands.basing import against, standard
from bot.commands.checking import below, seldom_collected
from bot.commands.fixing import finish, told
from bot.commands.inspection import Inspection
from bot.commands.place import find_place
from bot.commands.reading import read
from bot.commands.surroundings import Surroundings
from bot.commands.telling import tell_verdict
from bot.errors import UsageError
from bot.log import redact
from bot.policy import RULES
from bot.report import findings as report
from bot.report.result import DONE, NOT_ALL, SETTINGS


def run_check(
    surroundings: Surroundings,
    *,
    environments: Sequence[str],
    paths: Sequence[str],
    manifests: Sequence[str],
    base: str | None,
    changed: bool,
    online: bool,
    mends: bool,
    dry_run: bool,
    statistics: bool,
    configuration: str,
    root: Path | None,
    output: str,
) -> int:
    """Check the environments, or all of them; `paths` leave only what lies at or below one of them.

    `manifests` are rendered ones, as paths or `-`, to look at instead.

    `base` names the commit that judges, and `changed` leaves only what was changed since it (`bot.commands.basing`).
    `online` asks registries about what is pinned. `mends` writes what has one safe way out, and then tells what is
    left; with `dry_run` it only shows that. Findings go to stdout; a line that counts them, and what is wrong with the
    configuration, to stderr.
    """
    if dry_run and not mends:
        raise UsageError("--dry-run needs --fix: without it nothing is written")
    if manifests and (paths or mends or changed):
        what = "give PATH without it" if paths else "without --changed, as no commit has them"
        what = "--fix mends what people write; mend what these were rendered from" if mends else what
        raise UsageError(f"--manifests looks at rendered manifests alone: {what}")
    place = find_place(surroundings, root=root, config=configuration)
    reading = read(place.working_tree(), place.config)
    where = against(surroundings, place, reading, base)
    if changed and where is None:
        raise UsageError("--changed: since when? give --base REF, as in --base origin/main")
    inspection = Inspection(
        place=place,
        environments=environments,
        wanted=below(paths, surroundings.folder, place, reading),
        here=standard(reading),
        where=where,
        manifests=manifests,
        changed=changed,
        mends=mends,
        dry_run=dry_run,
        online=online,
    )
    with seldom_collected():
        found = inspection.inspect(reading, surroundings)
    finish(found.fixing, place.working_tree(), surroundings, dry_run=dry_run, shows=output == "text")
    for note in (*told(found.fixing.mended, dry_run=dry_run), *found.asked.failures, *found.asked.notes):
        surroundings.err.write(redact(f"bump: {note}\n"))
    tell_errors(found.asked.failures, surroundings)
    tell_verdict(found.verdict, found.errors, surroundings, statistics=statistics, output=output)
    code = max(found.fixing.code, found.asked.code, NOT_ALL if found.verdict.fails else DONE)
    return max(code, SETTINGS) if found.errors else code


def run_explain(surroundings: Surroundings, *, rule: str) -> int:
    """Show a rule's page; raises `UsageError` with the list for one that there is not."""
    if rule not in RULES:
        raise UsageError(f"--explain {rule[:60]}: no such rule; there are {', '.join(RULES)}")
    surroundings.out.write(report.page(RULES[rule]))
    return DONE
