"""`bump config`: check the configuration, and print its JSON Schema."""

from pathlib import Path, PurePosixPath

from bot.commands.actions import tell_errors
from bot.commands.output import lines
from bot.commands.place import find_place
from bot.commands.surroundings import Surroundings
from bot.config import beside, is_stale, is_waivers_schema_stale, schema, waivers_schema
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
    for path, stale, option in (
        (_schema_path(place.config), is_stale, ""),
        (_schema_path(beside(place.config)), is_waivers_schema_stale, " --waivers"),
    ):
        copy = place.root / path
        if copy.is_file() and stale(copy.read_bytes()):
            surroundings.err.write(f"bump: warning: {path} is stale; run bump config schema --write{option}\n")
    if wrong:
        return SETTINGS
    numbers = ", ".join(
        (counted(len(configuration.environments), "environment"), counted(len(configuration.images), "image rule"))
    )
    lines(surroundings, [f"{place.config}: valid, {numbers}"])
    return DONE


def run_schema(surroundings: Surroundings, *, write: bool, waivers: bool, config: str, root: Path | None) -> int:
    """Print the JSON Schema, or write it beside the configuration; `waivers`: that of the waivers' file."""
    text = waivers_schema() if waivers else schema()
    if not write:
        surroundings.out.write(text)
        return DONE
    place = find_place(surroundings, root=root, config=config)
    path = _schema_path(beside(place.config) if waivers else place.config)
    try:
        (place.root / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror} in {place.root}; give --config or --root") from error
    lines(surroundings, [f"{path}: written"])
    return DONE


def _schema_path(config: str) -> str:
    path = PurePosixPath(config)
    return str(path.with_name(f"{path.stem}.schema.json"))
