"""What `bump check` looks at: the files of its environments, opened one at a time, as sheets for the rules."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot import config
from bot.commands.place import Place
from bot.commands.reading import Reading, layers_below
from bot.errors import CheckoutError, ConfigError, UsageError
from bot.pins import Below, Problem, discover
from bot.planning.coverage import covered, find, layers_of, linked, plain_of
from bot.planning.environment import Environment
from bot.planning.snapshot import EXECUTABLE, FILE, Entry
from bot.policy import House, Sheet, Waiver

_SELDOM: Final = (100_000, 50, 100)
_PLAIN: Final = frozenset({FILE, EXECUTABLE})


class Checked:
    """The files of some environments. `errors`, once they were gone through: what is wrong with the globs of which."""

    def __init__(
        self, house: House, reading: Reading, environments: Sequence[str], wanted: frozenset[str] | None = None
    ) -> None:
        """`wanted` are the only paths to look at; None for all. Raises `UsageError` for no such environment."""
        self._house = house
        self._reading = reading
        self._wanted = wanted
        names = environments or tuple(reading.configuration.environments)
        self._environments = tuple(find(reading.configuration, name) for name in dict.fromkeys(names))
        self._below: dict[str, Below] = {}  # layers are most often those of several environments
        self.errors: list[ConfigError] = []

    def sheets(self) -> Iterator[Sheet]:
        """Open the files; an environment whose globs are wrong is checked as far as they go."""
        for environment in self._environments:
            mine, odd = self._files(environment)
            yield from self._in(environment, mine, odd)

    def _files(self, environment: Environment) -> tuple[Sequence[Entry], Sequence[Problem]]:
        entries = self._reading.entries
        try:
            return covered(self._reading.configuration, environment, entries)
        except ConfigError as error:
            self.errors.append(error)
        return plain_of(environment, entries)

    def _in(self, environment: Environment, mine: Sequence[Entry], odd: Iterable[Problem]) -> Iterator[Sheet]:
        ours = self._house.ours
        below = [(entry, self._content(entry), order) for entry, order in layers_of(environment, self._reading.entries)]
        readable = [(entry, content, order) for entry, content, order in below if isinstance(content, bytes)]
        layers, unread = layers_below(environment, mine, readable, ours, self._below)
        lost = [content for _, content, _ in below if isinstance(content, Problem)]
        for problem in (*odd, *linked(environment, self._reading.entries), *unread, *lost):
            if self._is_wanted(problem.path):
                yield Sheet(path=problem.path, environment=environment, problems=(problem,))
        for entry in mine:
            if not self._is_wanted(entry.path):
                continue
            content = self._content(entry)
            if isinstance(content, Problem):
                yield Sheet(path=entry.path, environment=environment, problems=(content,))
            else:
                found = discover(entry.path, content, ours, layers)
                yield self._house.sheet(entry.path, content, environment, found, layers)

    def _content(self, entry: Entry) -> bytes | Problem:
        """Read one file; one that cannot be read is a problem of that file alone."""
        try:
            return self._reading.files.contents([entry])[entry.path]
        except CheckoutError as error:
            return Problem(path=entry.path, line=0, code="not-a-file", reason=str(error))

    def _is_wanted(self, path: str) -> bool:
        return self._wanted is None or path in self._wanted


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles seldom: a survey keeps a hundred thousand objects without one, and each would be looked at again.

    That is a sixth of the time of a check over 20 MB.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def below(paths: Sequence[str], folder: Path, place: Place, reading: Reading) -> frozenset[str] | None:
    """Return the files at or below `paths`, which count from `folder`; None where there are none given.

    Raises `UsageError` for one that is not in the checkout.
    """
    if not paths:
        return None
    top = place.root.resolve()
    found: set[str] = set()
    for text in paths:
        given = folder / text
        path = given.parent.resolve() / given.name if given.name not in {"", ".."} else given.resolve()
        if path != top and top not in path.parents:
            raise UsageError(f"{text}: lies outside of {place.root}; give files and folders of the checkout")
        inside = path.relative_to(top).as_posix()
        here = {one for one in reading.entries if inside in {".", one} or one.startswith(f"{inside}/")}
        if not here:
            raise UsageError(f"{text}: no such file or folder in the checkout")
        found |= here
    return frozenset(found)


def waivers(reading: Reading) -> tuple[Waiver, ...]:
    """Read the waivers beside the configuration; none where there is no such file."""
    path = config.beside(reading.configuration.path)
    entry = reading.entries.get(path)
    return () if entry is None else config.load_waivers(reading.files.contents([entry])[path], path=path)
