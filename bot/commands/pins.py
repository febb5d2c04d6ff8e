"""`bump pins`: every pin in the files here, where it stands, and whether it moves."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.reading import Pins, pins, read
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.pins import Pin
from bot.planning.coverage import find
from bot.planning.environment import Configuration, Environment
from bot.planning.targets import Follows, movement
from bot.report.markdown import plain
from bot.report.result import DONE, SETTINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    environment: str
    pin: Pin
    follows: str | None
    reason: str


def run_pins(
    surroundings: Surroundings, *, environments: Sequence[str], config: str, root: Path | None, output: str
) -> int:
    """List the pins of the environments, or of all; files that cannot be read are named on stderr."""
    place = find_place(surroundings, root=root, config=config)
    reading = read(place.working_tree(), config)
    configuration = reading.configuration
    listed: list[_Listed] = []
    code = DONE
    for name in environments or tuple(configuration.environments):
        environment = find(configuration, name)
        try:
            found = pins(reading, environment)
        except ConfigError as error:
            surroundings.err.write(f"bump: {error}\n")
            code = SETTINGS
            continue
        listed.extend(_listed(configuration, environment, found))
        for problem in found.problems:
            line = f":{problem.line}" if problem.line else ""
            surroundings.err.write(f"bump: {problem.path}{line}: {problem.reason}\n")
    if output == "json":
        document = {"version": 1, "command": "pins", "pins": [_object(one) for one in listed]}
        surroundings.out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        lines(surroundings, (_line(one) for one in listed))
    return code


def _listed(configuration: Configuration, environment: Environment, found: Pins) -> Iterator[_Listed]:
    for pin in found.pins:
        rule = configuration.rule(pin.reference.repository)
        moves = movement(pin, rule, environment)
        refusal = pin.refusal.reason if pin.refusal else ""
        if isinstance(moves, Follows):
            by = f"images[{rule.position}]" if rule else ""
            follows: str | None = None if pin.refusal else str(moves.channel)
            yield _Listed(environment=environment.name, pin=pin, follows=follows, reason=refusal or by)
        else:
            yield _Listed(environment=environment.name, pin=pin, follows=None, reason=moves.reason)


def _line(one: _Listed) -> str:
    reference = one.pin.reference
    columns = (
        one.environment,
        one.pin.place,
        one.pin.key,
        one.pin.shape,
        reference.repository,
        reference.tag or "-",
        reference.digest or "-",
        f"follows {one.follows}" if one.follows else "stays",
        one.reason or "-",
    )
    return "\t".join(plain(str(column), most=1000) for column in columns)


def _object(one: _Listed) -> dict[str, object]:
    pin, reference = one.pin, one.pin.reference
    return {
        "environment": one.environment,
        "path": pin.path,
        "line": pin.line,
        "column": pin.column,
        "document": pin.document,
        "key": pin.key,
        "shape": pin.shape.value,
        "image": str(reference.repository),
        "tag": str(reference.tag) if reference.tag else None,
        "digest": str(reference.digest) if reference.digest else None,
        "follows": one.follows,
        "reason": one.reason or None,
    }
