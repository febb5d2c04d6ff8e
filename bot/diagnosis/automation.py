"""Whether the workflows in the checkout let the bot do its work: who runs it, what its job may, what it waits for."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.facts import ActionsPolicy, Protection, Unreadable
from bot.diagnosis.filters import filters
from bot.diagnosis.workflows import OUR_WORKFLOW, Job, Workflow, Workflows

_NEEDED: Final = ("contents", "pull-requests")
_OWN: Final = frozenset({"BUMP_GITHUB_TOKEN", "BUMP_GITHUB_APP_PRIVATE_KEY"})
_GROUP: Final = "concurrency: {group: '${{ github.workflow }}-<environment>', cancel-in-progress: false}"


def automation(
    workflows: Workflows,
    *,
    protection: Protection | Unreadable,
    named: tuple[str, ...],
    actions: ActionsPolicy | Unreadable,
    base: str | None,
) -> Iterator[Check]:
    """Yield what is to be said of the workflows; `named` are the checks that the configuration waits for.

    `base` is the branch that pull requests go to, where it is known.
    """
    yield from _runs(workflows)
    for workflow in workflows.read:
        for job in workflow.bumping:
            yield _permission(workflow, job, actions)
            yield _concurrency(workflow, job, workflows)
    yield from filters(workflows, protection, named, base)


def _runs(workflows: Workflows) -> Iterator[Check]:
    for path, reason in workflows.unread:
        yield CannotTell(Name.RUNS, path, f"cannot be read: {reason}", "mend it; what it does is not known until then")
    running = [one.path for one in workflows.read if one.bumping]
    if running:
        yield Ok(Name.RUNS, "", f"bump runs in {', '.join(running)}")
    else:
        yield CannotTell(
            Name.RUNS,
            "",
            "no workflow here runs bump; it may run elsewhere, or by hand",
            "look where it is run from; a schedule in .github/workflows keeps pull requests coming",
        )


def _permission(workflow: Workflow, job: Job, actions: ActionsPolicy | Unreadable) -> Check:
    at = _at(workflow, job)
    given = workflow.permissions if job.permissions is None else job.permissions
    if job.variables & _OWN:
        return Ok(Name.JOB, at, "writes with a credential of its own, not with GITHUB_TOKEN")
    keys = " and ".join(f"`{name}: write`" for name in _NEEDED)
    if given is None:
        return _by_default(at, keys, actions)
    lacking = [name for name in _NEEDED if given.get(name, given.get("*", "")) != "write"]
    if not lacking:
        return Ok(Name.JOB, at, f"GITHUB_TOKEN has {keys} there")
    if job.calls:
        return CannotTell(
            Name.JOB,
            at,
            f"GITHUB_TOKEN lacks {_keys(lacking)} there, and what is called may have another credential",
            f"give the job {keys}, or pass BUMP_GITHUB_TOKEN on as a secret",
        )
    return Wrong(
        Name.JOB,
        at,
        f"GITHUB_TOKEN lacks {_keys(lacking)} there",
        f"add {_keys(lacking)} to `permissions:` of the job in the workflow, or set BUMP_GITHUB_TOKEN in its `env:`",
    )


def _by_default(at: str, keys: str, actions: ActionsPolicy | Unreadable) -> Check:
    fix = f"give the job {keys} under `permissions:`"
    match actions:
        case Unreadable():
            return CannotTell(Name.JOB, at, f"names no permissions, and the default is not known ({actions.why})", fix)
        case ActionsPolicy(writes_by_default=True):
            return Ok(Name.JOB, at, "names no permissions, and by default GITHUB_TOKEN may write")
        case ActionsPolicy():
            return Wrong(Name.JOB, at, "names no permissions, and by default GITHUB_TOKEN may only read", fix)


def _concurrency(workflow: Workflow, job: Job, workflows: Workflows) -> Check:
    at = _at(workflow, job)
    called = workflows.at(job.calls)
    group = job.concurrency or workflow.concurrency or (_group(called) if called else None)
    if group is not None:
        return Ok(Name.CONCURRENCY, at, f"one run at a time in the group {group}")
    if OUR_WORKFLOW.fullmatch(job.calls):
        return Ok(Name.CONCURRENCY, at, "bump's own workflow has a group for each environment")
    missing = "runs side by side, and races against itself: no concurrency group"
    if workflow.called:
        fix = f"look whether what calls it has one, or add {_GROUP}"
        return CannotTell(Name.CONCURRENCY, at, "has no concurrency group here; who calls it may have one", fix)
    if job.calls:
        fix = f"look for `concurrency:` in {job.calls}, or add {_GROUP}"
        return CannotTell(Name.CONCURRENCY, at, "has no concurrency group here; what it calls may have one", fix)
    return Wrong(Name.CONCURRENCY, at, missing, f"add {_GROUP} to the job")


def _at(workflow: Workflow, job: Job) -> str:
    return f"{workflow.path}:{job.line} {job.id}"


def _keys(names: list[str]) -> str:
    return " and ".join(f"`{name}: write`" for name in names)


def _group(workflow: Workflow) -> str | None:
    """The group that all of its jobs run in that run the bot; None where one has none."""
    found = [job.concurrency or workflow.concurrency for job in workflow.bumping]
    return found[0] if found and None not in found else None


def groups(workflows: Workflows) -> Mapping[str, frozenset[str | None]]:
    """Return the workflows that run bump by themselves, with the concurrency groups that they do it in."""
    return {
        one.path: frozenset(
            job.concurrency or one.concurrency or (_group(called) if (called := workflows.at(job.calls)) else None)
            for job in one.bumping
        )
        for one in workflows.read
        if one.bumping and not one.called
    }
