"""Tells a result to GitHub Actions: annotations on stderr, job summary and step outputs into the runner's files."""

import secrets
from pathlib import Path

from bot.commands.surroundings import Surroundings
from bot.log import logger, redact
from bot.report import actions
from bot.report.result import Result


def tell(result: Result, surroundings: Surroundings) -> None:
    """Do nothing outside of Actions; a file of the runner that cannot be written is a warning, the result stands."""
    if surroundings.environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in actions.annotations(result):
        surroundings.err.write(f"{redact(line)}\n")
    _append(surroundings, "GITHUB_STEP_SUMMARY", redact(actions.summary(result)))
    lines = [
        actions.assignment(name, redact(value), f"bump_{secrets.token_hex(16)}")
        for name, value in actions.outputs(result).items()
    ]
    _append(surroundings, "GITHUB_OUTPUT", "".join(lines))


def _append(surroundings: Surroundings, variable: str, text: str) -> None:
    path = surroundings.environ.get(variable)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        logger().warning("actions_file_not_written", variable=variable, reason=error.strerror)
