"""By which commit a check judges: the base's levels, waivers, images and environments, not those of the change itself.

Levels and waivers are those of the base's newest commit: what was taken back there excuses nobody who branched off
before. What the change did to them, and which lines are its own, counts from the commit where it left the base.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot import config
from bot.checkout import Base, History, LocalRepository
from bot.commands.charting import beside, chart_files, labelling, templates
from bot.commands.checking import Checked, waivers
from bot.commands.event import event_base
from bot.commands.place import Place
from bot.commands.reading import At, Files, Reading, read
from bot.commands.surroundings import Surroundings
from bot.errors import ConfigError
from bot.planning.coverage import find
from bot.planning.environment import Configuration
from bot.planning.snapshot import EXECUTABLE, FILE, Entry
from bot.policy import Amended, Departed, House, Key, Policy, Setting, Sheet, Waiver

_PLAIN: Final = frozenset({FILE, EXECUTABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What decides what is asked, and how loudly, as one state of the repository has it."""

    configuration: Configuration
    policy: Policy
    waivers: tuple[Waiver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """The base of a check. `ruling` judges, or the checkout's own standard where the base has no configuration (None).

    `before` are the files where the change began.
    """

    base: Base
    ruling: Standard | None
    amended: Amended
    before: Files
    renamed: Mapping[str, str]


def standard(reading: Reading) -> Standard:
    """Read policy and waivers beside a configuration that was read."""
    return Standard(
        configuration=reading.configuration,
        policy=config.load_policy(_content(reading), path=reading.configuration.path),
        waivers=waivers(reading),
    )


def _content(reading: Reading) -> bytes:
    path = reading.configuration.path
    return reading.files.contents([reading.entries[path]])[path]


def _settings(reading: Reading) -> Mapping[Key, Setting]:
    return config.load_settings(_content(reading), path=reading.configuration.path)


def against(surroundings: Surroundings, place: Place, reading: Reading, word: str | None) -> Against | None:
    """Find the base that `word` names, or in Actions the pull request's; None where there is none.

    Raises `ConfigError` where its configuration is wrong: to go by the change's own would let it excuse itself.
    """
    given = word if word is not None else event_base(surroundings.environ, place.root)
    if given is None:
        return None
    history = History(place.root)
    base = history.base(given)
    repository = LocalRepository(place.root, base=None)
    before = _Kept(At(repository, base.fork))
    try:
        tip = _opened(At(repository, base.tip), place.config)
        ruling = standard(tip) if tip else None
    except ConfigError as error:
        raise ConfigError(f"{error}\n{given} judges ({base.tip[:12]}), and cannot be read; mend it there") from error
    renamed = history.renamed(base.fork)
    return Against(
        base=base,
        ruling=ruling,
        amended=replace(_amended(reading, tip, before), departed=tuple(_departed(reading, tip, renamed))),
        before=before,
        renamed=renamed,
    )


def _opened(files: Files, path: str) -> Reading | None:
    return read(files, path) if path in files.entries() else None


def _amended(here: Reading, tip: Reading | None, before: Files) -> Amended:
    """Compare with where the change began; with the base's newest where that was wrong, or not there yet."""
    path = here.configuration.path
    try:
        began = _opened(before, path) or tip
        waived = waivers(began) if began else ()
    except ConfigError:
        began, waived = tip, waivers(tip) if tip else ()
    return Amended(
        path=path,
        before=_settings(began) if began else None,
        after=_settings(here),
        waived_before=waived,
        waived_after=waivers(here),
    )


def _departed(here: Reading, tip: Reading | None, renamed: Mapping[str, str]) -> Iterator[Departed]:
    """Find the files that were moved to where neither the base nor the checkout has an environment."""
    theirs = tip.configuration.environments.values() if tip else ()
    everyones = (*theirs, *here.configuration.environments.values())
    for path, former in sorted(renamed.items()):
        was = next((one.name for one in theirs if one.covers(former)), None)
        if was is not None and not any(one.covers(path) for one in everyones):
            yield Departed(path, former, was)


class Ruled:
    """The sheets of a checkout, divided as `ruling` says; what it does not cover, as the checkout's own configuration.

    `errors`, once they were gone through: what is wrong with the globs of the checkout's own.
    """

    def __init__(
        self,
        ruling: Standard,
        reading: Reading,
        environments: Sequence[str],
        wanted: frozenset[str] | None = None,
    ) -> None:
        """As `Checked`; environments may be those of either configuration.

        What lies in no environment is looked at where none is named.
        """
        theirs, ours = ruling.configuration, reading.configuration
        found = chart_files(reading)
        house = House(theirs, ruling.policy, labelling(found), templates(found, reading, ruling.policy))
        self._beside = () if environments else beside(house, reading, wanted)
        self._last: Checked | None = None
        self._parts: list[Checked] = []
        if theirs == ours:
            self._add(house, reading, environments, wanted)
            return
        names = tuple(environments) or tuple({**theirs.environments, **ours.environments})
        for name in names:
            if name not in theirs.environments:
                find(ours, name)
        judged = [name for name in names if name in theirs.environments]
        if judged:
            self._add(house, replace(reading, configuration=theirs), judged, wanted)
            self._last = None
        own = [name for name in names if name in ours.environments]
        if own:
            there = theirs.environments.values()
            left = {path for path in reading.entries if not any(one.covers(path) for one in there)}
            rest = frozenset(left if wanted is None else left & wanted)
            mixed = replace(theirs, environments=ours.environments)
            self._add(house, replace(reading, configuration=mixed), own, rest)

    def _add(self, house: House, reading: Reading, names: Sequence[str], wanted: frozenset[str] | None) -> None:
        self._last = Checked(house, reading, names, wanted)
        self._parts.append(self._last)

    @property
    def errors(self) -> Sequence[ConfigError]:
        """The base's own globs may match nothing any more: that is no mistake of the change."""
        return self._last.errors if self._last else ()

    def sheets(self) -> Iterator[Sheet]:
        """Open the files, one at a time."""
        for part in self._parts:
            yield from part.sheets()
        yield from self._beside


class _Kept:
    """The files of a commit, read by one process for all: a check opens them one at a time."""

    def __init__(self, files: At) -> None:
        self._files = files
        self._entries: Mapping[str, Entry] | None = None
        self._contents: dict[str, bytes] = {}

    @property
    def commit(self) -> str:
        return self._files.commit

    @property
    def place(self) -> str:
        return self._files.place

    def entries(self) -> Mapping[str, Entry]:
        if self._entries is None:
            self._entries = self._files.entries()
        return self._entries

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        if any(entry.path not in self._contents for entry in entries):
            missing = (one for one in self.entries().values() if one.path not in self._contents)
            alike = (one for one in missing if one.mode in _PLAIN and _is_read(one.path))
            every = {one.path: one for one in (*alike, *entries)}
            self._contents.update(self._files.contents(tuple(every.values())))
        return {entry.path: self._contents[entry.path] for entry in entries}


def _is_read(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) or "/templates/" in path
