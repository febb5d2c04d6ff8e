"""Which files an environment has, and what is wrong with its globs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.errors import ConfigError, UsageError
from bot.pins import Problem
from bot.planning.environment import Configuration, Environment
from bot.planning.glob import Glob
from bot.planning.snapshot import EXECUTABLE, FILE, Entry

MOST_FILES: Final = 10_000


def find(configuration: Configuration, name: str) -> Environment:
    """Return the environment `name`; raises `UsageError` that lists those there are."""
    environment = configuration.environments.get(name)
    if environment is None:
        there = ", ".join(sorted(configuration.environments)) or "none"
        raise UsageError(f"no environment {name!r} in {configuration.path}; there are: {there}")
    return environment


def following(configuration: Configuration, name: str) -> Environment:
    """Return the environment `name`, which must follow a channel; raises `UsageError` that says what to use instead."""
    environment = find(configuration, name)
    if environment.promote_from is not None:
        raise UsageError(f"{name} is promoted from {environment.promote_from}: use bump promote --to {name}")
    if environment.follow is None:
        raise UsageError(f"{name} follows no channel: set environments.{name}.follow, or move it by hand")
    return environment


def followers(configuration: Configuration) -> tuple[str, ...]:
    """Return the names of the environments that follow a channel, sorted."""
    return tuple(sorted(name for name, one in configuration.environments.items() if one.follow is not None))


def covered(
    configuration: Configuration, environment: Environment, entries: Mapping[str, Entry]
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return the environment's files in the order of their paths, and those that are no plain files.

    Raises `ConfigError` for a glob that matches nothing, and for a file that another environment covers too.
    """
    key = f"{configuration.path}: environments.{environment.name}.paths"
    for glob in environment.paths:
        if not any(glob.matches(path) and path.endswith((".yaml", ".yml")) for path in entries):
            raise ConfigError(f"{key}: {str(glob)!r} matches no .yaml or .yml file; correct it, or take it out")
    mine = tuple(entries[path] for path in sorted(entries) if environment.covers(path))
    if len(mine) > MOST_FILES:
        raise ConfigError(f"{key}: {len(mine)} files; the limit is {MOST_FILES}; write narrower globs")
    for entry in mine:
        others = [one.name for one in configuration.environments.values() if one.covers(entry.path)]
        if len(others) > 1:
            raise ConfigError(f"{key}: {entry.path} lies in {' and '.join(others)}; a file belongs to one environment")
    return plain_of(environment, entries)


def plain_of(environment: Environment, entries: Mapping[str, Entry]) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return what `covered` does, whatever is wrong with the globs."""
    mine = tuple(entries[path] for path in sorted(entries) if environment.covers(path))
    plain = tuple(entry for entry in mine if entry.mode in {FILE, EXECUTABLE})
    problems = tuple(
        Problem(path=entry.path, line=0, code="not-a-file", reason="a symlink or a submodule; bump edits plain files")
        for entry in mine
        if entry.mode not in {FILE, EXECUTABLE}
    )
    return plain, problems


def linked(environment: Environment, entries: Mapping[str, Entry]) -> tuple[Problem, ...]:
    """Return the symlinks and submodules in the place of a folder whose values files the environment would cover."""
    return tuple(
        Problem(
            path=path,
            line=0,
            code="not-a-file",
            reason="a symlink or a submodule; what it leads to is not looked at; put it here, or `exclude` it",
        )
        for path, entry in sorted(entries.items())
        if entry.mode not in {FILE, EXECUTABLE} and environment.reaches(path)
    )


def layers_of(environment: Environment, entries: Mapping[str, Entry]) -> tuple[tuple[Entry, int], ...]:
    """Return the plain files below the environment's own, in the order of their paths, and how high each lies.

    The globs of `layers` stand in the order in which their values are laid over each other: the last one wins.
    """
    found: list[tuple[Entry, int]] = []
    for path in sorted(entries):
        if (
            path.endswith((".yaml", ".yml"))
            and entries[path].mode in {FILE, EXECUTABLE}
            and not environment.covers(path)
        ):
            orders = [order for order, glob in enumerate(environment.layers) if glob.matches(path)]
            found.extend((entries[path], order) for order in orders[-1:])
    return tuple(found)


def relative(
    paths: Sequence[Glob], layers: Sequence[Glob], overlays: Iterable[str], below: Iterable[str]
) -> Mapping[str, frozenset[str]]:
    """Return overlays and layers without what their patterns begin with: what is equal then belongs together.

    Patterns of `paths` that begin with the same folder are taken as deep as they agree: below `env/dev/api/**` and
    `env/dev/web/**` lie `api/values.yaml` and `web/values.yaml`. Of `layers` each is taken by itself too.
    """
    shared, own = _shared_begins(paths), {glob: (begin,) for glob in layers if (begin := _begin(glob)) is not None}
    both = {glob: (*own.get(glob, ()), *begins) for glob, begins in _shared_begins(layers).items()}
    return {**_without(shared, overlays), **_without({**own, **both}, below)}


def _begin(glob: Glob) -> int | None:
    """Return how many segments of a pattern are the folder of all that it matches; None for a single file's."""
    literal = len(glob.literal_segments)
    return literal if literal < len(str(glob).split("/")) else None


def _shared_begins(globs: Sequence[Glob]) -> Mapping[Glob, tuple[int, ...]]:
    groups: dict[str, list[Glob]] = {}
    for glob in globs:
        groups.setdefault((glob.literal_segments or ("",))[0], []).append(glob)
    begins: dict[Glob, tuple[int, ...]] = {}
    for group in groups.values():
        folders = [glob.literal_segments if _begin(glob) is not None else glob.literal_segments[:-1] for glob in group]
        agreed = next(
            (at for at, names in enumerate(zip(*folders, strict=False)) if len({*names}) > 1), min(map(len, folders))
        )
        if len(group) > 1 or _begin(group[0]) is not None:
            begins.update(dict.fromkeys(group, (agreed,)))
    return begins


def _without(begins: Mapping[Glob, tuple[int, ...]], paths: Iterable[str]) -> Mapping[str, frozenset[str]]:
    return {
        path: frozenset(
            path.split("/", begin)[-1] for glob, counts in begins.items() if glob.matches(path) for begin in counts
        )
        for path in paths
    }


def is_layer(configuration: Configuration, path: str) -> bool:
    """Whether a file lies below some environment's own."""
    return any(glob.matches(path) for one in configuration.environments.values() for glob in one.layers)


def uncovered(configuration: Configuration, entries: Mapping[str, Entry]) -> tuple[Entry, ...]:
    """Return the plain YAML files that lie in no environment; layers, which are read for names alone, among them."""
    environments = tuple(configuration.environments.values())
    return tuple(
        entries[path]
        for path in sorted(entries)
        if path.endswith((".yaml", ".yml"))
        and entries[path].mode in {FILE, EXECUTABLE}
        and path != configuration.path
        and not any(one.covers(path) for one in environments)
    )
