"""What a run may find at GitHub and do there, by name; and the picture that is there afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import Outage
from bot.proposal.outcome import Done
from bot.report.result import EnvironmentResult
from tests.commands.gitops import CONFIG, CONFIGURATION, WEB, Shelf, bump, files
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.github_api.repository import PullRequest
from tests.doubles.github_api.wire import DROP_BEFORE, on_operation

BRANCH = "bump/dev"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = b"    pull_request: {labels: [image-bump]}\n"
ASKED = "labels: [image-bump, dev], reviewers: [reviewer], team_reviewers: [platform], assignees: [person]"
EVERYTHING = f"{{{ASKED}, auto_merge: {{method: squash, by: github}}}}"
DRAFT = f"{{{ASKED}, draft: true}}"
BY_BUMP = f"{{{ASKED}, auto_merge: {{method: squash, by: bump, required_checks: [test]}}}}"
Deed = Callable[[GitHubDouble, Shelf], object]


@dataclass(frozen=True)
class Scenario:
    """`deeds` come before the run that dies, `at_least` is how many writes that one has."""

    name: str
    at_least: int
    deeds: tuple[Deed, ...] = ()
    settings: str = EVERYTHING

    def __str__(self) -> str:
        return self.name


def run(double: GitHubDouble, shelf: Shelf, token: str = ACTIONS) -> EnvironmentResult:
    return bump(double, shelf, now=NOON + timedelta(days=1), token=token)


def newer(_: GitHubDouble, shelf: Shelf) -> None:
    shelf.builds["api"] = "c"


def reverted(_: GitHubDouble, shelf: Shelf) -> None:
    shelf.builds = {}


def closed(double: GitHubDouble, _: Shelf) -> None:
    double.close_pull(1)


def merged(double: GitHubDouble, _: Shelf) -> None:
    double.merge(1, "merge")


def committed(double: GitHubDouble, _: Shelf) -> None:
    double.commit(BRANCH, {WEB: b"replicas: 3\n"})


def passed(double: GitHubDouble, _: Shelf) -> None:
    double.check(str(double.head(BRANCH)), "test", "success")


def died_before_opening(double: GitHubDouble, shelf: Shelf) -> None:
    double.faults = on_operation("pulls/create", DROP_BEFORE)
    assert isinstance(run(double, shelf).error, Outage)


def fell_behind(double: GitHubDouble, shelf: Shelf) -> None:
    double.settings.require_up_to_date = True
    passed(double, shelf)
    double.seed({"README.md": b"base went on\n"})


def relabelled(double: GitHubDouble, _: Shelf) -> None:
    double.seed({CONFIG: configured(EVERYTHING.replace("dev]", "dev, more]"))})


def relabelled_by_fewer(double: GitHubDouble, _: Shelf) -> None:
    double.seed({CONFIG: configured(EVERYTHING.replace("image-bump, dev]", "image-bump, more]"))})


def without_drafts(double: GitHubDouble, _: Shelf) -> None:
    double.settings.drafts = False


SCENARIOS = [
    Scenario("creation", 9),
    Scenario("creation of a draft", 8, settings=DRAFT),
    Scenario("creation with labels alone", 5, settings="{labels: [image-bump]}"),
    Scenario("update while armed", 6, (run, newer)),
    Scenario("labels", 2, (run, relabelled)),
    Scenario("other labels", 3, (run, relabelled_by_fewer)),
    Scenario("a draft where there are none", 8, (without_drafts,), settings=DRAFT),
    Scenario("catching up", 1, (run, fell_behind)),
    Scenario("closing", 3, (run, reverted)),
    Scenario("a person's commit", 2, (run, committed)),
    Scenario("merge by bump", 1, (run, passed), BY_BUMP),
    Scenario("leftover of the same", 6, (died_before_opening,)),
    Scenario("leftover of older ones", 9, (died_before_opening, newer)),
    Scenario("leftover after a merge", 1, (run, merged)),
    Scenario("declined, then newer", 9, (run, closed, newer)),
]


def configured(text: str) -> bytes:
    assert SETTINGS in CONFIGURATION
    return CONFIGURATION.replace(SETTINGS, f"    pull_request: {text}\n".encode())


def played(scenario: Scenario, double: GitHubDouble) -> Shelf:
    """Everything that comes before the run that dies."""
    double.set_clock(lambda: NOON)
    double.settings.required_checks = frozenset({"test"})
    if scenario.settings == BY_BUMP:
        double.settings.required_checks = frozenset()
    double.seed(files() | {CONFIG: configured(scenario.settings)})
    shelf = Shelf({"api": "b", "web": "b", "jobs": "b"})
    for deed in scenario.deeds:
        deed(double, shelf)
    double.requests.clear()
    return shelf


def armed(pull: PullRequest) -> tuple[str | None, ...]:
    auto_merge = pull.auto_merge
    if auto_merge is None:
        return ()
    # GitHub gives a commit's message without the line break at its end.
    return (auto_merge.method, auto_merge.headline, str(auto_merge.body).rstrip("\n"))


def picture(double: GitHubDouble) -> list[object]:
    """All that can be seen at GitHub, but the moments: what every branch holds, and every pull request."""
    branches = {branch: double.files(branch) for branch in ("main", BRANCH) if double.head(branch)}
    pulls = [
        (
            pull.number,
            pull.state,
            pull.title,
            pull.body,
            pull.draft,
            sorted(pull.labels),
            (pull.reviewers, pull.team_reviewers, pull.assignees),
            armed(pull),
            [comment.body for comment in pull.comments],
        )
        for pull in double.pulls
    ]
    return [branches, *pulls]


def until_nothing_is_written(double: GitHubDouble, shelf: Shelf) -> int:
    """Run on; how many runs wrote."""
    for number in range(4):
        double.requests.clear()
        result = run(double, shelf)
        assert result.error is None
        if not double.writes:
            assert result.outcome.action in {Done.UNCHANGED, Done.NONE, Done.BLOCKED}
            return number
    raise AssertionError
