"""Tells a result to GitHub Actions: annotations and masks on stderr, job summary and step outputs into its files.

Whatever else the program writes within a runner goes through `guarded`, so that no text from outside is a command.
"""

import io
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TextIO

from bot.commands.surroundings import Surroundings
from bot.log import logger, redact
from bot.report import actions
from bot.report.result import Result


def tell(result: Result, surroundings: Surroundings) -> None:
    """Do nothing outside of Actions; a file of the runner that cannot be written is a warning, the result stands."""
    if not within(surroundings):
        return
    tell_commands(actions.annotations(result), surroundings.err)
    tell_summary(actions.summary(result), surroundings)
    tell_outputs(actions.outputs(result), surroundings)


def tell_summary(text: str, surroundings: Surroundings) -> None:
    """Add to the job summary; nothing outside of Actions."""
    if within(surroundings):
        _append(surroundings, "GITHUB_STEP_SUMMARY", redact(text))


def tell_commands(commands: Iterable[str], stream: TextIO) -> None:
    """Write commands of the runner to `stream`, in Actions or for those who take its place."""
    _command(stream, (redact(line) for line in commands))


def tell_outputs(outputs: Mapping[str, str], surroundings: Surroundings) -> None:
    """Set outputs of the step; nothing outside of Actions."""
    if not within(surroundings):
        return
    lines = [
        actions.assignment(name, redact(value), f"bump_{secrets.token_hex(16)}") for name, value in outputs.items()
    ]
    _append(surroundings, "GITHUB_OUTPUT", "".join(lines))


def tell_errors(lines: Iterable[str], surroundings: Surroundings) -> None:
    """Annotate what stopped a command, as far as the runner shows it; nothing outside of Actions."""
    if within(surroundings):
        shown = [actions.error(redact(line)).command() for line in lines]
        _command(surroundings.err, shown[: actions.MOST_ANNOTATIONS])


def masker(surroundings: Surroundings) -> Callable[[str], None] | None:
    """Return what has the runner hide a secret, each once; None outside of Actions."""
    if not within(surroundings):
        return None
    told: set[str] = set()

    def tell_mask(form: str) -> None:
        if form not in told:
            told.add(form)
            _command(surroundings.err, [actions.mask(form)])

    return tell_mask


def within(surroundings: Surroundings) -> bool:
    """Whether this is a step in GitHub Actions."""
    return _within(surroundings.environ)


def _within(environ: Mapping[str, str]) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"


class _Command(str):
    """A text that the runner shall take for commands."""

    __slots__ = ()


class _Guarded(io.TextIOWrapper):
    """A stream of the process in which only `_Command` is one."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        super().__init__(stream.detach(), encoding=stream.encoding, errors=stream.errors, line_buffering=True)
        self._fresh = True

    def write(self, text: str) -> int:
        if not text:
            return 0
        shown = text if isinstance(text, _Command) else actions.harmless(text, fresh=self._fresh)
        self._fresh = text.endswith(("\n", "\r")) or (self._fresh and text.isspace())
        super().write(shown)
        return len(text)


def guarded(stream: TextIO, environ: Mapping[str, str]) -> TextIO:
    """Return `stream`, or within Actions one in its place; what stood for the process before is closed by that."""
    return _Guarded(stream) if _within(environ) and isinstance(stream, io.TextIOWrapper) else stream


def _command(stream: TextIO, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines if line)
    if text:
        stream.write(_Command(text))


def _append(surroundings: Surroundings, variable: str, text: str) -> None:
    path = surroundings.environ.get(variable)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        logger().warning("actions_file_not_written", variable=variable, reason=error.strerror)
