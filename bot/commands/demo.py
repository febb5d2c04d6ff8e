"""`bump demo`: the main job from build to proposal, on an embedded registry and a scratch repository.

It is the code of `bump --env dev --into branch` that runs; only its surroundings are made up. Each step says what
must be true after it, and the demo fails when it is not: so it is a demonstration and a proof.
"""

import io
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bot.checkout import LocalRepository
from bot.commands.resolving import resolver
from bot.commands.surroundings import Surroundings
from bot.commands.update import Request, update
from bot.demo import transcript as telling
from bot.demo.gitops import BRANCH, CONFIG, IMAGES, dev_files, first_tree, path_of, repository_of
from bot.demo.images import AMD64, build
from bot.demo.registry import EmbeddedRegistry
from bot.demo.scratch import ScratchRepository
from bot.demo.transcript import Step, Transcript
from bot.errors import BumpError
from bot.image import Digest, Platform, Tag
from bot.proposal.outcome import Done
from bot.report import text
from bot.report.result import DONE, NOT_ALL, Result

_ENVIRONMENT: Final = "dev"
_CHANNEL: Final = Tag.parse("main")
_Tell = Callable[[Iterable[str]], None]


class StepFailed(BumpError):
    """Something is not as it should be; the message begins with the step's number."""


def run_demo(surroundings: Surroundings) -> int:
    """Run the demo and return its exit code: 1 when a step did not come to what it should."""

    def tell(lines: Iterable[str]) -> None:
        surroundings.out.write("".join(f"{line}\n" for line in lines))
        surroundings.out.flush()

    try:
        play(surroundings, tell)
    except StepFailed as failure:
        surroundings.err.write(f"bump: demo: {failure}\n")
        return NOT_ALL
    return DONE


def play(surroundings: Surroundings, tell: _Tell = lambda _: None) -> Transcript:
    """Play the story and tell it as it goes; raises `StepFailed`, or `CheckoutError` where there is no git.

    The repository stays in a new folder below `TMPDIR`, or where temporary files belong.
    """
    tell(telling.opening())
    with EmbeddedRegistry() as registry:
        stage = _stage(registry, surroundings)
        steps: list[Step] = []
        for number, (title, act) in enumerate(_STORY, start=1):
            tell(telling.announcement(number, title))
            stage.facts = []
            try:
                result = act(stage)
            except BumpError as error:
                raise StepFailed(f"step {number} ({title}): {error}") from error
            steps.append(Step(title=title, result=result, facts=tuple(stage.facts), in_full=number == 1))
            tell(telling.happened(steps[-1]))
        done = Transcript(steps=tuple(steps), folder=stage.scratch.root, requests=registry.requests)
    tell(telling.closing(done))
    return done


# ---- the stage ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Stage:
    """Registry, repository, and the digests that must stand in the files of dev on the proposal's branch."""

    registry: EmbeddedRegistry
    scratch: ScratchRepository
    surroundings: Surroundings
    wanted: dict[str, Digest]
    facts: list[str] = field(default_factory=list)

    def push(self, image: str, number: int, *platforms: Platform) -> Digest:
        """Let a build arrive in the registry, as from CI."""
        repository = repository_of(image)
        return self.registry.push(repository, _CHANNEL, build(repository, number, *platforms))

    def bump(self) -> Result:
        """Run the main job, an hour after what happened last."""
        self.scratch.later()
        request = Request(environments=(_ENVIRONMENT,), config=CONFIG, opens=False)
        repository = LocalRepository(self.scratch.root, base="main", environ=self.scratch.environ)
        return update(request, repository, resolver(self.surroundings, root=self.scratch.root))

    def check(self, fact: str, *, holds: bool) -> None:
        """Note a fact; raises `StepFailed` when it is none."""
        if not holds:
            raise StepFailed(f"not true: {fact}")
        self.facts.append(fact)

    def expect(self, result: Result, action: Done, outcomes: Mapping[str, str], *, code: int = DONE) -> None:
        """Raise `StepFailed` unless `result` is this, image by image, and the branch holds exactly what is wanted."""
        one = result.environments[0]
        if one.error is not None:
            raise one.error
        rows = tuple(text.rows(one))
        found = {row.repository.last if row.repository else "a file": row.outcome for row in rows}
        for what, got, expected in (
            ("the images", found, outcomes),
            ("the branch", one.outcome.action, action),
            ("the exit code", result.exit_code, code),
        ):
            if got != expected:
                why = "; ".join(row.detail for row in rows if row.new is None)
                raise StepFailed(f"{what}: got {got}, expected {expected}" + (f" ({why})" if why else ""))
        self.check(
            "the branch differs from main in the digests to move, and in nothing else",
            holds=self.scratch.files(BRANCH) == {**self.scratch.files("main"), **dev_files(self.wanted)},
        )


