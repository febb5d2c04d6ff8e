"""The command line, run in this process, with everything that it takes from outside given by the test."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.cli import run
from bot.commands.surroundings import Surroundings
from tests.commands.gitops import NO_PAUSE


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Done:
    """What one command line came to."""

    code: int
    out: str
    err: str


def bump(
    *arguments: str,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    endpoints: Mapping[str, str] | None = None,
    terminal: bool = False,
    stdin: bytes = b"",
) -> Done:
    stream = Screen if terminal else io.StringIO
    out, err = stream(), stream()
    surroundings = Surroundings(
        environ={"DOCKER_CONFIG": str(folder / "no-docker"), **(environ or {})},
        folder=folder,
        out=out,
        err=err,
        pace=NO_PAUSE,
        endpoints=endpoints or {},
        patience=0,
        stdin=io.BytesIO(stdin),
    )
    return Done(run(arguments, surroundings), out.getvalue(), err.getvalue())
