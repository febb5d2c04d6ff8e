"""Draws a result for a person at a terminal. Names and labels are text here, never markup or emoji codes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from bot.commands.surroundings import Surroundings
from bot.proposal.outcome import Done, Outcome
from bot.report import text
from bot.report.markdown import plain
from bot.report.result import EnvironmentResult, Into, Result

_LEAST_WIDTH: Final = 45  # a narrower terminal shows no platforms
_LEAST_NAME: Final = 6
_GAP: Final = "  "
_STYLES: Final = {"updated": "green", "carried": "green", "held": "yellow", "failed": "red", "up-to-date": "dim"}


def draw(result: Result, surroundings: Surroundings) -> None:
    """Draw the table of every environment, and what became of its pull request."""
    console = _console(surroundings.out, surroundings)
    for one in result.environments:
        if one.plan is not None:
            _draw_table(one, console)
        if result.dry_run and one.diff:
            console.print(one.diff.rstrip("\n"))
            console.print(f"\n{one.body}\n")
        console.print(_closing(one, result))


def _console(stream: TextIO, surroundings: Surroundings) -> Console:
    return Console(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
        _environ=dict(surroundings.environ),
    )


def _draw_table(result: EnvironmentResult, console: Console) -> None:
    rows = tuple(text.rows(result))
    if not rows:
        return
    console.print(f"{result.name}:")
    # Statuses and digests are never broken: names and platforms share what is left, or stand elsewhere.
    room = console.width - sum(max(len(cell(row)) for row in rows) for cell in (_status, _digests)) - 2 * len(_GAP)
    if room < min(_LEAST_NAME, max(len(_name(row)) for row in rows)):
        _stack(rows, console)
    else:
        _tabulate(rows, console, platforms=console.width >= _LEAST_WIDTH and room > 2 * _LEAST_NAME)
    # Reasons stand below, where a long one does not squeeze the columns.
    for row in rows:
        if row.outcome in {"held", "failed"}:
            console.print(Text(f"{row.outcome} {row.detail}", style=_STYLES[row.outcome]))


def _tabulate(rows: Sequence[text.Row], console: Console, *, platforms: bool) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    if platforms:
        table.add_column(overflow="fold")
    for row in rows:
        last = [Text(row.detail.replace("linux/", "") if _moves(row) else "")] if platforms else []
        table.add_row(Text(_name(row)), _status(row), Text(_digests(row)), *last)
    console.print(table, soft_wrap=False)


def _stack(rows: Sequence[text.Row], console: Console) -> None:
    for row in rows:
        console.print(Text(_name(row)))
        console.print(Text.assemble(_GAP, _status(row), " ", _digests(row)))


def _moves(row: text.Row) -> bool:
    return row.outcome in {"updated", "carried"}


def _name(row: text.Row) -> str:
    return row.repository.last if row.repository else "-"


def _status(row: text.Row) -> Text:
    return Text(row.outcome, style=_STYLES.get(row.outcome, ""))


def _digests(row: text.Row) -> str:
    new = row.new.short if row.new else ""
    olds = " ".join(old.short for old in row.olds) or "unpinned"
    return f"{olds} → {new}" if _moves(row) else new


def _closing(one: EnvironmentResult, result: Result) -> str:
    if one.error is not None:
        return f"{one.name}: stopped"
    if result.dry_run:
        return f"{one.name}: dry run, nothing was written"
    if result.into is Into.FILES and one.changed:
        return f"{one.name}: {text.counted(one.changed, 'file')} changed"
    return f"{one.name}: nothing to do" if one.outcome.action is Done.NONE else f"{one.name}: {_what(one.outcome)}"


def _what(outcome: Outcome) -> str:
    name = f"pull request #{outcome.number}" if outcome.number else f"branch {outcome.branch}"
    return " ".join(filter(None, (name, outcome.action.value, outcome.url or "")))


@contextmanager
def progress(total: int, surroundings: Surroundings) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr that goes away when it is full; call what it gives with each image that is done."""
    columns = (
        TextColumn("resolving", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    console = _console(surroundings.err, surroundings)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda subject: bar.update(task, advance=1, description=plain(subject, most=60))


@contextmanager
def waiting(subject: str, surroundings: Surroundings) -> Iterator[None]:
    """Show on stderr what is waited for, until it is there."""
    with _console(surroundings.err, surroundings).status(Text(plain(subject, most=60))):
        yield