def _stage(registry: EmbeddedRegistry, surroundings: Surroundings) -> _Stage:
    first = {image: registry.push(repository_of(image), _CHANNEL, build(repository_of(image), 1)) for image in IMAGES}
    scratch = ScratchRepository.create(
        first_tree(first),
        path=surroundings.environ.get("PATH") or os.defpath,
        parent=Path(surroundings.environ.get("TMPDIR") or "/nowhere"),
    )
    made_up = replace(
        surroundings,
        environ={},  # so that no credential is looked for
        err=io.StringIO(),  # so that no progress bar is drawn between the steps
        endpoints={repository.host: registry.url for repository in map(repository_of, IMAGES)},
    )
    return _Stage(registry=registry, scratch=scratch, surroundings=made_up, wanted=first)


# ---- the story ------------------------------------------------------------------------------------------------------

_THREE: Final = {"api": "updated", "jobs": "up-to-date", "web": "updated", "worker": "updated"}


def _first_bump(stage: _Stage) -> Result:
    for image in ("api", "web", "worker"):
        stage.wanted[image] = stage.push(image, 2)
    main, status = stage.scratch.head("main"), stage.scratch.status()
    result = stage.bump()
    stage.expect(result, Done.CREATED, _THREE)
    untouched = stage.scratch.head("main") == main and stage.scratch.status() == status
    stage.check("main, HEAD, the index and the files on disk were not touched", holds=untouched)
    return result


def _nothing_new(stage: _Stage) -> Result:
    before = stage.scratch.stored()
    result = stage.bump()
    stage.expect(result, Done.UNCHANGED, _THREE)
    stage.check("no ref was moved and no object written", holds=stage.scratch.stored() == before)
    return result


def _newer_build(stage: _Stage) -> Result:
    stage.wanted["api"] = stage.push("api", 3)
    result = stage.bump()
    stage.expect(result, Done.UPDATED, _THREE)
    stage.check("it is still one commit on top of main", holds=stage.scratch.ahead(BRANCH) == 1)
    return result


def _lost_platform(stage: _Stage) -> Result:
    stage.wanted["web"] = stage.push("web", 3)
    refused = stage.push("jobs", 2, AMD64)
    result = stage.bump()
    stage.expect(result, Done.UPDATED, {**_THREE, "jobs": "failed"}, code=NOT_ALL)
    proposed = stage.scratch.files(BRANCH)[path_of("jobs")]
    stage.check("the refused digest is not in the file of jobs", holds=str(refused).encode() not in proposed)
    return result


def _moved_on_base(stage: _Stage) -> Result:
    path = path_of("worker")
    stage.scratch.later()
    stage.scratch.commit("Move worker to today's build", {path: dev_files(stage.wanted)[path]}, author="Robin")
    stage.wanted["jobs"] = stage.push("jobs", 3)
    result = stage.bump()
    stage.expect(result, Done.UPDATED, {**_THREE, "jobs": "updated", "worker": "up-to-date"})
    stage.check("its commit stands on Robin's", holds=stage.scratch.ahead(BRANCH) == 1)
    left = str(stage.wanted["worker"]) not in stage.scratch.message(BRANCH)
    stage.check("and no longer speaks of worker", holds=left)
    return result


_STORY: Final[tuple[tuple[str, Callable[[_Stage], Result]], ...]] = (
    ("Three new builds: their digests are proposed for dev", _first_bump),
    ("The same again: nothing to do, and nothing is written", _nothing_new),
    ("A newer build of api: the same branch is brought up to date", _newer_build),
    ("The new build of jobs lost arm64: refused, while web moves on", _lost_platform),
    ("Robin moved worker on main: it leaves; jobs is whole again: it joins", _moved_on_base),
)
