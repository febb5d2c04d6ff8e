"""Draws a result for a person at a terminal. Names and labels are text here, never markup or emoji codes."""

from collections.abc import Callable, Iterator
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
from bot.report.result import EnvironmentResult, Result

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
        console.print(_closing(one, dry_run=result.dry_run))


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
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for row in rows:
        moves = row.outcome in {"updated", "carried"}
        olds = " ".join(old.short for old in row.olds) or "unpinned"
        new = row.new.short if row.new else ""
        table.add_row(
            Text(row.repository.last if row.repository else "-"),
            Text(row.outcome, style=_STYLES.get(row.outcome, "")),
            Text(f"{olds} → {new}" if moves else new),
            Text(row.detail.replace("linux/", "") if moves else ""),
        )
    console.print(f"{result.name}:")
    console.print(table, soft_wrap=False)
    # Reasons stand below, where a long one does not squeeze the columns.
    for row in rows:
        if row.outcome in {"held", "failed"}:
            console.print(Text(f"{row.outcome} {row.detail}", style=_STYLES[row.outcome]))


def _closing(result: EnvironmentResult, *, dry_run: bool) -> str:
    if result.error is not None:
        return f"{result.name}: stopped"
    outcome = result.outcome
    if dry_run:
        return f"{result.name}: dry run, nothing was written"
    if outcome.action is Done.NONE:
        return f"{result.name}: {_files(result)}"
    return f"{result.name}: {_what(outcome)}"


def _files(result: EnvironmentResult) -> str:
    written = len(result.plan.files) if result.plan else 0
    return f"{written} files changed" if written else "nothing to do"


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
