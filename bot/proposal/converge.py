"""Decides the one action that brings branch and pull request to what a run wants. Carrying it out is for others.

A person's commit is never overwritten; a pull request that is about to merge is left alone for a while; nothing is
merged unchecked; nothing is written into a merge queue.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from bot.planning.environment import AutoMerge
from bot.proposal.change import Change
from bot.proposal.marker import Words, is_unfinished
from bot.proposal.merging import arming, is_young, merges_itself, settles
from bot.proposal.observed import NO_CHECKS, Absent, Check, Checks, Mergeable, Ours, Persons, PullRequest, Standing
from bot.proposal.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Open a pull request; `replaces` is the head of a leftover branch of ours, `keeps` whether that will do.

    `arms`: turn on auto-merge, with the words of `message` when no commit is written.
    """

    replaces: str | None
    keeps: bool = False
    arms: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Bring an open pull request up to date; `replaces` is the head to move, None when the commit is right.

    `rewords`: title or body change. `labels` are missing, `unlabels` are ours and no longer wanted. `asks`: the run
    that opened it died before it had asked reviewers and assignees. `disarms`: auto-merge is on for the commit that
    goes away. `arms`: turn it on, with the words of `message` when no commit is written.
    """

    pull_request: PullRequest
    head: str
    replaces: str | None = None
    rewords: bool = False
    labels: tuple[str, ...] = ()
    unlabels: tuple[str, ...] = ()
    asks: bool = False
    disarms: bool = False
    arms: bool = False
    message: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do after all."""
        words = self.rewords or self.labels or self.unlabels
        return not (self.replaces or words or self.asks or self.disarms or self.arms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Everything is as it should be, or nothing may be done."""

    pull_request: PullRequest | None
    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something has to be done, later: `reason` says what is waited for."""

    pull_request: PullRequest
    head: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """Armed, and only behind base: have base merged into the branch."""

    pull_request: PullRequest
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Every required check passed on our head: merge it, with the words of `message`."""

    pull_request: PullRequest
    head: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Nothing is left to propose: close the pull request, if there is one, and delete our branch."""

    pull_request: PullRequest | None
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A person's commit is on the branch; it is left alone, and said so once.

    `disarms`: it must not merge by itself.
    """

    pull_request: PullRequest | None
    head: str
    disarms: bool = False


Action = Create | Update | Leave | Wait | CatchUp | Merge | Close | Blocked


def checks_wanted(standing: Standing, pull_request: PullRequest | None, terms: Terms) -> str | None:
    """Return the head whose checks `converge` has to know, which costs a request; None when it need not."""
    if not isinstance(standing, Ours) or pull_request is None or pull_request.queued:
        return None
    near = (pull_request.armed or pull_request.approved) and is_young(standing, terms)
    return standing.head if near or merges_itself(pull_request, terms) else None


def advice(
    action: Action,
    auto_merge: AutoMerge | None,
    terms: Terms,
    pull_request: PullRequest | None,
    *,
    checks: Checks = NO_CHECKS,
) -> tuple[str, ...]:
    """Say why a pull request will not merge by itself although the configuration wants it to."""
    if (
        auto_merge is None
        or not isinstance(action, Create | Update | Leave)
        or action == Leave(pull_request=None, head=None)
    ):
        return ()
    armed = pull_request is not None and pull_request.armed
    if terms.auto_merge is None and armed:
        return ()  # a person has said that it may
    if terms.auto_merge is None:
        hint = "merge it by hand, or set draft: false"
        return (f"auto-merge stays off, because this repository has no drafts and one was asked for: {hint}",)
    if skipped := _skipped(action, terms, checks):
        hint = "let it run on this branch, or take it out of required_checks; or merge by hand"
        return (f"not merged, because {', '.join(skipped)} was skipped, and so checked nothing: {hint}",)
    if auto_merge.by == "github" and not terms.arms:
        return ("auto-merge is off in this repository: allow it in its settings, or set auto_merge: none",)
    free = pull_request is not None and pull_request.mergeable is Mergeable.FREE and not pull_request.armed
    tried = isinstance(action, Update) and action.arms  # GitHub has said itself what it had to say
    if auto_merge.by == "github" and free and not tried and not auto_merge.required_checks:
        hint = "name the checks in auto_merge.required_checks, require one on the base branch, or merge by hand"
        return (f"auto-merge was not turned on, because nothing is left that a merge would wait for: {hint}",)
    return ()


def _skipped(action: Action, terms: Terms, checks: Checks) -> tuple[str, ...]:
    """Return the required checks that were skipped on a head that stays, and that nobody but us could merge."""
    pull_request = None if isinstance(action, Create) else action.pull_request
    replaced = isinstance(action, Update) and action.replaces is not None
    if pull_request is None or pull_request.draft or replaced or not merges_itself(pull_request, terms):
        return ()
    required = () if terms.auto_merge is None else terms.auto_merge.required_checks
    return tuple(name for name in required if checks.get(name) is Check.SKIPPED)


def converge(
    wanted: Change,
    *,
    standing: Standing,
    pull_request: PullRequest | None,
    words: Words,
    terms: Terms,
    checks: Checks = NO_CHECKS,
) -> Action:
    """Decide what to do; `words` is what the pull request should say, `checks` are those on the branch's head."""
    match standing:
        case Persons(head=head):
            if pull_request is None and not wanted.files:
                return Leave(pull_request=None, head=head)
            armed = pull_request is not None and pull_request.armed
            return Blocked(pull_request=pull_request, head=head, disarms=armed)
        case Absent():
            return _create(wanted, None, terms) if wanted.files else Leave(pull_request=None, head=None)
        case Ours() if pull_request is None:
            return _over_leftover(wanted, standing, terms)
        case Ours():
            return _over_ours(wanted, standing, pull_request, words=words, terms=terms, checks=checks)
        case _:
            assert_never(standing)


def _create(wanted: Change, leftover: Ours | None, terms: Terms) -> Create:
    # On another base it may be in the history of base by now, and a branch without a commit of its own opens nothing.
    keeps = (
        leftover is not None
        and leftover.record.fingerprint == wanted.fingerprint
        and leftover.record.base == wanted.base.sha
    )
    by_github = terms.auto_merge is not None and terms.auto_merge.by == "github"
    return Create(
        replaces=leftover.head if leftover else None,
        keeps=keeps,
        arms=by_github and terms.arms,
        message=leftover.message if leftover and keeps else "",
    )


def _over_leftover(wanted: Change, ours: Ours, terms: Terms) -> Action:
    if not wanted.files:
        # A person who declined it may still reopen it, for which the branch has to be there.
        stays = terms.declined or not terms.entire
        return Leave(pull_request=None, head=ours.head) if stays else Close(pull_request=None, head=ours.head)
    create = _create(wanted, ours, terms)
    return create if terms.opens or not create.keeps else Leave(pull_request=None, head=ours.head)


def _over_ours(
    wanted: Change, ours: Ours, pull_request: PullRequest, *, words: Words, terms: Terms, checks: Checks
) -> Action:
    if pull_request.queued:
        return Wait(pull_request=pull_request, head=ours.head, reason="it is in the merge queue")
    if not wanted.files:
        return (Close if terms.entire else Leave)(pull_request=pull_request, head=ours.head)
    same = ours.record.fingerprint == wanted.fingerprint
    due = _due(ours, pull_request, terms, checks)
    if not same and settles(wanted, ours, pull_request, terms, checks):
        reason = "it is about to merge; newer digests come after it"
        return due or Wait(pull_request=pull_request, head=ours.head, reason=reason)
    update = _update(ours, pull_request, words, terms, rewrites=not same)
    if update is None:
        return due or Leave(pull_request=pull_request, head=ours.head)
    # A label that the repository refuses must not keep it from merging.
    return due if isinstance(due, Merge) and replace(update, labels=()).is_empty else update


def _update(ours: Ours, pull_request: PullRequest, words: Words, terms: Terms, *, rewrites: bool) -> Update | None:
    """Return what is missing in the pull request, None when nothing is."""
    disarms, arms = arming(pull_request, terms, rewrites=rewrites)
    update = Update(
        pull_request=pull_request,
        head=ours.head,
        replaces=ours.head if rewrites else None,
        rewords=not words.stand_in(pull_request),
        labels=words.missing(pull_request),
        unlabels=words.outdated(pull_request),
        asks=words.asks and is_unfinished(pull_request.body),
        disarms=disarms,
        arms=arms,
        message=ours.message,
    )
    return None if update.is_empty else update


def _due(ours: Ours, pull_request: PullRequest, terms: Terms, checks: Checks) -> CatchUp | Merge | None:
    """Return what brings the branch as it stands nearer to its merge, where something does."""
    auto_merge = terms.auto_merge
    by_us = merges_itself(pull_request, terms) and not pull_request.draft
    if (pull_request.armed or by_us) and pull_request.mergeable is Mergeable.BEHIND:
        return CatchUp(pull_request=pull_request, head=ours.head)
    if auto_merge is None or not by_us or not auto_merge.required_checks:
        return None
    passed = all(checks.get(name) is Check.PASSED for name in auto_merge.required_checks)
    if not passed or pull_request.mergeable is Mergeable.CONFLICTS:
        return None
    return Merge(pull_request=pull_request, head=ours.head, message=ours.message)
