"""Whether the checks that a merge waits for come for every pull request of the bot: no event filter leaves one out.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from collections.abc import Iterator
from typing import Final, Literal

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.facts import Protection, Unreadable
from bot.diagnosis.foreign import glob
from bot.diagnosis.workflows import Filter, Workflow, Workflows

_PATHS: Final = frozenset({"paths", "paths-ignore"})
_TYPES: Final = frozenset({"opened", "synchronize"})  # a new pull request, and a new commit in it

Effect = Literal["passes", "skips", "unknown"]


def filters(
    workflows: Workflows, protection: Protection | Unreadable, named: tuple[str, ...], base: str | None
) -> Iterator[Check]:
    """Yield a verdict for each check that base requires, and for those that the configuration waits for."""
    if isinstance(protection, Unreadable):
        yield CannotTell(
            Name.FILTER,
            "",
            f"which checks are required is not known ({protection.why})",
            "look in Settings, Rules and Branches; a workflow that makes a required check has no `paths` filter",
        )
    known = Protection() if isinstance(protection, Unreadable) else protection
    queue = any(rule.type == "merge_queue" for rule in known.rules)
    required = dict.fromkeys(known.checks, "base requires")
    for check, who in {**dict.fromkeys(named, "auto_merge waits for"), **required}.items():
        makers = [one for one in workflows.read if one.on_pull_request and one.makes(check)]
        yield _filter(check, who, makers, base, queue=queue and check in required)


def _filter(check: str, who: str, makers: list[Workflow], base: str | None, *, queue: bool) -> Check:
    if not makers:
        return CannotTell(
            Name.FILTER,
            check,
            f"{who} it, and no workflow here that runs for pull requests has a job of that name",
            "check the name; if another App or a called workflow reports it, look there whether it always does",
        )
    found = [(one, rule, _effect(rule, base)) for one in makers for rule in one.filters]
    whole = [one for one in makers if not any(maker is one and effect != "passes" for maker, _, effect in found)]
    if whole:
        return _queued(check, whole) if queue else _whole(check, whole[0])
    for one, rule, effect in found:
        if effect == "unknown":
            look = f"look whether it takes in pull requests to {base or 'base'}"
            return CannotTell(Name.FILTER, check, f"`{rule.key}` of {one.path} is not read here", look)
    if {rule.key for _, rule, effect in found if effect == "skips"} == _PATHS:
        return CannotTell(
            Name.FILTER,
            check,
            f"made by {' and '.join(one.path for one in makers)}, each for some paths",
            "look whether every pull request has one of them; one workflow without a filter is safer",
        )
    one, rule = next((maker, rule) for maker, rule, effect in found if effect == "skips")
    return Wrong(
        Name.FILTER,
        f"{one.path}:{rule.line}" if rule.line else one.path,
        f"{who} the check {check}, and `{rule.key}` skips this workflow: the check then stays pending for ever",
        f"take `{rule.key}` out; leave steps out by a condition within the job instead",
    )


def _whole(check: str, workflow: Workflow) -> Check:
    return Ok(Name.FILTER, check, f"made for every pull request by {workflow.path}")


def _queued(check: str, makers: list[Workflow]) -> Check:
    """A merge queue asks for the checks again, by an event of its own."""
    if ready := next((one for one in makers if one.on_merge_group), None):
        return _whole(check, ready)
    return Wrong(
        Name.FILTER,
        makers[0].path,
        f"base has a merge queue and requires the check {check}, and this workflow does not run for the queue",
        "add `merge_group:` to its `on:`",
    )


def _effect(rule: Filter, base: str | None) -> Effect:
    """What a filter does with a pull request of the bot, which goes to `base`."""
    match rule.key:
        case "types":
            return "passes" if set(rule.words) >= _TYPES else "skips"
        case "branches":
            return _taken(rule.words, base)
        case "branches-ignore":
            turned: dict[Effect, Effect] = {"passes": "skips", "skips": "passes", "unknown": "unknown"}
            return turned[_taken(rule.words, base)]
        case _:
            return "skips"


def _taken(words: tuple[str, ...], base: str | None) -> Effect:
    """Whether patterns take a branch in; of those that fit the last one counts, and `!` takes out."""
    taken: Effect = "skips"
    for word in words:
        matches = glob(word.removeprefix("!"))
        if base is None or matches is None:
            return "unknown"
        if matches(base):
            taken = "skips" if word.startswith("!") else "passes"
    return taken
