"""`bump update`: the channel's digests into an environment's files, and one pull request that shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot import clock
from bot.commands.authorship import History, standing
from bot.commands.reading import At, Files, Reading, Trees, pins, read
from bot.errors import BumpError, ConfigError, RaceLost, Unexpected
from bot.image import Digest, Repository
from bot.log import logger
from bot.planning.coverage import following
from bot.planning.decision import Held, Plan
from bot.planning.environment import Configuration, GitOps
from bot.planning.order import NOT_COMPARED, Comparable, Comparisons, comparables
from bot.planning.resolution import Lookup, Resolution
from bot.planning.snapshot import Snapshot
from bot.planning.targets import Proposed, targets
from bot.planning.update import plan
from bot.planning.withheld import DECLINED, Declined
from bot.proposal.change import Change, broken, change
from bot.proposal.converge import Action, advice, checks_wanted, converge
from bot.proposal.marker import Words, check_owner, section, taken
from bot.proposal.observed import NO_CHECKS, Checks, Observed, Ours, Standing
from bot.proposal.outcome import Outcome
from bot.proposal.terms import Terms
from bot.report.body import MOST_CHARACTERS, body
from bot.report.commit import headline
from bot.report.diff import unified
from bot.report.result import EnvironmentResult, Into, Result

_TRIES: Final = 3


class Proposals(History, Trees, Protocol):
    """A repository in which a proposal is a branch, with or without a pull request."""

    @property
    def base(self) -> str:
        """The name of the branch that proposals are for, as it was observed last."""

    def observe(self, branch: str, *, ahead: str = "") -> Observed:
        """Return the heads of base and `branch`, and the open pull request, as they are now.

        `ahead` is the path of the file that is read next.
        """

    def checks(self, commit: str) -> Checks:
        """Return what became of every check on `commit`."""

    def rebase(self, name: str) -> None:
        """From now on take this branch for base."""

    def publish(self, action: Action, change: Change, words: Words) -> Outcome:
        """Carry out `action`; raises `RaceLost` when the branch moved meanwhile."""


class Writable(Files, Protocol):
    """Files that can be replaced."""

    def write(self, files: Mapping[str, bytes], *, expected: Mapping[str, bytes]) -> None:
        """Replace files that still hold what is `expected`."""


Resolve = Callable[[Configuration, Sequence[Lookup]], Mapping[Lookup, Resolution]]
# How commits stand to each other at their source; what is not known, or not asked, is left out.
Compare = Callable[[Sequence[Comparable]], Comparisons]


def not_compared(_: Sequence[Comparable]) -> Comparisons:
    """Ask no source."""
    return NOT_COMPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for: environments by name, `--image` globs, and the configuration's path in the repository.

    `branch_prefix` is the one to look under until the configuration of base says another. `repository` is the one at
    GitHub, `owner/name`; None where the run does not go there. `follow_base`: no file here said which branch is base,
    so the one that the configuration names is. `again`: what was declined is proposed all the same.
    """

    environments: tuple[str, ...]
    config: str
    images: tuple[str, ...] = ()
    dry_run: bool = False
    allow_backwards: bool = False
    again: bool = False
    branch_prefix: str = "bump"
    repository: str | None = None
    opens: bool = True
    follow_base: bool = False
    now: datetime = field(default_factory=clock.now)


def update(request: Request, repository: Proposals, resolve: Resolve, compare: Compare = not_compared) -> Result:
    """Propose the update of every environment; what stops one does not stop the others."""
    into = Into.PULL_REQUEST if request.opens else Into.BRANCH
    return _each(request, into, lambda name: _persistently(name, request, repository, resolve, compare=compare))


def update_files(request: Request, files: Writable, resolve: Resolve) -> Result:
    """Write the update of every environment into the files on disk."""
    return _each(request, Into.FILES, lambda name: _in_place(name, request, files, resolve))


def _each(request: Request, into: Into, one: Callable[[str], EnvironmentResult]) -> Result:
    results: list[EnvironmentResult] = []
    for name in request.environments:
        try:
            results.append(one(name))
        except BumpError as error:
            results.append(EnvironmentResult(name=name, error=error))
        except Exception as error:  # noqa: BLE001 - what the others came to, published perhaps, must be told
            logger().info("unexpected", environment=name, exc_info=True)
            results.append(EnvironmentResult(name=name, error=Unexpected(error)))
    return Result(command="update", dry_run=request.dry_run, into=into, environments=tuple(results))


def _persistently(
    name: str, request: Request, repository: Proposals, resolve: Resolve, *, compare: Compare
) -> EnvironmentResult:
    """Plan again from the start when somebody else moved the branch meanwhile."""
    for attempt in range(1, _TRIES + 1):
        try:
            return _proposed(name, request, repository, resolve, compare=compare)
        except RaceLost:
            if attempt == _TRIES:
                raise
    raise AssertionError


