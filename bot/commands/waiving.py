"""`bump waivers` and `bump check --write-waivers`: what is excused until when; a beginning in an old repository."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot import clock, config
from bot.checkout.creation import create
from bot.commands.basing import Ruled, standard
from bot.commands.checking import below, seldom_collected, waivers
from bot.commands.output import lines
from bot.commands.place import Place, find_place
from bot.commands.reading import Reading, read
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError, UsageError
from bot.log import redact
from bot.policy import MOST_WAIVERS, Terms, adopted, judge, survey
from bot.report import waivers as report
from bot.report.result import DONE, NOT_ALL, SETTINGS
from bot.report.text import counted


@dataclass(frozen=True, slots=True)
class Wish:
    """Owner, reason and last day of waivers, as they stand on the command line."""

    owner: str
    reason: str
    expires: str


def wished(*, write: bool, alone: bool, owner: str | None, reason: str | None, expires: str | None) -> Wish:
    """Gather the options; raises `UsageError` where one is missing, or stands with those that mean something else."""
    if not write:
        raise UsageError("--owner, --reason and --expires are those of new waivers; give --write-waivers too")
    if not alone:
        raise UsageError(
            "--write-waivers writes a file, for what is here; leave out --base, --changed, --online, --fix, "
            "--manifests and formats"
        )
    if owner is None or reason is None or expires is None:
        raise UsageError("--write-waivers: needs --owner NAME, --reason TEXT and --expires DATE, as in 2027-01-31")
    return Wish(owner, reason, expires)


def run_waivers(surroundings: Surroundings, *, configuration: str, root: Path | None, output: str) -> int:
    """List the waivers, the first to end at the top."""
    place = find_place(surroundings, root=root, config=configuration)
    there = waivers(read(place.working_tree(), place.config))
    today = clock.now().date()
    if output == "json":
        surroundings.out.write(redact(report.render(there, today)))
    else:
        lines(surroundings, report.lines(there, today))
    return DONE


def run_write(
    surroundings: Surroundings,
    *,
    environments: Sequence[str],
    paths: Sequence[str],
    wish: Wish,
    configuration: str,
    root: Path | None,
) -> int:
    """Write a waiver for every error that a check finds now; what none can excuse is told, and exit code 1."""
    place = find_place(surroundings, root=root, config=configuration)
    reading = read(place.working_tree(), place.config)
    here = standard(reading)
    today = clock.now().date()
    terms = _terms(wish, config.beside(place.config), today, here.policy.max_waiver_days)
    wanted = below(paths, surroundings.folder, place, reading)
    checked = Ruled(here, reading, environments, wanted)
    with seldom_collected():
        seen = survey(checked.sheets(), whole=not environments and wanted is None)
    if checked.errors:
        for error in checked.errors:
            surroundings.err.write(redact(f"bump: {error}\n"))
        return SETTINGS
    found = judge(seen, here.policy, here.waivers, today=today, whole=False)
    new = adopted(found.findings, terms, most=max(0, MOST_WAIVERS - len(here.waivers)))
    if new:
        _write(place, reading, terms.where, config.add_waivers(_content(reading, terms.where), new, path=terms.where))
    left = judge(seen, here.policy, (*here.waivers, *new), today=today, whole=False)
    excused = len(left.waived) - len(found.waived)
    lines(surroundings, [f"{terms.where}: {counted(len(new), 'new waiver')} for {counted(excused, 'finding')}"])
    if left.errors:
        surroundings.err.write(f"bump: {counted(len(left.errors), 'error')} that no waiver excuses; run bump check\n")
    return NOT_ALL if left.errors else DONE


def _terms(wish: Wish, where: str, today: date, most: int) -> Terms:
    """Read what was wished for; raises `UsageError` for a date beyond what the policy allows, or one that is past."""
    try:
        owner, reason, expires = config.waiver_terms(wish.owner, wish.reason, wish.expires)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    last = today + timedelta(days=most)
    if not today <= expires <= last:
        raise UsageError(
            f"--expires {expires}: expected a day from today to {last}, as policy.max_waiver_days is {most}"
        )
    return Terms(owner=owner, reason=reason, expires=expires, where=where)


def _content(reading: Reading, path: str) -> bytes | None:
    entry = reading.entries.get(path)
    return reading.files.contents([entry])[path] if entry else None


def _write(place: Place, reading: Reading, path: str, content: bytes) -> None:
    before = _content(reading, path)
    if before is None:
        create(place.root, path, content)
    else:
        place.working_tree().write({path: content}, expected={path: before})
