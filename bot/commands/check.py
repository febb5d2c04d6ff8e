"""`bump check`: the rules of `bot.policy` over the files here. It writes nothing and asks nobody."""

from collections.abc import Sequence
from pathlib import Path

from bot import clock, config
from bot.commands.checking import Checked, below, labelling, seldom_collected, waivers
from bot.commands.place import find_place
from bot.commands.reading import Reading, read
from bot.commands.surroundings import Surroundings
from bot.commands.telling import tell_verdict
from bot.errors import UsageError
from bot.policy import RULES, House, Policy, judge, survey
from bot.report import findings as report
from bot.report.result import DONE, NOT_ALL, SETTINGS


def run_check(
    surroundings: Surroundings,
    *,
    environments: Sequence[str],
    paths: Sequence[str],
    statistics: bool,
    configuration: str,
    root: Path | None,
    output: str,
) -> int:
    """Check the environments, or all of them; `paths` leave only what lies at or below one of them.

    Findings go to stdout; a line that counts them, and what is wrong with the configuration, to stderr.
    """
    place = find_place(surroundings, root=root, config=configuration)
    reading = read(place.working_tree(), place.config)
    policy = _policy(reading)
    wanted = below(paths, surroundings.folder, place, reading)
    checked = Checked(House(reading.configuration, policy, labelling(reading)), reading, environments, wanted)
    excuses = waivers(reading)
    with seldom_collected():
        seen = survey(checked.sheets())
        whole = not environments and wanted is None and not checked.errors
        verdict = judge(seen, policy, excuses, today=clock.now().date(), whole=whole)
    tell_verdict(verdict, checked.errors, surroundings, statistics=statistics, output=output)
    if checked.errors:
        return SETTINGS
    return NOT_ALL if verdict.errors else DONE


def run_explain(surroundings: Surroundings, *, rule: str) -> int:
    """Show a rule's page; raises `UsageError` with the list for one that there is not."""
    if rule not in RULES:
        raise UsageError(f"--explain {rule[:60]}: no such rule; there are {', '.join(RULES)}")
    surroundings.out.write(report.page(RULES[rule]))
    return DONE


def _policy(reading: Reading) -> Policy:
    path = reading.configuration.path
    return config.load_policy(reading.files.contents([reading.entries[path]])[path], path=path)
