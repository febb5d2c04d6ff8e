"""Puts a result on stdout: a table for a person at a terminal, plain lines for a pipe, JSON for a program."""

from collections.abc import Iterable

from bot.commands.surroundings import Surroundings
from bot.report import json, text
from bot.report.result import Result


def show(result: Result, surroundings: Surroundings, *, output: str) -> None:
    """Write `result`; warnings and errors of single environments go to stderr besides."""
    if output == "json":
        surroundings.out.write(json.render(result))
    elif surroundings.out.isatty():
        from bot.commands.drawing import draw

        draw(result, surroundings)
    else:
        surroundings.out.write(text.render(result))
    for one in result.environments:
        if one.error is not None:
            for line in str(one.error).splitlines():  # a configuration has one for each mistake
                surroundings.err.write(f"bump: {one.name}: {line}\n")
        for warning in text.warnings(one):
            surroundings.err.write(f"bump: {one.name}: warning: {warning}\n")


def lines(surroundings: Surroundings, texts: Iterable[str]) -> None:
    """Write lines to stdout."""
    surroundings.out.write("".join(f"{one}\n" for one in texts))
