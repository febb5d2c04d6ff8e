"""`bump doctor`: what is missing on GitHub, in credentials and in workflows, and how to mend it. It changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from bot.commands import examining
from bot.commands.examining import Examined
from bot.commands.place import Place, find_place
from bot.commands.reading import Pins, Reading
from bot.commands.surroundings import Surroundings
from bot.diagnosis.automation import automation
from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong, in_order, told
from bot.diagnosis.controllers import controllers
from bot.diagnosis.dependabot import dependabot
from bot.diagnosis.facts import GitHub, Settings
from bot.diagnosis.github import github
from bot.diagnosis.merging import merging
from bot.diagnosis.owners import read_owners
from bot.diagnosis.registries import registry
from bot.diagnosis.renovate import renovate
from bot.diagnosis.scripts import scripts
from bot.diagnosis.surface import Surface
from bot.diagnosis.workflows import read_workflows
from bot.errors import ConfigError
from bot.log import redact
from bot.planning.coverage import find
from bot.planning.environment import Configuration, Environment
from bot.planning.snapshot import blob_id
from bot.planning.targets import Follows, movement
from bot.report import doctor as report
from bot.report.text import counted

_MOST_PROBLEMS: Final = 5


def run_doctor(
    surroundings: Surroundings, *, environments: Sequence[str], config: str, root: Path | None, output: str
) -> int:
    """Look at everything, show it, and return 0, 2 (something is wrong) or 3 (somebody was not reached)."""
    place = find_place(surroundings, root=root, config=config)
    with _waiting(surroundings):
        checks = in_order(list(_checks(place, environments, surroundings)))
    if output == "json":
        surroundings.out.write(redact(report.render(checks)))
    elif surroundings.out.isatty():
        from bot.commands.diagnosis_page import draw

        draw(checks, surroundings)
    else:
        surroundings.out.write(redact("".join(f"{line}\n" for _, line in report.lines(checks))))
    return report.exit_code(checks)


def _waiting(surroundings: Surroundings) -> AbstractContextManager[None]:
    if not surroundings.err.isatty():
        return nullcontext()
    from bot.commands.drawing import waiting

    return waiting("asking registries and GitHub", surroundings)


def _checks(place: Place, names: Sequence[str], surroundings: Surroundings) -> Iterator[Check]:
    try:
        configuration = place.load()
    except ConfigError as error:
        for line in str(error).splitlines():
            yield Wrong(Name.CONFIGURATION, "", *told(line, "`bump config validate` shows it again"))
        yield from github(examining.github(None, {}, place, surroundings), merging=(), branches={})
        return
    chosen = [find(configuration, name) for name in names or tuple(configuration.environments)]
    entries = place.working_tree().entries()
    reading = Reading(place.working_tree(), configuration, entries)
    known = tuple(examining.examined(reading, one) for one in chosen)
    number = counted(len(configuration.environments), "environment")
    yield Ok(Name.CONFIGURATION, place.config, f"valid, {number}")
    for one in known:
        yield from _paths(configuration, one)
    for answer in examining.answers_of_registries(configuration, known, surroundings, place):
        yield registry(answer)
    yield from _outside(place, configuration, known, reading, surroundings)


def _paths(configuration: Configuration, one: Examined) -> Iterator[Check]:
    name = one.environment.name
    if isinstance(one.pins, ConfigError):
        yield Wrong(Name.PATHS, name, *told(str(one.pins), "correct its paths"))
        return
    for problem in one.pins.problems[:_MOST_PROBLEMS]:
        where = f"{problem.path}:{problem.line}" if problem.line else problem.path
        yield Wrong(
            Name.PATHS, name, *told(f"{where}: {problem.reason}", "mend the file, or leave it out by `exclude`")
        )
    if len(one.pins.problems) > _MOST_PROBLEMS:
        more = f"{len(one.pins.problems) - _MOST_PROBLEMS} more files cannot be read"
        yield Wrong(Name.PATHS, name, more, "`bump pins` lists them")
    pins = one.pins.pins
    moves = [
        isinstance(movement(pin, configuration.rule(pin.reference.repository), one.environment), Follows)
        for pin in pins
    ]
    if one.environment.follow is not None and not any(moves):
        yield Wrong(
            Name.PATHS, name, f"follows {one.environment.follow}, and of {counted(len(pins), 'pin')} none moves",
            f"`bump pins --env {name}` says why: correct `paths` or `images`",
        )  # fmt: skip
        return
    files = counted(len({pin.path for pin in pins}), "file")
    follow = f", {sum(moves)} of them following {one.environment.follow}" if one.environment.follow else ""
    yield Ok(Name.PATHS, name, f"{counted(len(pins), 'pin')} in {files}{follow}")


def _outside(
    place: Place,
    configuration: Configuration,
    known: tuple[Examined, ...],
    reading: Reading,
    surroundings: Surroundings,
) -> Iterator[Check]:
    """Yield what GitHub and the other files of the checkout say."""
    chosen = [one.environment for one in known]
    prefix = configuration.gitops.branch_prefix
    branches = {one.name: branch for one in chosen if (branch := _branch(prefix, one)) is not None}
    there = examining.github(configuration, branches, place, surroundings)
    by_github = tuple(one.name for one in chosen if _auto_merge(one) == "github")
    yield from github(there, merging=by_github, branches=branches)
    yield from _on_base(place, there)
    files = examining.telling_files(place, reading.entries)
    surface = _surface(configuration, known)
    contents = reading.files.contents([reading.entries[path] for path in sorted(surface.files)])
    owners, workflows = read_owners(files), read_workflows(files)
    for one in chosen:
        mine = sorted(path for path, name in surface.files.items() if name == one.name)
        yield from merging(one, mine, there, owners)
    awaited = [one.pull_request.auto_merge.required_checks for one in chosen if one.pull_request.auto_merge]
    named = tuple(dict.fromkeys(check for checks in awaited for check in checks))
    base = there.settings.base if isinstance(there.settings, Settings) else configuration.gitops.base
    yield from automation(workflows, protection=there.protection, named=named, actions=there.actions, base=base)
    yield from scripts(workflows, surface)
    yield from controllers({**contents, **files}, surface)
    yield from renovate(files, surface)
    yield from dependabot(files, surface)


def _branch(prefix: str, environment: Environment) -> str | None:
    if environment.follow is not None:
        return f"{prefix}/{environment.name}"
    return f"{prefix}/promote/{environment.name}" if environment.promote_from is not None else None


def _auto_merge(environment: Environment) -> str | None:
    auto_merge = environment.pull_request.auto_merge
    return auto_merge.by if auto_merge else None


def _surface(configuration: Configuration, known: tuple[Examined, ...]) -> Surface:
    """The files with images that may be moved, by whichever verb."""
    return Surface(
        configuration=configuration,
        files={
            pin.path: one.environment.name
            for one in known
            if isinstance(one.pins, Pins)
            for pin in one.pins.pins
            if (rule := configuration.rule(pin.reference.repository)) is not None and rule.move
        },
    )


def _on_base(place: Place, there: GitHub) -> Iterator[Check]:
    """What counts is the configuration on base; what was looked at is the one here."""
    if not isinstance(there.settings, Settings):
        return
    base, blob = there.settings.base, there.settings.configuration
    if blob is None:
        fix = "commit it and push it there: runs read it from base"
        yield Wrong(Name.ON_BASE, place.config, f"is not on {base}", fix)
    elif blob != blob_id((place.root / place.config).read_bytes()):
        fix = f"check out {base} and run it again, or merge what is here"
        yield CannotTell(Name.ON_BASE, place.config, f"differs from the one on {base}, which counts", fix)
    else:
        yield Ok(Name.ON_BASE, place.config, f"the same on {base}")
