"""What to do about branch and pull request, for every combination of what is wanted and what is there.

The table is written from the rules: a run adds or advances; only an entire run closes; a person's branch is left
alone; a branch of ours without a pull request is a leftover; the text of a pull request is ours, its commit is not
rewritten for it. What is about to merge settles first; nothing is written into a merge queue; nothing merges unchecked.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.planning.environment import AutoMerge, PullRequestSettings
from bot.proposal.change import Change
from bot.proposal.converge import (
    Action,
    Blocked,
    CatchUp,
    Close,
    Create,
    Leave,
    Merge,
    Update,
    Wait,
    advice,
    checks_wanted,
    converge,
)
from bot.proposal.marker import Kept, Words, section, unfinished
from bot.proposal.observed import Absent, Check, Checks, Mergeable, Ours, Persons, PullRequest, Standing
from bot.proposal.record import Bump, Record
from bot.proposal.terms import Terms
from tests.builders import COMMIT, TREE, commit, digest, repository

HEAD = "be" * 20
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTLE = timedelta(minutes=30)
BY_GITHUB = AutoMerge(method="squash", by="github")
BY_BUMP = AutoMerge(method="squash", by="bump", required_checks=("test",))
WORDS = Words(title="bump(dev): 2 images", section=section("text", config="config/environments.yaml"))
API = repository("api")


def ours(fingerprint: str, *, new: str = "b", age: timedelta | None = timedelta(hours=2)) -> Ours:
    bumps = (Bump(API, digest("a"), digest(new)),)
    record = Record(environment="dev", bumps=bumps, fingerprint=fingerprint, base=COMMIT, tree=TREE)
    return Ours(
        head=HEAD, record=record, message="bump(dev): api\n\nBump-Base: x", at=None if age is None else NOW - age
    )


def opened(body: str = WORDS.section, title: str = WORDS.title, **facts: object) -> PullRequest:
    made = PullRequest(number=12, url="https://github.com/acme/gitops/pull/12", title=title, body=body, id="PR_12")
    return replace(made, **facts)  # type: ignore[arg-type]


def wanted(*, files: bool = True, new: str = "c", old: str = "a", fingerprint: str = "wanted") -> Change:
    return Change(
        environment="dev",
        branch="bump/dev",
        base=commit(),
        bumps=(Bump(API, digest(old), digest(new)),) if files else (),
        files={"dev/x.yaml": b"new"} if files else {},
        modes={"dev/x.yaml": "100644"} if files else {},
        fingerprint=fingerprint,
    )


# ---- every combination of branch, pull request and what is wanted ---------------------------------------------------

BRANCHES: dict[str, Standing] = {
    "absent": Absent(),
    "ours": ours("wanted"),
    "ours-other": ours("other"),
    "person's": Persons(head=HEAD),
}
PULL_REQUESTS: Mapping[str, PullRequest | None] = {
    "none": None,
    "same": opened(f"before\r\n{WORDS.section}\r\nafter"),
    "other": opened(WORDS.section.replace("text", "older text")),
    "queued": opened(queued=True),
    "armed": opened(armed=True),
}

# Wanted:                     some files                          no files
#                             entire run       part of it         entire run       part of it
# A pull request is wanted:   yes     no       yes     no         yes     no       yes     no
TABLE = """
absent      none              create  create   create  create     leave   leave    leave   leave
ours        none              reopen  leave    reopen  leave      close   close    leave   leave
ours        same              leave   leave    leave   leave      close   close    leave   leave
ours        other             reword  reword   reword  reword     close   close    leave   leave
ours        queued            wait    wait     wait    wait       wait    wait     wait    wait
ours        armed             leave   leave    leave   leave      close   close    leave   leave
ours-other  none              replace replace  replace replace    close   close    leave   leave
ours-other  same              update  update   update  update     close   close    leave   leave
ours-other  other             both    both     both    both       close   close    leave   leave
ours-other  queued            wait    wait     wait    wait       wait    wait     wait    wait
ours-other  armed             update  update   update  update     close   close    leave   leave
person's    none              blocked blocked  blocked blocked    leave   leave    leave   leave
person's    same              blocked blocked  blocked blocked    blocked blocked  blocked blocked
person's    other             blocked blocked  blocked blocked    blocked blocked  blocked blocked
person's    queued            blocked blocked  blocked blocked    blocked blocked  blocked blocked
person's    armed             disarm  disarm   disarm  disarm     disarm  disarm   disarm  disarm
"""


@dataclass(frozen=True)
class Case:
    branch: str
    pull_request: str
    files: bool
    entire: bool
    opens: bool
    action: str

    def __str__(self) -> str:
        wanted_ = f"{'files' if self.files else 'nothing'}-{'entire' if self.entire else 'part'}"
        return f"{self.branch}-{self.pull_request}-{wanted_}-{'opens' if self.opens else 'branch'}"


CASES = [
    Case(branch, pull_request, files, entire, opens, action)
    for branch, pull_request, *actions in map(str.split, TABLE.strip().splitlines())
    for (files, entire, opens), action in zip(itertools.product([True, False], repeat=3), actions, strict=True)
]


def expected(case: Case) -> Action:
    pull_request = PULL_REQUESTS[case.pull_request]
    message = ours("").message
    actions: dict[str, Action] = {
        "create": Create(replaces=None),
        "replace": Create(replaces=HEAD),
        "reopen": Create(replaces=HEAD, keeps=True, message=message),
        "leave": Leave(pull_request=pull_request, head=None if case.branch == "absent" else HEAD),
        "close": Close(pull_request=pull_request, head=HEAD),
        "blocked": Blocked(pull_request=pull_request, head=HEAD),
        "disarm": Blocked(pull_request=pull_request, head=HEAD, disarms=True),
    }
    if pull_request is not None:
        update = Update(pull_request=pull_request, head=HEAD, message=message)
        actions["reword"] = replace(update, rewords=True)
        actions["update"] = replace(update, replaces=HEAD)
        actions["both"] = replace(update, replaces=HEAD, rewords=True)
        actions["wait"] = Wait(pull_request=pull_request, head=HEAD, reason="it is in the merge queue")
    return actions[case.action]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_one_action_that_converges(case: Case) -> None:
    action = converge(
        wanted(files=case.files),
        standing=BRANCHES[case.branch],
        pull_request=PULL_REQUESTS[case.pull_request],
        words=WORDS,
        terms=Terms(now=NOW, entire=case.entire, opens=case.opens),
    )

    assert action == expected(case)


def test_the_table_holds_every_combination_that_can_be() -> None:
    there = {one for one in itertools.product(BRANCHES, PULL_REQUESTS) if one[0] != "absent" or one[1] == "none"}

    assert {(case.branch, case.pull_request) for case in CASES} == there
    assert len(CASES) == len(there) * 8


def decided(
    change: Change,
    standing: Standing,
    pull_request: PullRequest | None,
    *,
    words: Words = WORDS,
    checks: Checks | None = None,
    **terms: object,
) -> Action:
    given = replace(Terms(now=NOW, entire=True, arms=True, settle=SETTLE), **terms)  # type: ignore[arg-type]
    return converge(change, standing=standing, pull_request=pull_request, words=words, terms=given, checks=checks or {})


@pytest.mark.parametrize(("title", "reworded"), [("bump(dev): 1 image", True), ("Ship it on Friday", False)])
def test_a_title_of_ours_is_brought_up_to_date_and_a_persons_stays(title: str, reworded: bool) -> None:
    assert isinstance(decided(wanted(), ours("wanted"), opened(title=title)), Update) is reworded


def test_what_was_declined_is_kept_so_that_it_can_be_reopened() -> None:
    assert decided(wanted(files=False), ours("other"), None, declined=True) == Leave(pull_request=None, head=HEAD)


def test_missing_labels_are_added_alone() -> None:
    words = replace(WORDS, settings=PullRequestSettings(labels=("a", "b", "c")))
    body = Kept(labels=("a", "c")).within(WORDS.section)  # that a person gave it b
    action = decided(wanted(), ours("wanted"), opened(body, labels=frozenset("bx")), words=words)

    assert isinstance(action, Update)
    assert (action.labels, action.replaces, action.rewords, action.arms) == (("a", "c"), None, False, False)


# ---- settling: every fact that decides it ---------------------------------------------------------------------------

NEAR = ("armed", "approved", "by-bump", "neither")
CHECKS: Mapping[str, Checks] = {
    "unknown": {},
    "pending": {"test": Check.PENDING},
    "green": {"lint": Check.PASSED},
    "failed": {"test": Check.PASSED, "lint": Check.FAILED},
}
HINDRANCES = ("none", "conflicts", "broken", "more", "old")


@pytest.mark.parametrize("near", NEAR)
@pytest.mark.parametrize("checks", CHECKS)
@pytest.mark.parametrize("hindrance", HINDRANCES)
def test_only_newer_digests_wait_for_what_is_about_to_merge(near: str, checks: str, hindrance: str) -> None:
    pull_request = opened(
        armed=near == "armed",
        approved=near == "approved",
        mergeable=Mergeable.CONFLICTS if hindrance == "conflicts" else Mergeable.BLOCKED,
    )
    age = timedelta(minutes=30 if hindrance == "old" else 29)
    action = decided(
        wanted(old="d" if hindrance == "more" else "a"),
        ours("other", age=age),
        pull_request,
        checks=CHECKS[checks],
        broken=hindrance == "broken",
        auto_merge=BY_BUMP if near == "by-bump" else None,
    )

    waits = near != "neither" and checks != "failed" and hindrance == "none"
    assert isinstance(action, Wait) is waits
    assert waits or isinstance(action, Update)


@pytest.mark.parametrize("mergeable", [Mergeable.BLOCKED, Mergeable.BEHIND])
@pytest.mark.parametrize("near", ["armed", "by-bump"])
@pytest.mark.parametrize("passed", [True, False])
def test_what_settles_goes_on_to_its_merge(mergeable: Mergeable, near: str, passed: bool) -> None:
    pull_request = opened(armed=near == "armed", mergeable=mergeable)
    checks = {"test": Check.PASSED if passed else Check.PENDING}
    auto_merge = BY_BUMP if near == "by-bump" else BY_GITHUB
    standing = ours("other", age=timedelta(minutes=1))
    action = decided(wanted(), standing, pull_request, checks=checks, auto_merge=auto_merge)

    if mergeable is Mergeable.BEHIND:
        assert isinstance(action, CatchUp)
    elif near == "by-bump" and passed:
        assert action == Merge(pull_request=pull_request, head=HEAD, message=standing.message)
    else:
        assert isinstance(action, Wait)


def test_without_knowing_its_age_nothing_waits() -> None:
    assert isinstance(decided(wanted(), ours("other", age=None), opened(armed=True)), Update)


def test_what_base_changed_in_our_files_is_no_newer_digest() -> None:
    same = wanted(new="b", fingerprint="base moved")

    assert isinstance(decided(same, ours("other", age=timedelta(0)), opened(approved=True)), Update)


# ---- merging --------------------------------------------------------------------------------------------------------

ARMABLE = {Mergeable.BEHIND, Mergeable.BLOCKED, Mergeable.CONFLICTS, Mergeable.UNKNOWN}


@pytest.mark.parametrize("mergeable", list(Mergeable))
@pytest.mark.parametrize("armed", [True, False])
@pytest.mark.parametrize("draft", [True, False])
@pytest.mark.parametrize("allowed", [True, False])
def test_github_is_asked_to_merge_once_and_only_where_something_has_to_pass(
    mergeable: Mergeable, armed: bool, draft: bool, allowed: bool
) -> None:
    pull_request = opened(mergeable=mergeable, armed=armed, draft=draft)
    action = decided(wanted(), ours("wanted"), pull_request, auto_merge=BY_GITHUB, arms=allowed)

    if not armed and not draft and allowed and mergeable in ARMABLE:
        assert action == Update(pull_request=pull_request, head=HEAD, arms=True, message=ours("").message)
    elif armed and mergeable is Mergeable.BEHIND:
        assert action == CatchUp(pull_request=pull_request, head=HEAD)
    else:
        assert action == Leave(pull_request=pull_request, head=HEAD)


def test_a_new_commit_is_not_merged_under_the_words_of_the_old_one() -> None:
    action = decided(wanted(), ours("other"), opened(armed=True), auto_merge=BY_GITHUB)

    assert isinstance(action, Update)
    assert (action.disarms, action.arms) == (True, True)


@pytest.mark.parametrize("auto_merge", [None, BY_BUMP])
@pytest.mark.parametrize("fingerprint", ["wanted", "other"])
def test_what_we_armed_goes_off_when_the_configuration_no_longer_wants_it(
    auto_merge: AutoMerge | None, fingerprint: str
) -> None:
    action = decided(wanted(), ours(fingerprint), opened(armed=True, armed_by_us=True), auto_merge=auto_merge)

    assert isinstance(action, Update)
    assert (action.disarms, action.arms) == (True, False)


@pytest.mark.parametrize(("method", "again"), [("squash", False), ("rebase", True), (None, False)])
def test_another_method_is_armed_anew(method: str | None, again: bool) -> None:
    pull_request = opened(armed=True, armed_by_us=True, method=method)
    action = decided(wanted(), ours("wanted"), pull_request, auto_merge=BY_GITHUB)

    assert isinstance(action, Update) is again
    assert not isinstance(action, Update) or (action.disarms, action.arms) == (True, True)


def test_a_label_that_is_refused_keeps_nothing_from_merging() -> None:
    words = replace(WORDS, settings=PullRequestSettings(labels=("refused",)))
    there = opened(words.opened())
    action = decided(wanted(), ours("wanted"), there, words=words, checks={"test": Check.PASSED}, auto_merge=BY_BUMP)

    assert isinstance(action, Merge)


def test_labels_that_are_no_longer_wanted_go_alone_and_a_persons_stay() -> None:
    words = replace(WORDS, settings=PullRequestSettings(labels=("kept",)))
    body = Kept(labels=("kept", "Ours", "gone")).within(WORDS.section)
    action = decided(wanted(), ours("wanted"), opened(body, labels=frozenset({"kept", "ours", "theirs"})), words=words)

    assert isinstance(action, Update)
    assert (action.unlabels, action.labels, action.replaces, action.arms) == (("ours",), (), None, False)
    assert action.rewords


@pytest.mark.parametrize("draft", [True, False])
@pytest.mark.parametrize("auto_merge", [BY_GITHUB, BY_BUMP])
def test_a_draft_that_github_refused_is_kept_from_merging_as_one_would_be(draft: bool, auto_merge: AutoMerge) -> None:
    words = replace(WORDS, settings=PullRequestSettings(draft=draft))
    body = Kept(undrafted=True).within(WORDS.section)
    pull_request = opened(body, mergeable=Mergeable.BLOCKED)

    assert words.undrafted(pull_request) is draft
    assert not words.undrafted(opened(body, draft=True))
    terms = Terms(now=NOW, arms=True, auto_merge=None if words.undrafted(pull_request) else auto_merge)
    hints = advice(Leave(pull_request=pull_request, head=HEAD), auto_merge, terms, pull_request)
    assert ["has no drafts" in hint for hint in hints] == [True] * draft
    armed = replace(pull_request, armed=True)
    assert advice(Leave(pull_request=armed, head=HEAD), auto_merge, terms, armed) == ()
    action = decided(wanted(), ours("wanted"), pull_request, words=words, auto_merge=terms.auto_merge)
    assert isinstance(action, Leave) is draft  # and the mark goes with the wish


LATE = replace(BY_GITHUB, required_checks=("test", "lint"))


@pytest.mark.parametrize("lint", [None, *Check])
@pytest.mark.parametrize("hindrance", ["none", "draft", "not allowed", "blocked", "armed", "unnamed"])
def test_what_came_too_late_to_be_armed_is_merged_where_the_named_checks_have_passed(
    lint: Check | None, hindrance: str
) -> None:
    pull_request = opened(
        draft=hindrance == "draft",
        armed=hindrance == "armed",
        mergeable=Mergeable.BLOCKED if hindrance == "blocked" else Mergeable.FREE,
    )
    auto_merge = BY_GITHUB if hindrance == "unnamed" else LATE
    checks = {"test": Check.PASSED} | ({"lint": lint} if lint else {})
    allowed = hindrance != "not allowed"
    standing = ours("wanted")
    action = decided(wanted(), standing, pull_request, auto_merge=auto_merge, checks=checks, arms=allowed)

    if hindrance == "none" and lint is Check.PASSED:
        assert action == Merge(pull_request=pull_request, head=HEAD, message=standing.message)
    else:
        assert not isinstance(action, Merge)


def test_a_new_commit_is_armed_although_the_old_one_had_nothing_left_to_wait_for() -> None:
    action = decided(wanted(), ours("other"), opened(mergeable=Mergeable.FREE), auto_merge=BY_GITHUB)

    assert isinstance(action, Update)
    assert (action.disarms, action.arms) == (False, True)


def test_a_leftover_on_another_base_is_written_anew() -> None:
    standing = ours("wanted")
    other = replace(standing, record=replace(standing.record, base="ba" * 20))

    assert decided(wanted(), other, None) == Create(replaces=HEAD)


def test_labels_are_told_apart_as_github_does() -> None:
    words = replace(WORDS, settings=PullRequestSettings(labels=("Image-Bump",)))

    assert isinstance(decided(wanted(), ours("wanted"), opened(labels=frozenset({"image-bump"})), words=words), Leave)


def test_what_a_person_armed_stays_armed() -> None:
    action = decided(wanted(), ours("other"), opened(armed=True))

    assert isinstance(action, Update)
    assert (action.disarms, action.arms) == (False, False)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_new_pull_request_is_armed_where_the_repository_allows_it(allowed: bool) -> None:
    assert decided(wanted(), Absent(), None, auto_merge=BY_GITHUB, arms=allowed) == Create(replaces=None, arms=allowed)
    assert decided(wanted(), Absent(), None, auto_merge=BY_BUMP) == Create(replaces=None)


@pytest.mark.parametrize("state", [None, *Check])
@pytest.mark.parametrize("hindrance", ["none", "draft", "conflicts", "changed", "words", "queued"])
def test_bump_merges_only_what_every_required_check_has_passed(state: Check | None, hindrance: str) -> None:
    pull_request = opened(
        draft=hindrance == "draft",
        mergeable=Mergeable.CONFLICTS if hindrance == "conflicts" else Mergeable.FREE,
        body="" if hindrance == "words" else WORDS.section,
        queued=hindrance == "queued",
    )
    standing = ours("other" if hindrance == "changed" else "wanted")
    checks = {"other": Check.FAILED} | ({"test": state} if state else {})
    action = decided(wanted(), standing, pull_request, auto_merge=BY_BUMP, checks=checks)

    merges = state is Check.PASSED and hindrance == "none"
    assert isinstance(action, Merge) is merges
    if merges:
        assert action == Merge(pull_request=pull_request, head=HEAD, message=standing.message)


def test_bump_merges_nothing_without_a_required_check() -> None:
    unchecked = replace(BY_BUMP, required_checks=())

    assert isinstance(decided(wanted(), ours("wanted"), opened(), auto_merge=unchecked), Leave)


# ---- what has to be asked, and what is said -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "pull_request", "auto_merge", "asks"),
    [
        (Absent(), None, BY_BUMP, False),
        (Persons(head=HEAD), opened(armed=True), BY_BUMP, False),
        (ours("x"), None, BY_BUMP, False),
        (ours("x"), opened(), BY_BUMP, True),
        (ours("x"), opened(queued=True), BY_BUMP, False),
        (ours("x"), opened(), BY_GITHUB, False),
        (ours("x"), opened(mergeable=Mergeable.FREE), LATE, True),
        (ours("x"), opened(mergeable=Mergeable.FREE, armed=True), LATE, False),
        (ours("x"), opened(mergeable=Mergeable.BLOCKED), LATE, False),
        (ours("x", age=timedelta(minutes=1)), opened(armed=True), None, True),
        (ours("x", age=timedelta(minutes=1)), opened(approved=True), None, True),
        (ours("x", age=timedelta(minutes=1)), opened(), None, False),
        (ours("x"), opened(armed=True), None, False),
    ],
)
def test_checks_are_asked_for_only_where_they_decide(
    standing: Standing, pull_request: PullRequest | None, auto_merge: AutoMerge | None, asks: bool
) -> None:
    terms = Terms(now=NOW, auto_merge=auto_merge, settle=SETTLE, arms=True)

    assert (checks_wanted(standing, pull_request, terms) is not None) is asks


@pytest.mark.parametrize(
    ("auto_merge", "allowed", "pull_request", "words"),
    [
        (None, False, opened(), ""),
        (BY_GITHUB, False, opened(), "auto-merge is off in this repository"),
        (BY_GITHUB, True, opened(mergeable=Mergeable.FREE), "nothing is left that a merge would wait for"),
        (LATE, True, opened(mergeable=Mergeable.FREE), ""),
        (BY_GITHUB, True, opened(mergeable=Mergeable.FREE, armed=True), ""),
        (BY_GITHUB, True, opened(mergeable=Mergeable.BLOCKED), ""),
        (BY_BUMP, False, opened(), ""),
    ],
)
def test_why_nothing_will_merge_by_itself_is_said(
    auto_merge: AutoMerge | None, allowed: bool, pull_request: PullRequest, words: str
) -> None:
    terms = Terms(now=NOW, arms=allowed, auto_merge=auto_merge)
    hints = advice(Leave(pull_request=pull_request, head=HEAD), auto_merge, terms, pull_request)

    assert len(hints) == bool(words)
    assert words in "".join(hints)
    assert advice(Leave(pull_request=None, head=None), BY_GITHUB, Terms(now=NOW), None) == ()


@pytest.mark.parametrize("state", Check)
@pytest.mark.parametrize("auto_merge", [BY_BUMP, LATE])
@pytest.mark.parametrize("hindrance", ["none", "draft", "new commit", "armed"])
def test_a_required_check_that_was_skipped_is_named(state: Check, auto_merge: AutoMerge, hindrance: str) -> None:
    pull_request = opened(mergeable=Mergeable.FREE, draft=hindrance == "draft", armed=hindrance == "armed")
    action: Action = Leave(pull_request=pull_request, head=HEAD)
    if hindrance == "new commit":
        action = Update(pull_request=pull_request, head=HEAD, replaces=HEAD)
    terms = Terms(now=NOW, arms=True, auto_merge=auto_merge)
    hints = advice(action, auto_merge, terms, pull_request, checks={"test": state, "other": Check.SKIPPED})

    merges_by_bump = hindrance == "none" or (hindrance == "armed" and auto_merge is BY_BUMP)
    assert [hint.partition(":")[0] for hint in hints] == (
        ["not merged, because test was skipped, and so checked nothing"]
        if state is Check.SKIPPED and merges_by_bump
        else []
    )


# ---- who is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asks", ["reviewers", "team_reviewers", "assignees", ""])
@pytest.mark.parametrize("mark", [True, False])
def test_whom_the_run_that_opened_it_did_not_ask_is_asked_by_the_next(asks: str, mark: bool) -> None:
    settings = PullRequestSettings(**{asks: ("octocat",)}) if asks else PullRequestSettings()  # type: ignore[arg-type]
    words = replace(WORDS, settings=settings)
    pull_request = opened(unfinished(WORDS.section) if mark else WORDS.section)

    action = converge(wanted(), standing=ours("wanted"), pull_request=pull_request, words=words, terms=Terms(now=NOW))

    if mark:
        assert isinstance(action, Update)
        assert (action.asks, action.rewords, action.replaces) == (bool(asks), True, None)
    else:
        assert action == Leave(pull_request=pull_request, head=HEAD)
    assert ("unfinished" in words.opened()) is bool(asks)
    assert "unfinished" not in words.opened(finished=True)
