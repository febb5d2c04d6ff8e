"""Never backwards, as the sources tell: the main job at the double of GitHub, where all builds have one time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.update import Request, update
from bot.image import Build
from bot.planning.decision import Held, Update
from bot.planning.environment import Configuration
from bot.planning.resolution import Current, Lookup, Resolution
from bot.proposal.outcome import Done
from bot.pulls.access import Access
from bot.pulls.compare import Sources, server_of
from bot.report.result import EnvironmentResult, Result
from tests.builders import digest, resolved
from tests.commands.gitops import CONFIG, NO_PAUSE, hub
from tests.doubles.github_api.double import ACTIONS, APP, GitHubDouble
from tests.doubles.github_api.wire import Answer
from tests.doubles.github_api.wire import Request as Sent

ONE_TIME = datetime(2026, 1, 6, 12, tzinfo=UTC)
SOURCE = "acme/api"
GONE = "dead" * 10
API = "env/dev/api.yaml"


@dataclass
class Stage:
    """Commits of the source by name, what the channel means, and runs against it all. Digests are called as commits."""

    double: GitHubDouble
    commits: dict[str, str] = field(default_factory=dict)
    channel: str = "a"
    created: datetime | None = ONE_TIME
    most: int = 50

    def resolve(self, _: Configuration, lookups: Sequence[Lookup]) -> Mapping[Lookup, Resolution]:
        return {lookup: self._answer(lookup) for lookup in lookups}

    def _answer(self, lookup: Lookup) -> Resolution:
        if lookup.known == {digest(self.channel)}:
            return Current(digest=digest(self.channel))
        olds = {digest(name): self._build(name) for name in self.commits if digest(name) != digest(self.channel)}
        wanted = lookup.known | lookup.proposed
        return replace(
            resolved(self.channel),
            build=self._build(self.channel),
            olds={old: build for old, build in olds.items() if old in wanted},
        )

    def _build(self, name: str) -> Build:
        source = f"https://{server_of(self.double.url)}/{SOURCE}"
        return Build(revision=self.commits[name], source=source, created=self.created)

    def run(self, *environments: str, token: str = APP, allow_backwards: bool = False) -> Result:
        access = Access(token=token, origin="BUMP_SOURCE_TOKEN", api_url=self.double.url)
        git = replace(access, token=ACTIONS)
        sources = Sources(git, "acme/gitops", reads=lambda _: access, pace=NO_PAUSE, most=self.most)
        request = Request(
            environments=environments or ("dev",), config=CONFIG, images=("api*",), allow_backwards=allow_backwards
        )
        return update(request, hub(self.double), self.resolve, sources.compare)

    def bump(self, channel: str, *, token: str = APP, allow_backwards: bool = False) -> EnvironmentResult:
        self.channel = channel
        (result,) = self.run(token=token, allow_backwards=allow_backwards).environments
        return result

    @property
    def compares(self) -> int:
        return len([one for one in self.double.requests if "/repos/acme/api/compare/" in one.path])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with GitHubDouble(tmp_path) as double:
        double.add_repository(SOURCE, private=True)
        server = server_of(double.url)
        configuration = (
            f'version: 1\nimages: [{{match: "ghcr.io/acme/*", source: "{server}/acme/*"}}]\nenvironments:\n'
            "  dev: {paths: [env/dev/**], follow: main}\n  local: {paths: [env/local/**], follow: main}\n"
        )
        double.seed({CONFIG: configuration.encode(), API: f"ref: ghcr.io/acme/api@{digest('b')}\n".encode()})
        double.settings.private = True
        made = Stage(double)
        for name in "abc":
            made.commits[name] = double.seed({"main.py": name.encode()}, f"feat: {name}", repository=SOURCE)
        double.push("topic", made.commits["a"], repository=SOURCE)
        made.commits["d"] = double.commit("topic", {"d.py": b"d"}, "feat: d", repository=SOURCE)
        double.requests.clear()
        yield made


def decision(result: EnvironmentResult) -> Update | Held:
    assert result.plan is not None
    (only,) = result.plan.decisions
    assert isinstance(only, Update | Held)
    return only


def order(result: EnvironmentResult) -> str:
    only = decision(result)
    return only.order.value if isinstance(only, Update) else only.code


def test_a_newer_commit_goes_and_the_body_shows_what_is_new(stage: Stage) -> None:
    result = stage.bump("c")

    assert (order(result), result.outcome.action, stage.compares) == ("ahead", Done.CREATED, 1)
    text = stage.double.pull(1).body
    assert " · +1 commit · amd64 arm64\n" in text
    assert "  - `feat: c`\n" in text


@pytest.mark.parametrize(("channel", "words"), [("a", "is behind"), ("d", "has diverged from")])
def test_an_older_commit_is_held_against_base(stage: Stage, channel: str, words: str) -> None:
    result = stage.bump(channel)

    assert (order(result), result.outcome.action) == ("backwards", Done.NONE)
    held = decision(result)
    assert isinstance(held, Held)
    assert f"which {words} {stage.commits['b'][:12]}" in held.message
    assert stage.double.pulls == []
    assert order(stage.bump(channel, allow_backwards=True)) == "forced"


def test_an_older_commit_is_held_against_the_open_pull_request(stage: Stage) -> None:
    stage.double.seed({API: f"ref: ghcr.io/acme/api@{digest('a')}\n".encode()})
    assert order(stage.bump("c")) == "ahead"

    result = stage.bump("b")

    assert order(result) == "backwards"
    assert str(digest("c")).encode() in stage.double.read("bump/dev", API)
    assert stage.double.pull(1).state == "open"


def test_a_private_source_that_the_token_does_not_see_is_ordered_by_time(stage: Stage) -> None:
    result = stage.bump("a", token=ACTIONS)

    assert (order(result), result.outcome.action) == ("unverifiable", Done.CREATED)
    text = stage.double.pull(1).body
    assert f"/compare/{stage.commits['b']}...{stage.commits['a']}\n" in text
    assert "commits" not in text


def test_a_public_gitops_repository_says_nothing_of_a_private_source(stage: Stage) -> None:
    stage.double.settings.private = False

    assert order(stage.bump("c")) == "ahead"

    text = stage.double.pull(1).body
    assert f"/compare/{stage.commits['b']}...{stage.commits['c']}\n" in text
    assert "feat:" not in text
    assert "+1" not in text


@pytest.mark.parametrize("gone", ["b", "c"])
def test_a_revision_that_a_force_push_took_away_is_ordered_by_time(stage: Stage, gone: str) -> None:
    stage.commits[gone] = GONE

    assert order(stage.bump("c")) == "unverifiable"


def test_a_build_without_a_time_is_ordered_by_its_source_alone(stage: Stage) -> None:
    stage.created = None

    assert order(stage.bump("a")) == "backwards"
    assert order(stage.bump("c")) == "ahead"


def test_the_second_run_says_the_same_and_writes_nothing(stage: Stage) -> None:
    stage.bump("c")
    stage.double.requests.clear()

    assert stage.bump("c").outcome.action is Done.UNCHANGED

    assert stage.double.writes == []
    assert stage.compares == 1


def test_an_outage_of_the_source_fails_no_image(stage: Stage) -> None:
    def fault(request: Sent) -> Answer | None:
        return Answer(status=502, body={"message": "bad gateway"}) if "/repos/acme/api/" in request.path else None

    stage.double.faults = fault
    result = stage.run()

    assert result.exit_code == 0
    assert order(result.environments[0]) == "unverifiable"


def test_the_budget_holds_for_all_environments_of_a_run_together(stage: Stage) -> None:
    for env, name in (("dev", "a"), ("local", "b")):
        olds = [stage.commits[name][: 40 - cut] for cut in range(30)]
        stage.commits |= {old: old for old in olds}
        lines = "".join(f"- ghcr.io/acme/api@{digest(old)}\n" for old in olds)
        stage.double.seed({f"env/{env}/api.yaml": lines.encode()})
    stage.channel = "c"

    dev, local = stage.run("dev", "local").environments

    assert stage.compares == 50
    assert (order(dev), order(local)) == ("ahead", "unverifiable")
