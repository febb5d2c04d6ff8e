"""Workflows of GitHub Actions as values: what starts them, what their jobs are called, may do, and run.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import UnreadableFile
from bot.pins.tree import Tree, read_tree

FOLDER: Final = ".github/workflows/"
_PULL_REQUEST: Final = frozenset({"pull_request", "pull_request_target"})
_FILTERS: Final = ("paths", "paths-ignore", "types", "branches", "branches-ignore")
_SPACE: Final = re.compile(r"\\\r?\n")
_LONGEST: Final = 10_000  # characters of a script that are looked at
# The action or reusable workflow of this program, whoever holds it: its repository, file or folder is named so.
_OURS: Final = re.compile(r"(?:\./|[A-Za-z0-9][\w.-]*/)(?:[\w./-]*/)?(?:digest-)?bump(?:\.ya?ml)?(?:@\S+)?")
# The one that this repository has for others, wherever that is: it has a concurrency group for each environment.
OUR_WORKFLOW: Final = re.compile(r"[A-Za-z0-9][\w.-]*/(?:digest-)?bump/\.github/workflows/bump\.yml@\S+")
_COMMAND: Final = re.compile(
    r"(?:^|[\s;&|(/])(?:(?:digest-)?bump(?:[@:]\S+)?|python3?\s+-m\s+bot)\s+(?P<words>[^;&|\n]*)"
)
# What changes nothing at GitHub.
_READING: Final = frozenset(
    {"check", "config", "demo", "diff", "doctor", "environments", "history", "init", "pins", "policy", "resolve",
     "validate", "verify", "waivers"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step does: a script, or an action with its inputs; `line` is where that stands."""

    line: int
    run: str = ""
    uses: str = ""
    command: str = ""
    rehearsed: bool = False
    given: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`label` is what its check is called; `variables` the names of all environment variables that reach its steps.

    `permissions` is None where it says none, and the workflow's count; `calls` is the workflow that it is.
    """

    id: str
    line: int
    label: str
    steps: tuple[Step, ...]
    calls: str
    permissions: Mapping[str, str] | None
    concurrency: str | None
    variables: frozenset[str]

    @property
    def bumping(self) -> tuple[Step, ...]:
        """The steps in which this program writes; a job that calls its workflow is one by itself."""
        called = (Step(line=self.line, uses=self.calls),) if self.calls else ()
        return tuple(one for one in (*called, *self.steps) if _bumps(one))


@dataclass(frozen=True, slots=True)
class Filter:
    """What an event's `key`, as `paths`, leaves in or out; `line` is where it stands."""

    key: str
    line: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """`filters` are those of its pull request events. `concurrency` is the group's text.

    `called`: nothing but another workflow starts it.
    """

    path: str
    on_pull_request: bool
    on_merge_group: bool
    called: bool
    filters: tuple[Filter, ...]
    jobs: tuple[Job, ...]
    permissions: Mapping[str, str] | None
    concurrency: str | None

    @property
    def bumping(self) -> tuple[Job, ...]:
        """The jobs in which this program writes."""
        return tuple(job for job in self.jobs if job.bumping)

    def makes(self, check: str) -> bool:
        """Whether one of its jobs reports under that name: alone, with its matrix, or from the workflow it calls."""
        return any(_reports(job.label, check) for job in self.jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """Those that could be read, by path, and why the others could not."""

    read: tuple[Workflow, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    def at(self, uses: str) -> Workflow | None:
        """Return the workflow here that a job calls by its path."""
        return next((one for one in self.read if uses == f"./{one.path}"), None)


def read_workflows(files: Mapping[str, bytes]) -> Workflows:
    """Read what lies in `.github/workflows`; never raises."""
    read: list[Workflow] = []
    unread: list[tuple[str, str]] = []
    for path in sorted(files):
        if path.startswith(FOLDER) and "/" not in path[len(FOLDER) :] and path.endswith((".yml", ".yaml")):
            try:
                read.append(_workflow(path, read_tree(files[path])))
            except UnreadableFile as error:
                unread.append((path, str(error)))
    return Workflows(read=tuple(read), unread=tuple(unread))


def _workflow(path: str, tree: Tree) -> Workflow:
    events = tree.at("on")
    names = {name for name, _ in events.entries()} or set(events.texts())
    found = [(key, events.at(event).at(key)) for event in sorted(_PULL_REQUEST) for key in _FILTERS]
    variables = _keys(tree.at("env"))
    return Workflow(
        path=path,
        on_pull_request=bool(names & _PULL_REQUEST),
        on_merge_group="merge_group" in names,
        called=names == {"workflow_call"},
        filters=tuple(Filter(key, value.line, value.texts()) for key, value in found if value),
        jobs=tuple(_job(name, job, variables) for name, job in tree.at("jobs").entries()),
        permissions=_permissions(tree.at("permissions")),
        concurrency=_concurrency(tree.at("concurrency")),
    )


def _job(name: str, job: Tree, variables: frozenset[str]) -> Job:
    steps = job.at("steps").items()
    own = variables.union(_keys(job.at("env")), _keys(job.at("secrets")), *(_keys(step.at("env")) for step in steps))
    return Job(
        id=name,
        line=job.line,
        label=job.at("name").text or name,
        steps=tuple(_step(step) for step in steps),
        calls=job.at("uses").text,
        permissions=_permissions(job.at("permissions")),
        concurrency=_concurrency(job.at("concurrency")),
        variables=own,
    )


def _step(step: Tree) -> Step:
    run, uses = step.at("run"), step.at("uses")
    given = "\n".join(value.text for _, value in step.at("with").entries())
    return Step(
        line=(run or uses or step).line,
        run=_SPACE.sub(" ", run.text[:_LONGEST]),
        uses=uses.text,
        command=step.at("with", "command").text,
        rehearsed=step.at("with", "dry-run").text == "true",
        given=given[:_LONGEST],
    )


def _keys(mapping: Tree) -> frozenset[str]:
    return frozenset(name for name, _ in mapping.entries())


def _permissions(tree: Tree) -> Mapping[str, str] | None:
    """Read `read-all` and `write-all` as a permission named `*`."""
    if not tree:
        return None
    if tree.text:
        return {"*": tree.text.removesuffix("-all")}
    return {name: level.text for name, level in tree.entries()}


def _concurrency(tree: Tree) -> str | None:
    return tree.text or tree.at("group").text or None


def _bumps(step: Step) -> bool:
    if _OURS.fullmatch(step.uses):
        return step.command.partition(" ")[0] not in _READING and not step.rehearsed
    return any(_writes(found["words"].split()) for found in _COMMAND.finditer(step.run))


def _writes(words: Iterable[str]) -> bool:
    """Whether a command line does: one that only shows does not, nor one that is only rehearsed.

    Without a verb it names an environment, or it is another program of that name.
    """
    given = list(words)
    if given[:1] in (["bump"], ["digest-bump"]):  # uvx --from digest-bump bump
        given = given[1:]
    if not given or given[0] in _READING or {"--dry-run", "--help", "--version", "-h"} & set(given):
        return False
    if given[0].startswith("-"):
        return any(one == "--env" or one.startswith("--env=") for one in given)
    return given[0] in {"update", "promote", "rollback", "hold", "release"}


def _reports(label: str, check: str) -> bool:
    if "${{" in label:
        before = label.partition("${{")[0]
        return bool(before.strip()) and check.startswith(before)
    return check == label or check.startswith((f"{label} (", f"{label} / "))
