"""`bump pins`: every pin in the files here, where it stands, whether it moves and by which rule; and what is missed."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.reading import Reading, pins, read
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.pins import Orphan, Pin, Problem, discover
from bot.planning.coverage import find, is_layer, uncovered
from bot.planning.environment import Environment
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
    found: list[Listed] = []
    orphans: list[tuple[str, Orphan]] = []
    problems: list[tuple[str, Problem]] = []
    errors: list[ConfigError] = []
    for name in environments or tuple(configuration.environments):
        environment = find(configuration, name)
        try:
            here = pins(reading, environment)
            alike = _look_alikes(reading, environment, here.pins)
        except ConfigError as error:
            errors.append(error)
            continue
        both = sorted((*here.pins, *alike), key=lambda pin: (pin.path, pin.value.start))
        found.extend(report.listed(configuration, environment, both))
        orphans.extend((name, orphan) for orphan in here.orphans)
        problems.extend((name, problem) for problem in here.problems)
    if not environments:
        found.extend(report.without_environment(configuration, _elsewhere(reading)))
    return Listing(pins=tuple(found), orphans=tuple(orphans), problems=tuple(problems)), tuple(errors)


def _look_alikes(reading: Reading, environment: Environment, known: Iterable[Pin]) -> Iterator[Pin]:
    """Find the images of our owners that no rule matches; what counts for an update is found without them."""
    taken = {(pin.path, pin.value.start) for pin in known}
    for pin in pins(reading, environment, look_alikes(reading.configuration)).pins:
        if reading.configuration.rule(pin.reference.repository) is None and (pin.path, pin.value.start) not in taken:
            yield pin


def _elsewhere(reading: Reading) -> Iterator[Pin]:
    """Find pins in the files that no environment covers; what cannot be read there (a chart's template) is nothing.

    A layer is there to give its names to overlays: of it only what has a tag or digest counts.
    """
    entries = uncovered(reading.configuration, reading.entries)
    wide = look_alikes(reading.configuration)
    for entry in entries:
        contents = reading.files.contents([entry])
        layer = is_layer(reading.configuration, entry.path)
        for pin in discover(entry.path, contents[entry.path], wide).pins:
            if not layer or pin.reference.tag is not None or pin.reference.digest is not None:
                yield pin
