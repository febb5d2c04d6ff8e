"""Draws the list of pins for a person at a terminal. Names are text here, never markup or emoji codes."""

from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.commands.surroundings import Surroundings
from bot.report.markdown import plain
from bot.report.pins import Listed, Listing


def draw(listing: Listing, surroundings: Surroundings) -> None:
    """Draw a table per environment, then the digests without a repository."""
    console = Console(
        file=surroundings.out,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
        _environ=dict(surroundings.environ),
    )
    for name, pins in groupby(listing.pins, key=lambda one: one.environment):
        console.print(f"{name or 'in no environment'}:")
        console.print(_table(tuple(pins)), soft_wrap=False)
    for name, orphan in listing.orphans:
        text = f"{name}: {orphan.path}:{orphan.line} {orphan.key} {orphan.digest.short}: {orphan.reason}"
        console.print(Text(plain(text, most=1000), style="yellow"))


def _table(pins: tuple[Listed, ...]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold", ratio=3)
    table.add_column(overflow="fold", ratio=3)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=3)
    for one in pins:
        table.add_row(
            Text(plain(f"{one.pin.path}:{one.pin.line}")),
            Text(plain(one.pin.key), style="dim"),
            Text(_image(one)),
            _movement(one),
        )
    return table


def _image(one: Listed) -> str:
    reference = one.pin.reference
    tag = f":{reference.tag}" if reference.tag else ""
    digest = f" {reference.digest.short}" if reference.digest else ""
    return plain(f"{reference.repository.last}{tag}{digest}", most=48)


def _movement(one: Listed) -> Text:
    if one.follows is not None:
        return Text(f"→ {one.follows}", style="green")
    style = (
        "red" if one.pin.refusal else "yellow" if one.homeless or one.rule is None or one.environment is None else "dim"
    )
    return Text(plain(one.reason or "stays", most=200), style=style)
