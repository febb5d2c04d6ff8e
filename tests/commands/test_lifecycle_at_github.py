"""Declines, settling, auto-merge and what stands beside the text, run by run, at the double of GitHub."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.planning.decision import Held
from bot.proposal.outcome import Done
from bot.proposal.record import Record
from bot.report.result import DONE, EnvironmentResult, Into, Result
from tests.builders import digest
from tests.commands.gitops import API, CONFIG, CONFIGURATION, WEB, Shelf, bump, files
from tests.doubles.github_api.double import GitHubDouble
from tests.doubles.github_api.wire import Request

BRANCH = "bump/dev"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = b"    pull_request: {labels: [image-bump]}\n"


def configured(text: str) -> bytes:
    assert SETTINGS in CONFIGURATION
    return CONFIGURATION.replace(SETTINGS, f"    pull_request: {text}\n".encode())


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.set_clock(lambda: NOON)
        made.seed(files())
        yield made


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"api": "b", "web": "b", "jobs": "b"})


def setting(double: GitHubDouble, text: str) -> None:
    double.seed({CONFIG: configured(text)})


def held(result: EnvironmentResult) -> set[tuple[str, str]]:
    assert result.plan is not None
    return {(one.repository.last, one.code) for one in result.plan.decisions if isinstance(one, Held)}


# ---- declines -------------------------------------------------------------------------------------------------------


def test_what_a_person_closed_is_not_proposed_again(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.close_pull(1)
    double.requests.clear()

    result = bump(double, shelf)

    assert held(result) == {("api", "declined"), ("web", "declined"), ("jobs", "declined")}
    assert (result.outcome.action, double.writes, len(double.pulls)) == (Done.NONE, [], 1)
    whole = Result(command="update", dry_run=False, into=Into.PULL_REQUEST, environments=(result,))
    assert whole.exit_code == DONE
    assert double.head(BRANCH) is not None


def test_newer_digests_open_a_new_one_without_what_was_declined(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.close_pull(1)
    shelf.builds["api"] = "c"

    result = bump(double, shelf)

    assert (result.outcome.action, result.outcome.number) == (Done.CREATED, 2)
    assert str(digest("c")).encode() in double.read(BRANCH, API)
    assert str(digest("a")).encode() in double.read(BRANCH, WEB)
    assert bump(double, shelf).outcome.action is Done.UNCHANGED


@pytest.mark.parametrize("way", ["reopened", "label", "again", "branch deleted and again"])
def test_a_decline_can_be_taken_back(double: GitHubDouble, shelf: Shelf, way: str) -> None:
    bump(double, shelf)
    double.close_pull(1)
    if way == "reopened":
        double.reopen(1)
    if way == "label":
        double.pull(1).labels.append("bump:retry")
    if way.startswith("branch"):
        double.delete_branch(BRANCH)

    result = bump(double, shelf, again="again" in way)

    assert held(result) == set()
    expected = (Done.UNCHANGED, 1) if way == "reopened" else (Done.CREATED, 2)
    assert (result.outcome.action, result.outcome.number) == expected
    again = bump(double, shelf)
    assert (again.outcome.action, held(again)) == (Done.UNCHANGED, set())


def test_what_we_withdrew_is_proposed_when_it_comes_back(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    builds, shelf.builds = shelf.builds, {}
    assert bump(double, shelf).outcome.action is Done.CLOSED
    shelf.builds = builds

    result = bump(double, shelf)

    assert (result.outcome.action, result.outcome.number) == (Done.CREATED, 2)


def test_a_reopened_one_that_a_person_closes_is_declined_although_we_withdrew_it_once(
    double: GitHubDouble, shelf: Shelf
) -> None:
    bump(double, shelf)
    head = double.head(BRANCH)
    builds, shelf.builds = shelf.builds, {}
    bump(double, shelf)
    shelf.builds = builds
    assert head is not None
    double.push(BRANCH, head)
    double.reopen(1)
    assert bump(double, shelf).outcome.action is Done.UPDATED
    double.close_pull(1)

    assert held(bump(double, shelf)) == {("api", "declined"), ("web", "declined"), ("jobs", "declined")}


def test_closing_a_branch_that_a_person_took_over_declines_nothing(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})
    assert bump(double, shelf).outcome.action is Done.BLOCKED
    double.close_pull(1)
    double.delete_branch(BRANCH)

    assert bump(double, shelf).outcome.action is Done.CREATED


def test_a_decline_counts_when_base_was_merged_into_the_branch(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.seed({"README.md": b"base went on\n"})
    double.update_branch_button(1, "merge")
    double.close_pull(1)

    assert held(bump(double, shelf)) == {("api", "declined"), ("web", "declined"), ("jobs", "declined")}


def test_a_merge_after_the_decline_ends_it(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.set_clock(lambda: NOON + timedelta(hours=1))
    double.close_pull(1)
    shelf.builds = dict.fromkeys(shelf.builds, "c")
    bump(double, shelf)
    double.set_clock(lambda: NOON + timedelta(hours=2))
    double.merge(2)
    shelf.builds = dict.fromkeys(shelf.builds, "b")

    assert held(bump(double, shelf)) == set()


def test_a_reverted_merge_is_proposed_anew_from_the_leftover_branch(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.merge(1, "merge")
    double.seed(files())

    result = bump(double, shelf)

    assert (result.outcome.action, result.outcome.number) == (Done.CREATED, 2)


def test_our_own_withdrawal_does_not_take_a_decline_back(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.close_pull(1)
    declined, shelf.builds = shelf.builds, dict.fromkeys(shelf.builds, "c")
    bump(double, shelf)
    shelf.builds = {}
    assert bump(double, shelf).outcome.action is Done.CLOSED
    shelf.builds = declined

    assert held(bump(double, shelf)) == {("api", "declined"), ("web", "declined"), ("jobs", "declined")}


# ---- settling -------------------------------------------------------------------------------------------------------


def test_newer_digests_wait_while_a_fresh_one_is_about_to_merge(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{settle: 30m}")
    double.settings.required_checks = frozenset({"test"})
    bump(double, shelf, now=NOON)
    double.pull(1).review = "APPROVED"
    head = double.head(BRANCH)
    shelf.builds["api"] = "c"

    waiting = bump(double, shelf, now=NOON + timedelta(minutes=29))
    assert (waiting.outcome.action, double.head(BRANCH)) == (Done.WAITING, head)
    assert "about to merge" in waiting.outcome.warnings[0]

    assert head is not None
    double.check(head, "test", "failure")
    assert bump(double, shelf, now=NOON + timedelta(minutes=29)).outcome.action is Done.UPDATED


def test_in_a_merge_queue_nothing_is_written(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.pull(1).in_merge_queue = True
    shelf.builds["api"] = "c"
    double.requests.clear()

    assert bump(double, shelf).outcome.action is Done.WAITING
    assert double.writes == []


# ---- auto-merge -----------------------------------------------------------------------------------------------------


def test_github_merges_under_our_words(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.auto_merge = True
    double.settings.required_checks = frozenset({"test"})
    result = bump(double, shelf)

    assert result.outcome.warnings == ()
    armed = double.pull(1).auto_merge
    assert armed is not None
    assert f"{armed.headline}\n\n{armed.body}" == double.message(BRANCH)
    double.requests.clear()
    assert bump(double, shelf).outcome.action is Done.UNCHANGED
    assert double.writes == []

    shelf.builds["api"] = "c"
    assert bump(double, shelf).outcome.action is Done.UPDATED
    again = double.pull(1).auto_merge
    assert again is not None
    assert f"{again.headline}\n\n{again.body}" == double.message(BRANCH)
    assert str(digest("c")) in str(again.body)

    head = double.head(BRANCH)
    assert head is not None
    double.check(head, "test", "success")
    double.fire_auto_merge(1)
    record = Record.parse(double.message("main"))
    assert record is not None
    assert digest("c") in {one.new for one in record.bumps}
    assert bump(double, shelf).outcome.action is Done.NONE


def test_a_branch_that_fell_behind_is_brought_up_to_date(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.auto_merge = True
    double.settings.required_checks = frozenset({"test"})
    double.settings.require_up_to_date = True
    bump(double, shelf)
    head = double.head(BRANCH)
    assert head is not None
    double.check(head, "test", "success")
    double.seed({"README.md": b"base went on\n"})

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert double.pull(1).auto_merge is not None
    double.requests.clear()
    assert bump(double, shelf).outcome.action is Done.UNCHANGED


@pytest.mark.parametrize("refusal", ["not allowed", "nothing to wait for"])
def test_what_the_repository_refuses_is_a_warning_and_never_an_unchecked_merge(
    double: GitHubDouble, shelf: Shelf, refusal: str
) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.auto_merge = refusal != "not allowed"
    first = bump(double, shelf)
    double.requests.clear()
    second = bump(double, shelf)

    assert first.outcome.action is Done.CREATED
    assert len(first.outcome.warnings) == 1
    assert (second.outcome.action, len(second.outcome.warnings), double.writes) == (Done.UNCHANGED, 1, [])
    assert double.pull(1).state == "open"


def test_bump_merges_once_every_required_check_has_passed(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: bump, required_checks: [test]}}")
    bump(double, shelf)
    head, message = double.head(BRANCH), double.message(BRANCH)
    assert head is not None
    assert bump(double, shelf).outcome.action is Done.UNCHANGED
    double.check(head, "lint", "failure")
    double.check(head, "test", "success")

    result = bump(double, shelf)

    assert (result.outcome.action, double.pull(1).state) == (Done.MERGED, "merged")
    assert double.message("main").strip() == message.strip()
    assert bump(double, shelf).outcome.action is Done.NONE


def test_a_merge_that_is_refused_is_a_warning(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: bump, required_checks: [test]}}")
    double.settings.required_review = True
    bump(double, shelf)
    head = double.head(BRANCH)
    assert head is not None
    double.check(head, "test", "success")

    result = bump(double, shelf)

    assert (result.outcome.action, double.pull(1).state) == (Done.UNCHANGED, "open")
    assert "not merged" in result.outcome.warnings[0]


def test_a_persons_commit_turns_auto_merge_off(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.auto_merge = True
    double.settings.required_checks = frozenset({"test"})
    bump(double, shelf)
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})

    assert bump(double, shelf).outcome.action is Done.BLOCKED
    assert double.pull(1).auto_merge is None


# ---- what stands beside the text ------------------------------------------------------------------------------------

EVERYTHING = (
    "{labels: [image-bump, dev], reviewers: [reviewer], team_reviewers: [platform], assignees: [person], draft: true, "
    "auto_merge: {method: squash, by: github}}"
)


def test_a_pull_request_is_opened_with_all_that_is_configured(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, EVERYTHING)
    bump(double, shelf)
    (pull,) = double.pulls

    assert (pull.draft, pull.labels) == (True, ["image-bump", "dev"])
    assert (pull.reviewers, pull.team_reviewers, pull.assignees) == (["reviewer"], ["platform"], ["person"])


def test_what_the_repository_refuses_stops_nothing_else(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{labels: [x], reviewers: [nobody], assignees: [person]}")
    result = bump(double, shelf)

    assert result.outcome.action is Done.CREATED
    assert [warning.partition(":")[0] for warning in result.outcome.warnings] == ["reviewers not set"]
    assert (double.pull(1).labels, double.pull(1).assignees) == (["x"], ["person"])


def test_a_change_of_labels_changes_labels_alone(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    head, body = double.head(BRANCH), double.pull(1).body
    setting(double, "{labels: [image-bump, dev]}")
    double.requests.clear()

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert [request.path.rpartition("/")[2] for request in double.writes] == ["1", "labels"]
    assert double.head(BRANCH) == head
    assert double.pull(1).body == body.replace("labels=image-bump", "labels=image-bump,dev")
    assert set(double.pull(1).labels) == {"image-bump", "dev"}


def test_labels_that_are_no_longer_configured_go_and_those_of_people_stay(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{labels: [image-bump, 'on hold/é', dev]}")
    bump(double, shelf)
    double.pull(1).labels += ["urgent"]
    double.pull(1).labels.remove("dev")
    head = double.head(BRANCH)
    setting(double, "{labels: [image-bump]}")
    double.requests.clear()

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert [request.method for request in double.writes] == ["DELETE", "PATCH"]
    assert (double.pull(1).labels, double.head(BRANCH)) == (["image-bump", "urgent"], head)
    double.requests.clear()
    assert bump(double, shelf).outcome.action is Done.UNCHANGED
    assert double.writes == []


def test_a_label_that_went_meanwhile_is_no_trouble(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    setting(double, "{labels: []}")

    def first(request: Request) -> None:
        if request.method == "DELETE":
            double.pull(1).labels.clear()

    double.before = first
    result = bump(double, shelf)

    assert (result.outcome.action, result.outcome.warnings) == (Done.UPDATED, ())


@pytest.mark.parametrize("by", ["by: github", "by: bump, required_checks: [test]"])
def test_where_there_are_no_drafts_it_is_opened_ready_but_never_merged(
    double: GitHubDouble, shelf: Shelf, by: str
) -> None:
    double.settings.drafts = False
    double.settings.required_checks = frozenset({"test"})
    setting(double, f"{{draft: true, reviewers: [reviewer], auto_merge: {{method: squash, {by}}}}}")

    first = bump(double, shelf)

    assert (first.outcome.action, double.pull(1).draft, double.pull(1).reviewers) == (Done.CREATED, False, ["reviewer"])
    assert ["draft not set" in warning for warning in first.outcome.warnings] == [True]
    assert double.pull(1).auto_merge is None
    head = double.head(BRANCH)
    assert head is not None
    double.check(head, "test", "success")
    double.requests.clear()
    second = bump(double, shelf)
    assert (second.outcome.action, double.writes, double.pull(1).state) == (Done.UNCHANGED, [], "open")
    assert ["has no drafts" in warning for warning in second.outcome.warnings] == [True]

    shelf.builds["api"] = "c"
    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert double.pull(1).auto_merge is None

    setting(double, f"{{draft: false, auto_merge: {{method: squash, {by}}}}}")
    third = bump(double, shelf)
    assert third.outcome.warnings == ()
    assert (double.pull(1).auto_merge is not None) is ("github" in by)


def test_what_was_not_armed_in_time_is_merged_once_the_named_checks_have_passed(
    double: GitHubDouble, shelf: Shelf
) -> None:
    setting(double, "{auto_merge: {method: squash, by: github, required_checks: [test]}}")
    double.settings.required_checks = frozenset({"test"})
    bump(double, shelf)
    double.pull(1).auto_merge = None  # as the run had died before it
    head, message = double.head(BRANCH), double.message(BRANCH)
    assert head is not None
    double.check(head, "test", "success")

    assert bump(double, shelf).outcome.action is Done.MERGED
    assert double.message("main").strip() == message.strip()


def test_a_required_check_that_is_always_skipped_is_told(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: bump, required_checks: [test]}}")
    bump(double, shelf)
    head = double.head(BRANCH)
    assert head is not None
    double.check(head, "test", "skipped")

    result = bump(double, shelf)

    assert (result.outcome.action, double.pull(1).state) == (Done.UNCHANGED, "open")
    assert ["test was skipped" in warning for warning in result.outcome.warnings] == [True]


def test_the_body_of_a_pull_request_that_we_close_says_so(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds = {}
    bump(double, shelf)

    assert "<!-- bump:v1 withdrawn -->" in double.pull(1).body
    assert double.pull(1).state == "closed"