def _proposed(
    name: str, request: Request, repository: Proposals, resolve: Resolve, *, compare: Compare
) -> EnvironmentResult:
    observed, reading, branch = _observed(name, request, repository)
    whose, pull_request = standing(observed, repository), observed.pull_request
    settings = following(reading.configuration, name).pull_request
    # What stands on a branch without a pull request is a leftover, not a proposal that somebody may be about to merge.
    open_ = _proposals(whose) if pull_request is not None or not request.opens else {}
    declined = {} if request.again else _declined(observed, open_)
    decided, snapshot = _decided(name, request, reading, resolve, proposed=open_, declined=declined, compare=compare)
    wanted = change(decided, snapshot, base=observed.base, branch=branch)
    room = MOST_CHARACTERS - taken(
        pull_request.body if pull_request else "", config=request.config, labels=settings.labels
    )
    text = body(decided, room=room)
    words = Words(title=headline(wanted), section=section(text, config=request.config), settings=settings)
    terms = Terms(
        now=request.now,
        entire=decided.entire,
        opens=request.opens,
        declined=any(isinstance(one, Held) and one.code == DECLINED for one in decided.decisions),
        broken=broken(decided, open_),
        arms=observed.arms,
        auto_merge=None if words.undrafted(pull_request) else settings.auto_merge,
        settle=timedelta(seconds=settings.settle_seconds),
    )
    head = checks_wanted(whose, pull_request, terms)
    checks = NO_CHECKS if head is None else repository.checks(head)
    action = converge(wanted, standing=whose, pull_request=pull_request, words=words, terms=terms, checks=checks)
    if request.dry_run:
        return _result(decided, snapshot, text)
    outcome = repository.publish(action, wanted, words)
    hints = advice(action, settings.auto_merge, terms, pull_request, checks=checks)
    return _result(decided, snapshot, text, replace(outcome, warnings=(*outcome.warnings, *hints)))


def _declined(observed: Observed, proposed: Proposed) -> Declined:
    """What a person turned down, but for what the open pull request proposes: there it was taken back."""
    again = {(repository, new) for (repository, _), (new, _) in proposed.items()}
    found: dict[Repository, set[Digest]] = {}
    for bump in observed.declined.bumps if observed.declined else ():
        if (bump.repository, bump.new) not in again:
            found.setdefault(bump.repository, set()).add(bump.new)
    return {repository: frozenset(digests) for repository, digests in found.items()}


def _in_place(name: str, request: Request, files: Writable, resolve: Resolve) -> EnvironmentResult:
    decided, snapshot = _decided(name, request, read(files, request.config), resolve, proposed={}, declined={})
    if not request.dry_run:
        files.write(decided.files, expected=snapshot.contents)
    return _result(decided, snapshot, body(decided))


def _decided(
    name: str,
    request: Request,
    reading: Reading,
    resolve: Resolve,
    *,
    proposed: Proposed,
    declined: Declined,
    compare: Compare = not_compared,
) -> tuple[Plan, Snapshot]:
    environment = following(reading.configuration, name)
    found = pins(reading, environment)
    moving = targets(reading.configuration, environment, found.pins, request.images, proposed)
    answers = resolve(reading.configuration, [target.lookup for target in moving if target.selected])
    decided = plan(
        found.snapshot,
        environment=name,
        targets=moving,
        problems=found.problems,
        resolutions=answers,
        proposed=proposed,
        comparisons=compare(comparables(moving, answers, proposed)),
        allow_backwards=request.allow_backwards,
        narrowed=bool(request.images),
        declined=declined,
    )
    return decided, found.snapshot


def _observed(name: str, request: Request, repository: Proposals) -> tuple[Observed, Reading, str]:
    """Observe the branch that the configuration of base names, which is known only once base has been read."""
    prefix = request.branch_prefix
    follows = request.follow_base
    for _ in range(_TRIES):
        branch = f"{prefix}/{name}"
        observed = repository.observe(branch, ahead=request.config)
        reading = read(At(repository, observed.base.sha), request.config)
        there = reading.configuration.gitops.base
        if follows and there and there != repository.base:
            repository.rebase(there)
            follows = False  # two branches that name each other are an error
            continue
        _check_home(request, repository.base, reading.configuration.gitops)
        if reading.configuration.gitops.branch_prefix == prefix:
            if observed.pull_request is not None:
                subject = f"pull request {observed.pull_request.url}"
                check_owner(observed.pull_request.body, config=request.config, subject=subject)
            return observed, reading, branch
        prefix = reading.configuration.gitops.branch_prefix
    raise RaceLost(f"{request.config}: changed on base while bump was running")


def _check_home(request: Request, base: str, gitops: GitOps) -> None:
    """The file here, or --repo, said where to look; what was found there must not say that it is elsewhere."""
    used = {"base": base, "repository": request.repository}
    says = {"base": gitops.base, "repository": gitops.repository}
    for key, here in used.items():
        there = says[key]
        same = here == there or (key == "repository" and str(here).lower() == str(there).lower())
        if here and there and not same:
            raise ConfigError(
                f"{request.config}: on {base} it says gitops.{key}: {there}, and this run is on {here}; "
                f"{_agree(request)}"
            )


def _agree(request: Request) -> str:
    if request.follow_base:
        return "correct it there, or give the --repo that it names"
    return "let the file here and the one there say the same"


def _proposals(whose: Standing) -> Proposed:
    if not isinstance(whose, Ours):
        return {}
    return {(bump.repository, bump.old): (bump.new, bump.tag) for bump in whose.record.bumps}


def _result(decided: Plan, snapshot: Snapshot, text: str, outcome: Outcome | None = None) -> EnvironmentResult:
    result = EnvironmentResult(
        name=decided.environment,
        plan=decided,
        body=text,
        diff=unified(snapshot.contents, decided.files),
    )
    return result if outcome is None else replace(result, outcome=outcome)
