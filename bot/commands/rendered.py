"""Rendered manifests for `bump check --manifests`: files, folders and stdin, outside of the environments or in them.

A stream may be far larger than any file of values, so it is read in pieces of whole documents.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from bot.commands.place import Place
from bot.errors import UsageError
from bot.pins import Problem, discover, pieces
from bot.planning.coverage import find
from bot.planning.environment import Configuration, Environment
from bot.policy import House, Sheet

STDIN: Final = "-"
_MOST: Final = 256 * 1024 * 1024
_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})


class Rendered:
    """Manifests as sheets. `environment` is the one whose levels count; None where none was named."""

    def __init__(
        self, house: House, place: Place, given: Sequence[str], *, folder: Path, environment: Environment | None
    ) -> None:
        """`given` are paths from `folder`, or `-`."""
        self._house = house
        self._place = place
        self._given = given
        self._folder = folder
        self._environment = environment

    def sheets(self, stdin: BinaryIO | None) -> Iterator[Sheet]:
        """Open the files, one at a time; raises `UsageError` for what is not there, and for nothing at all on stdin."""
        for text in dict.fromkeys(self._given):
            if text == STDIN:
                yield from self._stream(STDIN, stdin)
                continue
            given = self._folder / text
            if given.is_dir():
                for path in _files(given, text):
                    yield from self._file(path, Path(text) / path.relative_to(given))
            elif given.is_file():
                yield from self._file(given, Path(text))
            else:
                raise UsageError(f"--manifests {text}: no such file or folder")

    def _file(self, path: Path, said: Path) -> Iterator[Sheet]:
        shown = self._shown(path, said)
        try:
            if path.is_symlink():
                reason = "a symlink; give the file itself"
            else:
                with path.open("rb") as stream:
                    yield from self._stream(shown, stream)
                return
        except OSError as error:
            reason = error.strerror or "not readable"
        yield self._problem(shown, reason)

    def _stream(self, path: str, stream: BinaryIO | None) -> Iterator[Sheet]:
        content = stream.read(_MOST + 1) if stream is not None else b""
        if path == STDIN and not content.strip():
            raise UsageError("--manifests -: nothing on stdin; was there an error before the pipe?")
        if len(content) > _MOST:
            yield self._problem(path, f"more than {_MOST} bytes; divide it")
            return
        for before, part in pieces(content):
            found = discover(path, part, self._house.ours, before=before)
            yield self._house.sheet(path, part, self._environment, found, before=before)

    def _problem(self, path: str, reason: str) -> Sheet:
        problem = Problem(path=path, line=0, code="not-a-file", reason=reason)
        return Sheet(path=path, environment=self._environment, problems=(problem,))

    def _shown(self, path: Path, said: Path) -> str:
        """Return the path from the checkout's root, by which waivers know it; as it was said where it lies outside."""
        top, real = self._place.root.resolve(), path.parent.resolve() / path.name
        return real.relative_to(top).as_posix() if real.is_relative_to(top) else said.as_posix()


def _files(folder: Path, text: str) -> Sequence[Path]:
    """Return what could be manifests below a folder, in order; no link is followed into another one."""
    found = [Path(at) / name for at, _, names in os.walk(folder) for name in names if Path(name).suffix in _SUFFIXES]
    if not found:
        raise UsageError(f"--manifests {text}: no {', '.join(sorted(_SUFFIXES))} below it")
    return sorted(found)


def environment_of(names: Sequence[str], configuration: Configuration) -> Environment | None:
    """Return the environment that manifests are for; raises `UsageError` for more than one."""
    if len(set(names)) > 1:
        raise UsageError("--manifests with several --env: manifests are rendered for one environment")
    return find(configuration, names[0]) if names else None
