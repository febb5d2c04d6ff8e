"""The result for programs: version 1 of the JSON in docs/json.md. Keys are only ever added."""

import json
from collections.abc import Iterable, Sequence
from typing import assert_never

from bot.pins import Pin
from bot.planning.decision import Carried, Failed, Held, PinChange, Update, UpToDate
from bot.report.result import EnvironmentResult, Result, exit_code_of

Object = dict[str, object]


def render(result: Result) -> str:
    """Render `result`, ending with a line feed."""
    document = {
        "version": 1,
        "command": result.command,
        "dry_run": result.dry_run,
        "environments": [_environment(one) for one in result.environments],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _environment(result: EnvironmentResult) -> Object:
    groups: dict[str, list[Object]] = {"updated": [], "up_to_date": [], "held": [], "failed": [], "carried": []}
    for decision in result.plan.decisions if result.plan else ():
        match decision:
            case Update():
                groups["updated"].append(_update(decision))
            case UpToDate():
                groups["up_to_date"].append(
                    {
                        "image": str(decision.repository),
                        "digest": str(decision.digest),
                        "pins": _pins(decision.pins),
                        "warnings": list(decision.warnings),
                    }
                )
            case Held() | Failed():
                groups["held" if isinstance(decision, Held) else "failed"].append(_trouble(decision))
            case _:
                assert_never(decision)
    groups["carried"] = [_carried(one) for one in (result.plan.carried if result.plan else ())]
    outcome = result.outcome
    document: Object = {"name": result.name, "commit": result.plan.commit if result.plan else None, **groups}
    document["pull_request"] = {
        "action": outcome.action.value,
        "number": outcome.number,
        "url": outcome.url,
        "branch": outcome.branch,
        "head": outcome.head,
        "warnings": list(outcome.warnings),
    }
    if result.error is not None:
        document["error"] = {"message": str(result.error), "exit_code": exit_code_of(result.error)}
    return document


def _update(update: Update) -> Object:
    build, change = update.new.build, update.source_change
    source = {
        "repository": build.source,
        "old_revision": change.old if change else None,
        "new_revision": build.revision,
        "commits": change.comparison.commits if change and change.comparison else None,
        "compare_url": change.url if change else None,
    }
    return {
        "image": str(update.repository),
        "channel": str(update.channel),
        "new": str(update.new.digest),
        "platforms": [str(platform) for platform in update.new.platforms],
        "order": update.order.value,
        "pins": _changes(update.changes),
        "source": source if build.source or build.revision else None,
        "warnings": list(update.new.warnings),
    }


def _carried(carried: Carried) -> Object:
    return {
        "image": str(carried.repository),
        "new": str(carried.digest),
        "pins": _changes(carried.changes),
    }


def _trouble(decision: Held | Failed) -> Object:
    return {
        "image": str(decision.repository) if decision.repository else None,
        "code": decision.code,
        "message": decision.message,
        "pins": _pins(decision.pins),
        "warnings": list(decision.warnings),
    }


def _changes(changes: Iterable[PinChange]) -> list[Object]:
    return [
        {
            **_pin(change.pin),
            "old_text": change.pin.value.text,
            "new_text": change.new_text,
            "notes": list(change.notes),
        }
        for change in changes
    ]


def _pins(pins: Sequence[Pin]) -> list[Object]:
    return [_pin(pin) for pin in pins]


def _pin(pin: Pin) -> Object:
    digest = pin.reference.digest
    return {"path": pin.path, "line": pin.line, "key": pin.key, "old": str(digest) if digest else None}
