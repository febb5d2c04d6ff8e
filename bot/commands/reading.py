"""Reads configuration, files and pins of one commit, whoever holds it: a checkout or GitHub."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot import config
from bot.errors import ConfigError
from bot.pins import Below, FirstParty, Layers, Orphan, Pin, Problem, discover, read_layers
from bot.planning.coverage import covered, layers_of, relative
from bot.planning.environment import Configuration, Environment
from bot.planning.snapshot import Entry, Snapshot, blob_id
from bot.planning.targets import first_party

FOLDER: Final = "a folder, not a file; give --config its path, as in config/environments.yaml"
ADVICE: Final = "write one, or give --config or --root"


class Files(Protocol):
    """The files of one commit, or of the working tree."""

    @property
    def commit(self) -> str:
        """The commit's id, or a word for what is not committed."""

    @property
    def place(self) -> str:
        """Where they are, as a message says it behind `not found`: in a folder, at a commit."""

    def entries(self) -> Mapping[str, Entry]:
        """Return every file by its path."""

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return the bytes of some files by their paths."""


class Trees(Protocol):
    """A repository that can show the files of any commit."""

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file of a commit or tree by its path."""

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return the bytes of some files by their paths."""


@dataclass(frozen=True, slots=True)
class At:
    """The files of a repository at one commit."""

    trees: Trees
    commit: str

    @property
    def place(self) -> str:
        """The commit, as far as a person reads it."""
        return f"at {self.commit[:12]}"

    def entries(self) -> Mapping[str, Entry]:
        """Return every file by its path."""
        return self.trees.entries(self.commit)

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return the bytes of some files by their paths."""
        return self.trees.contents(entries)


@dataclass(frozen=True, slots=True)
class Reading:
    """One commit, opened: its configuration, and every file's entry. Contents are read per environment."""

    files: Files
    configuration: Configuration
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """An environment's snapshot, the pins in it in the order of paths, and the files that could not be read.

    `orphans` are digests whose repository stands nowhere.
    """

    snapshot: Snapshot
    pins: tuple[Pin, ...]
    problems: tuple[Problem, ...]
    orphans: tuple[Orphan, ...] = ()


def read(files: Files, path: str) -> Reading:
    """Read the configuration at `path`; raises `ConfigError` when it is not there or wrong."""
    entries = files.entries()
    entry = entries.get(path)
    if entry is None:
        if any(other.startswith(f"{path}/") for other in entries):
            raise ConfigError(f"{path}: {FOLDER}")
        advice = "write one, commit it, or give another --config" if isinstance(files, At) else ADVICE
        raise ConfigError(f"{path}: not found {files.place}; {advice}")
    return Reading(files, config.load(files.contents([entry])[path], path=path), entries)


def pins(reading: Reading, environment: Environment, ours: FirstParty | None = None) -> Pins:
    """Read an environment's files and find its pins; raises `ConfigError` when its globs are wrong.

    `ours` are the images to look for; by default those that the configuration has a rule for.
    """
    ours = ours or first_party(reading.configuration)
    mine, odd = covered(reading.configuration, environment, reading.entries)
    below = layers_of(environment, reading.entries)
    contents = reading.files.contents(
        tuple({entry.path: entry for entry in (*mine, *(one for one, _ in below))}.values())
    )
    layers, unread = layers_below(
        environment, mine, [(entry, contents[entry.path], order) for entry, order in below], ours
    )
    found = [discover(entry.path, contents[entry.path], ours, layers) for entry in mine]
    own = {entry.path: contents[entry.path] for entry in mine}
    return Pins(
        snapshot=Snapshot(commit=reading.files.commit, entries=_known(mine, own), contents=own),
        pins=tuple(pin for one in found for pin in one.pins),
        problems=(*odd, *unread, *(problem for one in found for problem in one.problems)),
        orphans=tuple(orphan for one in found for orphan in one.orphans),
    )


def layers_below(
    environment: Environment,
    mine: Sequence[Entry],
    below: Sequence[tuple[Entry, bytes, int]],
    ours: FirstParty,
    known: MutableMapping[str, Below] | None = None,
) -> tuple[Layers, tuple[Problem, ...]]:
    """Read the lower value files, each with its content and order; `known` has what others' reading brought."""
    above = [entry.path for entry in mine]
    return read_layers(
        ((entry.path, content, order) for entry, content, order in below),
        ours,
        above,
        relative(environment.paths, environment.layers, above, [entry.path for entry, _, _ in below]),
        known,
    )


def _known(entries: Iterable[Entry], contents: Mapping[str, bytes]) -> Mapping[str, Entry]:
    """Give entries from the working tree, which have no blob yet, the one that git would give them."""
    return {
        one.path: one if one.blob else Entry(path=one.path, mode=one.mode, blob=blob_id(contents[one.path]))
        for one in entries
    }
