"""A result in the words of GitHub Actions: job summary, step outputs, annotations.

Nothing from outside becomes a command of the runner.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bot.planning.decision import Failed, Held
from bot.planning.withheld import BY_A_PERSON
from bot.proposal.outcome import Done
from bot.report import json
from bot.report.body import body
from bot.report.markdown import code, plain
from bot.report.result import EnvironmentResult, Result

MOST_SUMMARY: Final = 1024 * 1024  # bytes a step
MOST_ANNOTATIONS: Final = 10  # of each level a step; the runner drops the rest in silence
_CHANGED: Final = frozenset({Done.CREATED, Done.UPDATED, Done.CLOSED, Done.MERGED})
_RESERVE: Final = 2_000
_PLACED: Final = re.compile(r"(?P<path>[^\s:]{1,500}):(?P<line>[1-9][0-9]{0,8}): ")
_COMMAND: Final = re.compile(r"(\A\s*|[\r\n]\s*)::")
_LATER_COMMAND: Final = re.compile(r"([\r\n]\s*)::")

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One remark at a file, line and column, where there is one; both count from 1."""

    level: Level
    message: str
    title: str
    path: str | None = None
    line: int | None = None
    column: int | None = None

    def command(self) -> str:
        """Write it as the runner reads it, on one line."""
        places = {"file": self.path, "line": self.line, "col": self.column, "title": self.title}
        properties = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value)
        return f"::{self.level} {properties}::{_data(plain(self.message, most=1000))}"


def error(line: str) -> Annotation:
    """Make a remark of one line of an error; `path:line: …`, as configurations are blamed, says where."""
    found = _PLACED.match(line)
    if found is None:
        return Annotation(level="error", title="bump", message=line)
    return Annotation(level="error", title="bump", message=line, path=found["path"], line=int(found["line"]))


def mask(secret: str) -> str:
    """Write the command by which the runner hides `secret` in every output from then on; empty for what it cannot.

    It works on lines, and takes a command of several for one: `bot.log` gives the lines of a key singly, too.
    """
    if not secret.isprintable() or not secret.isascii():
        return ""
    return f"::add-mask::{_data(secret)}"


def harmless(text: str, *, fresh: bool) -> str:
    """Return `text` so that the runner finds no command in it; `fresh`: it begins a line.

    A command is `::` first on a line, after any white space, or `##[` anywhere in it. In a JSON string the second is
    still the same text. Source: https://github.com/actions/runner/blob/v2.328.0/src/Runner.Common/ActionCommand.cs
    """
    text = text.replace("##[", r"#\u0023[")
    return (_COMMAND if fresh else _LATER_COMMAND).sub(r"\1: :", text)


def annotations(result: Result) -> Iterator[str]:
    """Yield a command for everything that failed, is held or stopped."""
    return limited(_remarks(result), rest="all are in the job summary and in the output `result`")


def limited(remarks: Iterable[Annotation], *, rest: str) -> Iterator[str]:
    """Yield the commands of as many as the runner shows; the last of a level counts what is left, and says `rest`."""
    every = list(remarks)
    levels: tuple[Level, ...] = ("error", "warning")
    for level in levels:
        found = [one for one in every if one.level == level]
        shown = found if len(found) <= MOST_ANNOTATIONS else found[: MOST_ANNOTATIONS - 1]
        yield from (one.command() for one in shown)
        if len(found) > len(shown):
            more = f"and {len(found) - len(shown)} more; {rest}"
            yield Annotation(level=level, title="bump", message=more).command()


def _remarks(result: Result) -> Iterator[Annotation]:
    for one in result.environments:
        if one.error is not None:
            yield Annotation(level="error", title=f"bump {one.name}", message=str(one.error))
        for decision in one.plan.decisions if one.plan else ():
            if isinstance(decision, Failed):
                yield _at(one.name, "error", decision)
            elif isinstance(decision, Held) and decision.code not in BY_A_PERSON:
                yield _at(one.name, "warning", decision)
        if one.outcome.action is Done.BLOCKED:
            yield Annotation(level="error", title=f"bump {one.name}", message="; ".join(one.outcome.warnings))


def _at(environment: str, level: Level, decision: Failed | Held) -> Annotation:
    pin = decision.pins[0] if decision.pins else None
    return Annotation(
        level=level,
        title=f"bump {environment}: {decision.code}",
        message=decision.message,
        path=pin.path if pin else None,
        line=pin.line if pin else None,
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def outputs(result: Result) -> Mapping[str, str]:
    """Return the step's outputs: `changed`, `result`, and of one environment its pull request's number and URL."""
    files = any(one.plan is not None and one.plan.files for one in result.environments)
    written = any(one.outcome.action in _CHANGED for one in result.environments)
    changed = (written if result.into == "pull-request" else files) and not result.dry_run
    found = {"changed": "true" if changed else "false", "result": json.render(result).strip()}
    if len(result.environments) == 1:
        outcome = result.environments[0].outcome
        found["pull_request_number"] = str(outcome.number or "")
        found["pull_request_url"] = outcome.url or ""
    return found


def assignment(name: str, value: str, delimiter: str) -> str:
    """Write one output for the runner's file; raises ValueError when `delimiter`, a random one, stands in `value`."""
    if delimiter in value:
        raise ValueError("the delimiter stands in the value")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def summary(result: Result) -> str:
    """Render the job summary: what became of every environment, and its pull request's text, as far as it fits."""
    heads = [_heading(one, result) for one in result.environments]
    room = MOST_SUMMARY - _RESERVE - sum(len(head.encode()) for head in heads)
    share = room // max(len(heads), 1) // 4  # a character takes four bytes at the most
    parts: list[str] = []
    for one, head in zip(result.environments, heads, strict=True):
        parts.append(head)
        if one.plan is not None:
            parts.append(body(one.plan, room=share))
    text = "\n\n".join(part for part in parts if part)
    return text.encode()[: MOST_SUMMARY - 1].decode("utf-8", "ignore") + "\n"


def _heading(one: EnvironmentResult, result: Result) -> str:
    lines = [f"### bump {one.name}"]
    if one.error is not None:
        lines.append(f"❌ stopped: {code(str(one.error), most=1000)}")
    elif result.dry_run:
        lines.append(f"dry run: {_files(one)}")
    elif one.outcome.url:
        lines.append(f"[pull request #{one.outcome.number}]({one.outcome.url}): {one.outcome.action.value}")
    else:
        lines.append(f"{one.outcome.action.value}: {_files(one)}")
    lines += [f"⚠️ {code(warning, most=500)}" for warning in _first(one.outcome.warnings)]
    return "\n\n".join(lines)


def _files(one: EnvironmentResult) -> str:
    return "1 file" if one.changed == 1 else f"{one.changed} files"


def _first(warnings: Iterable[str]) -> list[str]:
    return list(warnings)[:MOST_ANNOTATIONS]
