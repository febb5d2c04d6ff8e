"""Decides the one action that brings branch and pull request to what a run wants. Carrying it out is for others."""

from dataclasses import dataclass
from typing import assert_never

from bot.proposal.change import Change
from bot.proposal.marker import Words
from bot.proposal.observed import Absent, Ours, Persons, PullRequest, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Write the commit and open a pull request; `replaces` is the head of a leftover branch of ours."""

    replaces: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Bring an open pull request up to date; `replaces` is the head to move, None when only the text changes."""

    pull_request: PullRequest
    head: str
    replaces: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Everything is as it should be."""

    pull_request: PullRequest | None
    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Nothing is left to propose: close the pull request, if there is one, and delete our branch."""

    pull_request: PullRequest | None
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A person's commit is on the branch; it is left alone, and said so once."""

    pull_request: PullRequest | None
    head: str


Action = Create | Update | Leave | Close | Blocked


def converge(
    wanted: Change,
    *,
    entire: bool,
    standing: Standing,
    pull_request: PullRequest | None,
    words: Words,
    opens: bool = True,
) -> Action:
    """Decide what to do.

    `entire`: the run, without `--image`, asked about every image and none failed; only such a run may close what is
    there. `words`: what the pull request should say. `opens`: a pull request is wanted, not the branch alone.
    """
    match standing:
        case Persons(head=head):
            if pull_request is None and not wanted.files:
                return Leave(pull_request=None, head=head)
            return Blocked(pull_request=pull_request, head=head)
        case Absent():
            return Create(replaces=None) if wanted.files else Leave(pull_request=None, head=None)
        case Ours():
            return _over_ours(wanted, standing, pull_request, entire=entire, words=words, opens=opens)
        case _:
            assert_never(standing)


def _over_ours(
    wanted: Change, ours: Ours, pull_request: PullRequest | None, *, entire: bool, words: Words, opens: bool
) -> Action:
    same = ours.record.fingerprint == wanted.fingerprint
    if not wanted.files:
        return (Close if entire else Leave)(pull_request=pull_request, head=ours.head)
    if pull_request is None:
        return Create(replaces=ours.head) if opens or not same else Leave(pull_request=None, head=ours.head)
    if not same:
        return Update(pull_request=pull_request, head=ours.head, replaces=ours.head)
    if not words.stand_in(pull_request.title, pull_request.body):
        return Update(pull_request=pull_request, head=ours.head, replaces=None)
    return Leave(pull_request=pull_request, head=ours.head)
