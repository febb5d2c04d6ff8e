"""Puts a result on stdout: a table for a person at a terminal, plain lines for a pipe, JSON for a program.

All of it is redacted last: a server may say back to us whatever it was sent.
"""

import io
from collections.abc import Iterable
from dataclasses import replace

from bot.commands.surroundings import Surroundings
from bot.log import redact
from bot.report import json, text
from bot.report.result import Result


def show(result: Result, surroundings: Surroundings, *, output: str) -> None:
    """Write `result`; warnings and errors of single environments go to stderr besides."""
    surroundings.out.write(redact(_rendered(result, surroundings, output)))
    for one in result.environments:
        if one.error is not None:
            for line in str(one.error).splitlines():  # a configuration has one for each mistake
                surroundings.err.write(redact(f"bump: {one.name}: {line}\n"))
        for warning in text.warnings(one):
            surroundings.err.write(redact(f"bump: {one.name}: warning: {warning}\n"))


def lines(surroundings: Surroundings, texts: Iterable[str]) -> None:
    """Write lines to stdout."""
    surroundings.out.write(redact("".join(f"{one}\n" for one in texts)))


class _Page(io.StringIO):
    """What a terminal will show, gathered, so that it can be looked through first."""

    def isatty(self) -> bool:
        return True


def _rendered(result: Result, surroundings: Surroundings, output: str) -> str:
    if output == "json":
        return json.render(result)
    if not surroundings.out.isatty():
        return text.render(result)
    from bot.commands.drawing import draw

    page = _Page()
    draw(result, replace(surroundings, out=page))
    return page.getvalue()
