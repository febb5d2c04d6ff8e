"""`bump pins`: every pin in the files here, where it stands, whether it moves and by which rule; and what is missed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.reading import Reading, pins, read
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.pins import Orphan, Pin, Problem, discover
from bot.planning.coverage import find, uncovered
from bot.planning.targets import look_alikes
from bot.report import pins as report
from bot.report.markdown import plain
from bot.report.pins import Listed, Listing
from bot.report.result import DONE, NOT_ALL, SETTINGS


def run_pins(
    surroundings: Surroundings, *, environments: Sequence[str], config: str, root: Path | None, output: str
) -> int:
    """List the pins of the environments, or of all and of the files that none covers.

    Files that cannot be read, and a line that counts it all, go to stderr.
    """
    place = find_place(surroundings, root=root, config=config)
    reading = read(place.working_tree(), place.config)
    listing, errors = _listing(reading, environments)
    if output == "json":
        surroundings.out.write(report.render(listing))
    elif surroundings.out.isatty():
        from bot.commands.pin_table import draw

        draw(listing, surroundings)
    else:
        lines(surroundings, report.lines(listing))
    for error in errors:
        surroundings.err.write(f"bump: {error}\n")
    for _, problem in listing.problems:
        line = f":{problem.line}" if problem.line else ""
        surroundings.err.write(f"bump: {plain(f'{problem.path}{line}: {problem.reason}', most=1000)}\n")
    surroundings.err.write(f"{report.summary(listing)}\n")
    if errors:
        return SETTINGS
    return NOT_ALL if listing.problems else DONE


def _listing(reading: Reading, environments: Sequence[str]) -> tuple[Listing, tuple[ConfigError, ...]]:
    configuration = reading.configuration
    wide = look_alikes(configuration)
    found: list[Listed] = []
    orphans: list[tuple[str, Orphan]] = []
    problems: list[tuple[str, Problem]] = []
    errors: list[ConfigError] = []
    for name in environments or tuple(configuration.environments):
        environment = find(configuration, name)
        try:
            here = pins(reading, environment, wide)
        except ConfigError as error:
            errors.append(error)
            continue
        found.extend(report.listed(configuration, environment, here.pins))
        orphans.extend((name, orphan) for orphan in here.orphans)
        problems.extend((name, problem) for problem in here.problems)
    if not environments:
        found.extend(report.without_environment(configuration, _elsewhere(reading)))
    return Listing(pins=tuple(found), orphans=tuple(orphans), problems=tuple(problems)), tuple(errors)


def _elsewhere(reading: Reading) -> Iterator[Pin]:
    """Find pins in the files that no environment covers; what cannot be read there (a chart's template) is nothing."""
    entries = uncovered(reading.configuration, reading.entries)
    wide = look_alikes(reading.configuration)
    for entry in entries:
        contents = reading.files.contents([entry])
        yield from discover(entry.path, contents[entry.path], wide).pins
