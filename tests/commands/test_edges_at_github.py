"""What is rare at GitHub and must go right all the same, run by run, at its double."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from bot.errors import PublishError
from bot.proposal.marker import withdrawn
from bot.proposal.outcome import Done
from tests.commands.gitops import CONFIG, CONFIGURATION, WEB, Shelf, bump, files
from tests.doubles.github_api import Answer, Fault, GitHubDouble, Request
from tests.doubles.github_api.repository import Conclusion

BRANCH = "bump/dev"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = b"    pull_request: {labels: [image-bump]}\n"


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.seed(files())
        yield made


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"api": "b", "web": "b", "jobs": "b"})


def setting(double: GitHubDouble, text: str) -> None:
    assert SETTINGS in CONFIGURATION
    double.seed({CONFIG: CONFIGURATION.replace(SETTINGS, f"    pull_request: {text}\n".encode())})


def head_of(double: GitHubDouble) -> str:
    head = double.head(BRANCH)
    assert head is not None
    return head


def on_operations(answers: Mapping[str, Fault]) -> Callable[[Request], Fault | None]:
    return lambda request: answers.get(request.operation)


# ---- auto-merge -----------------------------------------------------------------------------------------------------


def test_what_we_armed_goes_off_when_it_is_no_longer_wanted(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.required_checks = frozenset({"test"})
    bump(double, shelf)
    assert double.pull(1).auto_merge is not None
    setting(double, "{}")
    head = head_of(double)

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert (double.pull(1).auto_merge, head_of(double)) == (None, head)
    assert bump(double, shelf).outcome.action is Done.UNCHANGED


def test_another_method_is_armed_in_the_place_of_the_old_one(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.required_checks = frozenset({"test"})
    bump(double, shelf)
    setting(double, "{auto_merge: {method: merge, by: github}}")

    assert bump(double, shelf).outcome.action is Done.UPDATED
    armed = double.pull(1).auto_merge
    assert armed is not None
    assert armed.method == "merge"
    assert bump(double, shelf).outcome.action is Done.UNCHANGED


# ---- *Update branch* -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["merge", "rebase"])
def test_base_may_change_other_lines_of_our_files(
    double: GitHubDouble, shelf: Shelf, method: Literal["merge", "rebase"]
) -> None:
    bump(double, shelf)
    double.seed({WEB: b"replicas: 3\n" + double.read("main", WEB)})
    double.update_branch_button(1, method)
    assert b"replicas: 3" in double.read(BRANCH, WEB)

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert b"replicas: 3" in double.read(BRANCH, WEB)


@pytest.mark.parametrize("path", [WEB, "env/dev/api.yaml", "README.md"])
def test_what_a_person_puts_into_such_a_merge_is_not_written_over(
    double: GitHubDouble, shelf: Shelf, path: str
) -> None:
    bump(double, shelf)
    double.seed({WEB: b"replicas: 3\n" + double.read("main", WEB)})
    double.update_branch_button(1)
    it = double.repository
    merge, mine = it.git.commit(head_of(double)), double.commit(BRANCH, {path: b"mine: 1\n"})
    amended = it.git.write_commit(
        tree=it.git.commit(mine).tree,
        parents=merge.parents,
        author=merge.author,
        committer=merge.author,
        message=merge.message,
    )
    double.push(BRANCH, amended)

    assert bump(double, shelf).outcome.action is Done.BLOCKED
    assert head_of(double) == amended


# ---- a person's ------------------------------------------------------------------------------------------------------


def test_a_submodule_that_a_person_amends_is_not_written_over(
    double: GitHubDouble, shelf: Shelf, tmp_path: Path
) -> None:
    bump(double, shelf)
    it, index = double.repository, tmp_path / "index"
    ours = it.git.commit(head_of(double))
    it.git.run("read-tree", ours.tree, index=index)
    it.git.run("update-index", "--add", "--cacheinfo", f"160000,{'c' * 40},env/dev/charts", index=index)
    amended = it.git.write_commit(
        tree=it.git.run("write-tree", index=index).decode().strip(),
        parents=ours.parents,
        author=ours.author,
        committer=ours.author,
        message=ours.message,
    )
    double.push(BRANCH, amended)
    shelf.builds["api"] = "c"

    assert bump(double, shelf).outcome.action is Done.BLOCKED
    assert head_of(double) == amended


# ---- forks ----------------------------------------------------------------------------------------------------------


def crowd(double: GitHubDouble, many: int) -> list[int]:
    """Somebody opens pull requests from a fork, whose branch bears our branch's name."""
    head = double.head()
    assert head is not None
    return [double.open_from_fork("person/gitops", BRANCH, head, "mine").number for _ in range(many)]


def test_an_open_pull_request_is_found_behind_those_of_forks(double: GitHubDouble, shelf: Shelf) -> None:
    crowd(double, 130)
    created = bump(double, shelf)
    assert created.outcome.action is Done.CREATED

    again = bump(double, shelf)

    assert (again.outcome.action, again.outcome.number) == (Done.UNCHANGED, created.outcome.number)


