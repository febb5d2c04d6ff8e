"""The result for a pipe: one unwrapped, tab-separated line per image, with full digests. And warnings, for stderr."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from bot.image import Digest, Repository
from bot.planning.decision import Carried, Failed, Held, PinChange, Update, UpToDate
from bot.report.markdown import plain
from bot.report.result import EnvironmentResult, Into, Result

_LONGEST: Final = 1000  # characters of a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One image's line; `olds` are the digests that it leaves, `detail` is platforms, or a code and a message."""

    environment: str
    outcome: str
    repository: Repository | None
    olds: tuple[Digest, ...] = ()
    new: Digest | None = None
    detail: str = ""


def counted(number: int, what: str) -> str:
    """Say how many of `what` there are."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def rows(result: EnvironmentResult) -> Iterator[Row]:
    """Yield one row per image and outcome, in the order of the plan, and then what is carried over."""
    name = result.name
    if result.plan is None:
        return
    for decision in result.plan.decisions:
        match decision:
            case Update():
                detail = " ".join(str(platform) for platform in decision.new.platforms)
                yield _moved(name, "updated", decision, decision.new.digest, detail)
            case UpToDate():
                yield Row(environment=name, outcome="up-to-date", repository=decision.repository, new=decision.digest)
            case Held() | Failed():
                outcome = "held" if isinstance(decision, Held) else "failed"
                detail = f"{decision.code}: {plain(decision.message, most=_LONGEST)}"
                yield Row(environment=name, outcome=outcome, repository=decision.repository, detail=detail)
            case _:
                assert_never(decision)
    for carried in result.plan.carried:
        yield _moved(name, "carried", carried, carried.digest, "kept from an earlier run")


def _moved(name: str, outcome: str, group: Update | Carried, new: Digest, detail: str) -> Row:
    return Row(
        environment=name,
        outcome=outcome,
        repository=group.repository,
        olds=_olds(group.changes),
        new=new,
        detail=detail,
    )


def _olds(changes: tuple[PinChange, ...]) -> tuple[Digest, ...]:
    return tuple(dict.fromkeys(change.pin.reference.digest for change in changes if change.pin.reference.digest))


def render(result: Result) -> str:
    """Render `result`: environment, outcome, image, old, new, detail; then a line for what came of it all."""
    lines: list[str] = []
    for one in result.environments:
        if one.error is not None:
            lines.append(f"{one.name}\terror\t-\t-\t-\t{plain(str(one.error), most=_LONGEST)}")
            continue
        lines += [_line(row) for row in rows(one)]
        lines.append("\t".join((one.name, *_last(one, result))))
        if result.dry_run and one.diff:
            lines += ["", one.diff.rstrip("\n"), "", one.body, ""]
    return "\n".join(lines) + "\n"


def warnings(result: EnvironmentResult) -> Iterator[str]:
    """Yield what a person should know besides, one line each; what holds for many images is said once."""
    images: dict[str, dict[Repository | None, None]] = {}
    for decision in result.plan.decisions if result.plan else ():
        for warning in decision.new.warnings if isinstance(decision, Update) else decision.warnings:
            images.setdefault(plain(warning, most=_LONGEST), {})[decision.repository] = None
    for warning, repositories in images.items():
        first, *others = repositories
        more = f" and {len(others)} more" if others else ""
        yield f"{first}{more}: {warning}"
    for warning in result.outcome.warnings:
        yield plain(warning, most=_LONGEST)


def _line(row: Row) -> str:
    olds = ",".join(str(old) for old in row.olds) or "-"
    columns = (row.environment, row.outcome, row.repository or "-", olds, row.new or "-", row.detail or "-")
    return "\t".join(str(column) for column in columns)


def _last(one: EnvironmentResult, result: Result) -> tuple[str, str, str, str, str]:
    if result.dry_run:
        return "dry-run", result.into, str(one.changed), "-", "-"
    if result.into is Into.FILES:
        return "files", "changed" if one.changed else "none", str(one.changed), "-", "-"
    outcome = one.outcome
    return result.into, outcome.action, outcome.branch or "-", outcome.head or "-", outcome.url or "-"
