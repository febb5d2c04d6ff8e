"""`bump config`: check the configuration, and print its JSON Schema."""

from pathlib import Path, PurePosixPath

from bot.commands.actions import tell_errors
from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.surroundings import Surroundings
from bot.config import is_stale, schema
from bot.errors import ConfigError
from bot.planning.coverage import covered
from bot.report.result import DONE, SETTINGS
from bot.report.text import counted


def run_validate(surroundings: Surroundings, *, config: str, root: Path | None) -> int:
    """Check the file, and its globs against the files here; every problem is one line."""
    place = find_place(surroundings, root=root, config=config)
    configuration = place.load()
    entries = place.working_tree().entries()
    wrong = 0
    for environment in configuration.environments.values():
        try:
            covered(configuration, environment, entries)
        except ConfigError as error:
            wrong += 1
            surroundings.err.write(f"bump: {error}\n")
            tell_errors([str(error)], surroundings)
    copy = place.root / _schema_path(place.config)
    if copy.is_file() and is_stale(copy.read_bytes()):
        surroundings.err.write(
            f"bump: warning: {_schema_path(place.config)} is stale; run bump config schema --write\n"
        )
    if wrong:
        return SETTINGS
    numbers = ", ".join(
        (counted(len(configuration.environments), "environment"), counted(len(configuration.images), "image rule"))
    )
    lines(surroundings, [f"{place.config}: valid, {numbers}"])
    return DONE


def run_schema(surroundings: Surroundings, *, write: bool, config: str, root: Path | None) -> int:
    """Print the JSON Schema, or write it beside the configuration."""
    if not write:
        surroundings.out.write(schema())
        return DONE
    place = find_place(surroundings, root=root, config=config)
    path = _schema_path(place.config)
    try:
        (place.root / path).write_text(schema(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror} in {place.root}; give --config or --root") from error
    lines(surroundings, [f"{path}: written"])
    return DONE


def _schema_path(config: str) -> str:
    path = PurePosixPath(config)
    return str(path.with_name(f"{path.stem}.schema.json"))