def test_a_decline_is_found_behind_the_pull_requests_of_forks(double: GitHubDouble, shelf: Shelf) -> None:
    double.set_clock(lambda: NOON)
    bump(double, shelf)
    double.close_pull(1)
    double.set_clock(lambda: NOON + timedelta(hours=1))
    for number in crowd(double, 130):
        double.close_pull(number)

    assert bump(double, shelf).outcome.action is Done.NONE


def test_a_decline_is_found_behind_what_we_closed_ourselves(double: GitHubDouble, shelf: Shelf) -> None:
    double.set_clock(lambda: NOON)
    bump(double, shelf)
    double.close_pull(1)
    for hour in range(1, 26):
        double.set_clock(lambda hour=hour: NOON + timedelta(hours=hour))  # type: ignore[misc]
        number = double.open(BRANCH, "again").number
        double.pull(number).body = withdrawn("")
        double.close_pull(number)

    assert bump(double, shelf).outcome.action is Done.NONE


def test_no_more_is_asked_for_than_can_matter(double: GitHubDouble, shelf: Shelf) -> None:
    double.set_clock(lambda: NOON)
    for number in crowd(double, 130):
        double.close_pull(number)
    double.set_clock(lambda: NOON + timedelta(hours=1))
    bump(double, shelf)
    double.close_pull(131)
    double.requests.clear()

    assert bump(double, shelf).outcome.action is Done.NONE
    assert len(double.requests) <= 4


def test_who_opens_without_end_does_not_make_a_run_endless(double: GitHubDouble, shelf: Shelf) -> None:
    crowd(double, 700)

    assert bump(double, shelf, dry_run=True).error is None
    assert len(double.requests) <= 4 + 5


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_what_a_ruleset_refuses_is_asked_for_once(double: GitHubDouble, shelf: Shelf) -> None:
    double.settings.rejected_branches = ("bump/**",)

    result = bump(double, shelf)

    assert isinstance(result.error, PublishError)
    assert [request.operation for request in double.requests].count("graphql:updateRefs") == 1


def test_where_all_that_was_tried_is_refused_nothing_was_updated(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{labels: [x], auto_merge: {method: squash, by: github}}")
    double.settings.required_checks = frozenset({"test"})
    bump(double, shelf)
    double.pull(1).auto_merge = None
    double.pull(1).labels.clear()
    refused = Answer(status=403, body={"message": "no"})
    double.faults = on_operations({"issues/add-labels": refused, "graphql:enablePullRequestAutoMerge": refused})

    first = bump(double, shelf)
    assert (first.outcome.action, len(first.outcome.warnings)) == (Done.UNCHANGED, 2)

    double.faults = on_operations({"issues/add-labels": refused})
    second = bump(double, shelf)
    assert (second.outcome.action, len(second.outcome.warnings)) == (Done.UPDATED, 1)


def test_where_base_cannot_be_merged_in_nothing_was_updated(double: GitHubDouble, shelf: Shelf) -> None:
    setting(double, "{auto_merge: {method: squash, by: github}}")
    double.settings.required_checks = frozenset({"test"})
    double.settings.require_up_to_date = True
    bump(double, shelf)
    double.check(head_of(double), "test", "success")
    double.seed({"README.md": b"base went on\n"})
    double.faults = on_operations({"pulls/update-branch": Answer(status=403, body={"message": "no"})})

    result = bump(double, shelf)

    assert (result.outcome.action, len(result.outcome.warnings)) == (Done.UNCHANGED, 1)


# ---- checks ---------------------------------------------------------------------------------------------------------

BY_BUMP = "{auto_merge: {method: squash, by: bump, required_checks: [test]}}"


@pytest.mark.parametrize("readable", [True, False], ids=["runs are shown", "runs are not shown"])
def test_nothing_is_merged_while_another_check_of_that_name_failed(
    double: GitHubDouble, shelf: Shelf, *, readable: bool
) -> None:
    setting(double, BY_BUMP)
    double.settings.workflow_runs_readable = readable
    bump(double, shelf)
    double.check(head_of(double), "test", "failure", workflow="on push", event="push")
    double.check(head_of(double), "test", "success")

    assert bump(double, shelf).outcome.action is Done.UNCHANGED
    assert double.pull(1).state == "open"

    double.check(head_of(double), "test", "success", workflow="on push", event="push")
    assert bump(double, shelf).outcome.action is Done.MERGED


@pytest.mark.parametrize(
    ("conclusion", "state"), [("skipped", "open"), ("neutral", "merged"), ("cancelled", "open"), ("pending", "open")]
)
def test_what_was_not_checked_is_not_merged(
    double: GitHubDouble, shelf: Shelf, conclusion: Conclusion, state: str
) -> None:
    setting(double, BY_BUMP)
    bump(double, shelf)
    double.check(head_of(double), "test", conclusion)
    bump(double, shelf)

    assert double.pull(1).state == state
