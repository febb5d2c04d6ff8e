"""What became of the demo, step by step, and how it is told: plain lines, ours at most 80 columns wide.

The diff and the pull request's body are shown as they are, however long their lines.
"""

import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.demo.gitops import BRANCH
from bot.report import text
from bot.report.result import EnvironmentResult, Result

_WIDTH: Final = 80
_INDENT: Final = " " * 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run of `bump` in the story: what it came to, and what was found true after it.

    `in_full`: its diff and its pull request are shown too.
    """

    title: str
    result: Result
    facts: tuple[str, ...]
    in_full: bool

    @property
    def environment(self) -> EnvironmentResult:
        """The one environment that was asked for."""
        return self.result.environments[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A demo that went as it should; `requests` is how many the embedded registry answered."""

    steps: tuple[Step, ...]
    folder: Path
    requests: int

    @property
    def pull_request_body(self) -> str:
        """What the first pull request says: the same text on every run and every machine."""
        return self.steps[0].environment.body


def opening() -> Iterator[str]:
    """Say what is about to be seen."""
    yield "The main job of bump, on a scratch git repository and an embedded registry that"
    yield "stands in for ghcr.io. No network, no credentials."


def announcement(number: int, title: str) -> Iterator[str]:
    """Say what the next step is."""
    yield from ("", f"{number}. {title}", "")


def happened(step: Step) -> Iterator[str]:
    """Tell one step."""
    one = step.environment
    yield f"{_INDENT}$ bump --env {one.name} --into branch"
    for row in text.rows(one):
        yield from _row(row)
    head = (one.outcome.head or "")[:7]
    yield f"{_INDENT}branch {one.outcome.branch} {one.outcome.action} at {head}, exit code {step.result.exit_code}"
    yield from (f"{_INDENT}✓ {fact}" for fact in step.facts)
    if step.in_full:
        yield from ("", f"{_INDENT}The diff:", "", one.diff.rstrip("\n"))
        yield from ("", f"{_INDENT}The pull request that it would be, in Markdown:", "", one.body)


def closing(transcript: Transcript) -> Iterator[str]:
    """Say that all went well, and where to look further."""
    git = f"git -C {shlex.quote(str(transcript.folder))}"
    yield ""
    yield f"All {len(transcript.steps)} steps came to what they should, with {transcript.requests} registry requests."
    yield f"The repository stays in {transcript.folder} until you remove it:"
    yield ""
    yield f"{_INDENT}{git} log --stat {BRANCH}"
    yield f"{_INDENT}{git} diff main {BRANCH}"


def _row(row: text.Row) -> Iterator[str]:
    name = row.repository.last if row.repository else "-"
    if row.new is None:
        yield f"{_INDENT}{name:<8}{row.outcome}"
        margin = f"{_INDENT}{'':<8}"
        yield from textwrap.wrap(
            row.detail, _WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
        )
        return
    moves = " → ".join(digest.short for digest in (*row.olds, row.new))
    yield f"{_INDENT}{name:<8}{row.outcome:<12}{moves:<19}{row.detail}".rstrip()
