"""The life of a pull request, run by run, at the double of GitHub."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import ConfigError, Outage, PublishError, RaceLost
from bot.planning.decision import Failed, Update, UpToDate
from bot.proposal.outcome import Done
from bot.proposal.record import Record
from bot.report.comments import BLOCKED
from tests.builders import digest
from tests.commands.gitops import API, CONFIG, CONFIGURATION, JOBS, WEB, Shelf, bump, failed, files
from tests.doubles.github_api.double import GitHubDouble
from tests.doubles.github_api.repository import Comment
from tests.doubles.github_api.wire import Request

BRANCH = "bump/dev"


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.seed(files())
        yield made


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"api": "b", "web": "b", "jobs": "b"})


def test_a_new_build_opens_one_pull_request_that_changes_digests_alone(double: GitHubDouble, shelf: Shelf) -> None:
    result = bump(double, shelf)

    assert result.outcome.action is Done.CREATED
    (pull,) = double.pulls
    assert (pull.title, pull.head_branch, pull.base_branch) == ("bump(dev): 3 images", BRANCH, "main")
    assert pull.labels == ["image-bump"]
    wanted = {
        path: content.replace(str(digest("a")).encode(), str(digest("b")).encode()) for path, content in files().items()
    }
    for path, content in files().items():
        assert double.read(BRANCH, path) == (wanted[path] if path in {API, WEB, JOBS} else content)


def test_the_commit_is_the_record(double: GitHubDouble, shelf: Shelf) -> None:
    base = double.head()
    result = bump(double, shelf)

    record = Record.parse(double.message(BRANCH))
    assert record is not None
    assert (record.environment, record.base) == ("dev", base)
    assert {str(bump.repository) for bump in record.bumps} == {
        f"ghcr.io/acme/{name}" for name in ("api", "web", "jobs")
    }
    assert {(bump.old, bump.new) for bump in record.bumps} == {(digest("a"), digest("b"))}
    assert result.outcome.head == double.head(BRANCH)


def test_a_second_run_writes_nothing(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.requests.clear()

    result = bump(double, shelf)

    assert result.outcome.action is Done.UNCHANGED
    assert result.outcome.number == 1
    assert double.writes == []


def test_a_newer_build_updates_the_same_pull_request(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds["api"] = "c"

    result = bump(double, shelf)

    assert result.outcome.action is Done.UPDATED
    (pull,) = double.pulls
    assert pull.head_sha == double.head(BRANCH) == result.outcome.head
    assert str(digest("c")).encode() in double.read(BRANCH, API)
    assert str(digest("b")).encode() in double.read(BRANCH, WEB)
    assert f"`{digest('c')}`" in pull.body


def test_after_the_merge_there_is_nothing_to_do(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.merge(1)
    double.delete_branch(BRANCH)
    double.requests.clear()

    result = bump(double, shelf)

    assert (result.outcome.action, result.outcome.branch, result.outcome.head) == (Done.NONE, BRANCH, None)
    assert result.outcome.warnings == ()
    assert double.writes == []
    assert result.plan is not None
    assert all(isinstance(decision, UpToDate) for decision in result.plan.decisions)


def test_a_merged_branch_that_nobody_deleted_is_cleared_away(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.merge(1, "merge")

    result = bump(double, shelf)

    assert double.head(BRANCH) is None
    assert (result.outcome.action, result.outcome.number) == (Done.NONE, None)
    assert (result.outcome.branch, result.outcome.head) == (BRANCH, None)
    assert result.outcome.warnings == (f"{BRANCH}: nothing is left to propose, so the leftover branch was deleted",)


def test_a_reverted_build_closes_it_and_deletes_the_branch(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds.update(api="a", web="a", jobs="a")

    result = bump(double, shelf)

    assert (result.outcome.action, result.outcome.branch, result.outcome.head) == (Done.CLOSED, BRANCH, None)
    assert double.pull(1).state == "closed"
    assert double.head(BRANCH) is None
    assert len(double.pull(1).comments) == 1


def test_an_image_that_was_reverted_alone_is_taken_out(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds["web"] = "a"

    result = bump(double, shelf)

    assert result.outcome.action is Done.UPDATED
    assert double.read(BRANCH, WEB) == files()[WEB]
    assert double.pull(1).title == "bump(dev): 2 images"


def test_a_failed_image_is_told_and_does_not_stop_the_others(double: GitHubDouble, shelf: Shelf) -> None:
    shelf.builds["api"] = failed("api")

    result = bump(double, shelf)

    assert result.outcome.action is Done.CREATED
    assert double.read(BRANCH, API) == files()[API]
    assert "**api** not moved · platform-missing" in double.pull(1).body
    assert result.plan is not None
    assert [type(decision) for decision in result.plan.decisions] == [Failed, Update, Update]


def test_a_failed_image_keeps_the_digest_that_is_already_proposed(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds["api"] = failed("api")

    bump(double, shelf)

    assert str(digest("b")).encode() in double.read(BRANCH, API)


def test_nothing_is_closed_while_an_image_fails(double: GitHubDouble, shelf: Shelf) -> None:
    shelf.builds.update(web="a", jobs="a")
    bump(double, shelf)
    shelf.builds.update(api=failed("api"), web=failed("web"))

    result = bump(double, shelf)

    assert result.outcome.action is Done.UPDATED  # its body tells of the failures
    assert double.pull(1).state == "open"


def test_image_narrows_what_is_asked_never_what_is_held(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds.update(api="c", web="c")
    shelf.asked.clear()

    result = bump(double, shelf, images=["api"])

    assert [lookup.repository.last for lookup in shelf.asked] == ["api"]
    assert result.outcome.action is Done.UPDATED
    assert str(digest("c")).encode() in double.read(BRANCH, API)
    assert str(digest("b")).encode() in double.read(BRANCH, WEB)
    assert str(digest("b")).encode() in double.read(BRANCH, JOBS)


@pytest.mark.parametrize("image", ["api", "*"])
def test_image_alone_never_closes(double: GitHubDouble, shelf: Shelf, image: str) -> None:
    shelf.builds.update(web="a", jobs="a")
    bump(double, shelf)
    shelf.builds["api"] = "a"

    result = bump(double, shelf, images=[image])

    assert double.pull(1).state == "open"
    assert result.outcome.action is not Done.CLOSED


def test_a_persons_commit_blocks_and_is_said_once(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    person = double.commit(BRANCH, {WEB: b"replicas: 3\n"})
    shelf.builds["api"] = "c"

    first, second = bump(double, shelf), bump(double, shelf)

    assert first.outcome.action is second.outcome.action is Done.BLOCKED
    assert double.head(BRANCH) == person
    assert len(double.pull(1).comments) == 1
    assert first.outcome.warnings


def test_it_is_said_once_however_long_the_talk_is(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})
    bump(double, shelf)
    (ours,) = double.pull(1).comments
    for position in (0, 1):  # before ours, then after it
        talk = [replace(ours, id=1000 + position * 250 + n, author="person", body="hm") for n in range(250)]
        double.pull(1).comments = [*talk, *double.pull(1).comments][:: -1 if position else 1]
        bump(double, shelf)
    assert sum(one.author == ours.author for one in double.pull(1).comments) == 1


def said(double: GitHubDouble, number: int, body: str) -> None:
    moment = double.repository.clock()
    double.pull(1).comments.append(Comment(id=number, author="github-actions[bot]", body=body, created_at=moment))


@pytest.mark.parametrize("added", ["", "and a word of the account's owner"])
def test_of_two_runs_that_say_the_same_the_first_is_heard(double: GitHubDouble, shelf: Shelf, added: str) -> None:
    bump(double, shelf)
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})

    def says_it_too(request: Request) -> None:
        if str(request.operation) == "issues/create-comment":
            said(double, 999, f"{BLOCKED}{added}")

    double.before = says_it_too
    for _ in range(2):
        assert bump(double, shelf).error is None
        assert [one.id for one in double.pull(1).comments] == [999]


def test_who_quotes_us_is_not_taken_for_us(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})

    def quotes(_: Request) -> None:
        if len(double.pull(1).comments) == 1:
            said(double, 999, f"> {BLOCKED}")

    double.before = quotes
    bump(double, shelf)
    assert [one.id for one in double.pull(1).comments] == [1, 999]


def test_words_that_a_person_copied_are_not_ours(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})
    bump(double, shelf)
    double.pull(1).comments[0].author = "person"

    bump(double, shelf)

    assert [one.author for one in double.pull(1).comments] == ["person", "github-actions[bot]"]


@pytest.mark.parametrize("clicks", [["merge"], ["rebase"], ["merge", "merge"], ["rebase", "merge"]], ids="-".join)
def test_updating_the_branch_from_base_does_not_make_it_a_persons(
    double: GitHubDouble, shelf: Shelf, clicks: list[str]
) -> None:
    bump(double, shelf)
    for number, method in enumerate(clicks):
        double.seed({"README.md": f"base went on {number}\n".encode()})
        double.update_branch_button(1, "merge" if method == "merge" else "rebase")
    shelf.builds["api"] = "c"

    result = bump(double, shelf)

    assert result.outcome.action is Done.UPDATED
    assert str(digest("c")).encode() in double.read(BRANCH, API)


def test_a_persons_change_within_a_merge_of_base_is_seen(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.seed({"README.md": b"base went on\n"})
    double.update_branch_button(1, "merge")
    double.commit(BRANCH, {"env/dev/extra.yaml": b"a: 1\n"})

    assert bump(double, shelf).outcome.action is Done.BLOCKED


def test_a_base_that_moved_elsewhere_is_no_reason_to_write(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.seed({"README.md": b"base went on\n"})
    double.requests.clear()

    assert bump(double, shelf).outcome.action is Done.UNCHANGED
    assert double.writes == []


def test_a_base_that_changed_one_of_our_files_is_built_upon(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.seed({WEB: files()[WEB] + b"replicas: 3\n"})

    assert bump(double, shelf).outcome.action is Done.UPDATED
    assert double.read(BRANCH, WEB).endswith(b"replicas: 3\n")
    assert str(digest("b")).encode() in double.read(BRANCH, WEB)


def test_a_leftover_branch_of_ours_is_replaced(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    old = double.head(BRANCH)
    double.close_pull(1)
    shelf.builds["api"] = "c"

    result = bump(double, shelf)

    assert result.outcome.action is Done.CREATED
    assert double.head(BRANCH) not in {None, old}


def test_a_leftover_branch_of_a_person_is_left_and_named(double: GitHubDouble, shelf: Shelf) -> None:
    person = double.commit(BRANCH, {"notes.md": b"mine\n"})

    result = bump(double, shelf)

    assert result.outcome.action is Done.BLOCKED
    assert double.head(BRANCH) == person
    assert BRANCH in result.outcome.warnings[0]
    assert double.pulls == []


def test_words_of_a_person_around_ours_stay(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.pull(1).body = f"Please wait for QA.\r\n\r\n{double.pull(1).body}\r\n\r\nThanks!"
    double.pull(1).title = "Hold: waiting for QA"
    shelf.builds["api"] = "c"

    bump(double, shelf)

    pull = double.pull(1)
    assert pull.body.startswith("Please wait for QA.")
    assert pull.body.endswith("Thanks!")
    assert digest("c").short in pull.body
    assert pull.title == "Hold: waiting for QA"


@pytest.mark.parametrize("most", [30_000, 64_500])
def test_a_persons_long_words_leave_the_lines_and_take_the_room_of_the_detail(
    double: GitHubDouble, shelf: Shelf, most: int
) -> None:
    places = "".join(f"k{number}: ghcr.io/acme/api@{digest('a')}\n" for number in range(1200))
    double.seed({API: places.encode()})
    bump(double, shelf)
    words = "Please wait for QA. " * (most // 20)
    double.pull(1).body = f"{words}\r\n\r\n{double.pull(1).body}"
    shelf.builds["api"] = "c"

    result = bump(double, shelf)

    pull = double.pull(1)
    assert (result.error, result.outcome.action) == (None, Done.UPDATED)
    assert pull.body.startswith(words)
    assert f"**api** `{digest('a').short}` → `{digest('c').short}`" in pull.body
    assert "**jobs** " in pull.body
    assert len(pull.body) <= 65_536
    assert bump(double, shelf).outcome.action is Done.UNCHANGED


def test_a_fork_with_a_branch_of_that_name_is_not_ours(double: GitHubDouble, shelf: Shelf) -> None:
    head = double.head()
    assert head is not None
    double.open_from_fork("person/gitops", BRANCH, head, "surprise")

    result = bump(double, shelf)

    assert result.outcome.action is Done.CREATED
    assert result.outcome.number == 2


def test_the_pull_request_of_another_configuration_is_an_error(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    double.pull(1).body = double.pull(1).body.replace(CONFIG, "config/other.yaml")

    result = bump(double, shelf)

    assert isinstance(result.error, ConfigError)
    assert "config/other.yaml" in str(result.error)


def test_a_dry_run_writes_nothing_and_shows_everything(double: GitHubDouble, shelf: Shelf) -> None:
    result = bump(double, shelf, dry_run=True)

    assert double.writes == []
    assert result.outcome.action is Done.NONE
    assert result.diff.count("+++ ") == 3
    assert "**api**" in result.body


def test_the_branch_moving_meanwhile_is_planned_again(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    shelf.builds["api"] = "c"
    raced: list[str] = []

    def race(request: Request) -> None:
        if request.operation == "graphql:updateRefs" and not raced:
            raced.append(double.commit(BRANCH, {WEB: b"mine\n"}))

    double.before = race

    result = bump(double, shelf)

    assert raced == [double.head(BRANCH)]
    assert result.outcome.action is Done.BLOCKED


def test_a_race_lost_three_times_is_an_error(double: GitHubDouble, shelf: Shelf) -> None:
    bump(double, shelf)
    ours = double.head(BRANCH)
    assert ours is not None
    double.close_pull(1)
    double.delete_branch(BRANCH)
    shelf.builds["api"] = "c"
    lost: list[str] = []

    def race(request: Request) -> None:
        if request.operation == "graphql:updateRefs":
            lost.append(request.operation)
            double.delete_branch(BRANCH) if double.head(BRANCH) else double.push(BRANCH, ours)

    double.before = race

    assert isinstance(bump(double, shelf).error, RaceLost)
    assert len(lost) == 3


def test_the_configured_branch_prefix_of_base_counts(double: GitHubDouble, shelf: Shelf) -> None:
    double.seed({CONFIG: b"gitops: {branch_prefix: robots}\n" + CONFIGURATION})

    assert bump(double, shelf).outcome.branch == "robots/dev"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        pytest.param({CONFIG: None}, ConfigError, "not found at", id="no configuration"),
        pytest.param({CONFIG: b"version: 2\n"}, ConfigError, "version", id="wrong configuration"),
        pytest.param({API: None, WEB: None, JOBS: None}, ConfigError, "matches no", id="a glob without files"),
    ],
)
def test_a_wrong_base_stops_the_run(
    double: GitHubDouble, shelf: Shelf, change: dict[str, bytes | None], error: type[Exception], words: str
) -> None:
    double.commit("main", change)

    result = bump(double, shelf)

    assert isinstance(result.error, error)
    assert words in str(result.error)
    assert double.writes == []


def test_an_archived_repository_is_named(double: GitHubDouble, shelf: Shelf) -> None:
    double.settings.archived = True

    result = bump(double, shelf)

    assert isinstance(result.error, PublishError)
    assert "archived" in str(result.error)


@pytest.mark.parametrize("count", [3, 500])
@pytest.mark.parametrize("on_disk", [True, False], ids=["in a checkout", "without one"])
@pytest.mark.parametrize("by", ["github", "bump, required_checks: [test]"])
def test_requests_do_not_grow_with_files(tmp_path: Path, count: int, *, on_disk: bool, by: str) -> None:
    shelf = Shelf({"api": "b", "web": "b", "jobs": "b"})
    with GitHubDouble(tmp_path / "github") as double:
        created, unchanged = requests_of_two_runs(double, shelf, tmp_path / "checkout", count, on_disk=on_disk, by=by)
    assert created <= 12
    assert unchanged <= 4


def requests_of_two_runs(
    double: GitHubDouble, shelf: Shelf, checkout: Path, count: int, *, on_disk: bool, by: str
) -> list[int]:
    """The first creates with everything, the second changes nothing."""
    everything = (
        "labels: [image-bump, dev], reviewers: [reviewer], team_reviewers: [platform], assignees: [person], "
        f"auto_merge: {{method: squash, by: {by}}}"
    )
    double.settings.required_checks = frozenset({"test"})
    api = {f"env/dev/{number}.yaml": f"# {number}\n".encode() + files()[API] for number in range(count - 3)}
    config = CONFIGURATION.replace(b"labels: [image-bump]", everything.encode())
    double.seed({**files(), **api, CONFIG: config})
    if on_disk:
        subprocess.run(["git", "clone", "-q", double.clone_url, checkout], check=True, capture_output=True)

    counts: list[int] = []
    for action in (Done.CREATED, Done.UNCHANGED):
        double.requests.clear()
        result = bump(double, shelf, on_disk=checkout if on_disk else None)
        assert (result.outcome.action, result.outcome.warnings) == (action, ())
        assert result.plan is not None
        assert len(result.plan.files) == count
        counts.append(len(double.requests))
    return counts


def test_an_outage_is_an_outage(double: GitHubDouble, shelf: Shelf) -> None:
    double.close()

    result = bump(double, shelf)

    assert isinstance(result.error, Outage)
    host = double.url.removeprefix("http://")
    assert str(result.error).startswith(f"acme/gitops: GitHub at {host} was not reached (connection refused); ")
