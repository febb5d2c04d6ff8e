"""What became of the checks on a commit, by name. Several may have one name, and none of them hides another.

Of one workflow's runs for one event the newest counts; of all that are left, the worst. A check that was skipped has
checked nothing: GitHub lets it through, we do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.proposal.observed import Check
from bot.pulls.answers import field, items, moment, text

_STATES: Final = {"SUCCESS": Check.PASSED, "FAILURE": Check.FAILED, "ERROR": Check.FAILED}
# Source: https://docs.github.com/en/graphql/reference/enums#checkconclusionstate and #statusstate
_CONCLUSIONS: Final = {"SUCCESS": Check.PASSED, "NEUTRAL": Check.PASSED, "SKIPPED": Check.SKIPPED}
_WORST_FIRST: Final = (Check.FAILED, Check.PENDING, Check.SKIPPED, Check.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of a workflow; `of` is what it is a run of: app, workflow and event. Not started yet: no `at`."""

    id: str
    of: tuple[str, str, str]
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One check under its name; `run` is None for a status, for another app's check, and where it is not shown."""

    name: str
    check: Check
    run: Run | None = None


def contexts(nodes: object) -> Iterator[Context]:
    """Read one page of the checks of a commit."""
    for node in items(nodes, "contexts"):
        if node.get("__typename") == "StatusContext":
            check = _STATES.get(str(field(node, "state")), Check.PENDING)
            yield Context(name=text(field(node, "context"), "context"), check=check)
        else:
            check = Check.PENDING
            if field(node, "status") == "COMPLETED":
                check = _CONCLUSIONS.get(str(field(node, "conclusion")), Check.FAILED)
            yield Context(name=text(field(node, "name"), "name"), check=check, run=_run(node))


def verdicts(found: Iterable[Context]) -> Mapping[str, Check]:
    """Return one verdict for each name."""
    by_name: dict[str, list[Context]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    return {name: min(_current(named), key=_WORST_FIRST.index) for name, named in by_name.items()}


def _current(named: list[Context]) -> Iterator[Check]:
    """Yield the checks of one name, without those of a run that a newer one has replaced."""
    newest: dict[tuple[str, str, str], Run] = {}
    for one in named:
        if one.run is not None and _is_newer(one.run, newest.get(one.run.of)):
            newest[one.run.of] = one.run
    for one in named:
        if one.run is None or not _is_newer(newest[one.run.of], one.run) or newest[one.run.of].id == one.run.id:
            yield one.check


def _is_newer(run: Run, other: Run | None) -> bool:
    """What has not started is newer than what has."""
    if other is None:
        return True
    return other.at is not None and (run.at is None or run.at > other.at)


def _run(node: Mapping[str, object]) -> Run | None:
    suite = node.get("checkSuite")
    run = suite.get("workflowRun") if isinstance(suite, dict) else None
    app = suite.get("app") if isinstance(suite, dict) else None
    if run is None or app is None:
        return None
    started = field(node, "startedAt")
    return Run(
        id=text(field(run, "id"), "workflowRun"),
        of=(
            text(field(app, "slug"), "app"),
            text(field(run, "workflow", "id"), "workflow"),
            text(field(run, "event"), "event"),
        ),
        at=None if started is None else moment(started, "startedAt"),
    )
