"""Draws what `bump doctor` found for a person at a terminal: the same lines, with colours, wrapped under themselves."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.commands.surroundings import Surroundings
from bot.diagnosis.check import Check
from bot.log import redact
from bot.report.doctor import Tone, lines

_STYLES: Final[dict[Tone, str]] = {
    "group": "bold",
    "ok": "green",
    "wrong": "bold red",
    "cannot-tell": "yellow",
    "fix": "cyan",
    "summary": "bold",
}
_MARK: Final = 3


def draw(checks: Sequence[Check], surroundings: Surroundings) -> None:
    """Write every line; of a check the mark alone is coloured."""
    page = Console(
        file=surroundings.out, markup=False, emoji=False, highlight=False, _environ=dict(surroundings.environ)
    )
    for tone, line in lines(checks):
        body = line.lstrip()
        text = Text(redact(body))
        text.stylize(_STYLES[tone], 0, None if tone in {"group", "fix", "summary"} else _MARK - 2)
        page.print(Padding(text, (0, 0, 0, len(line) - len(body))))
