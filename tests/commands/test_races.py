"""Two runs at the same moment, request by request in an order drawn at random, and a person in between.

Nobody's request is carried out before everybody's next one has come in, so that the seed alone decides the order.
"""

import random
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from bot.errors import RaceLost
from bot.report.result import EnvironmentResult
from tests.commands.gitops import WEB, Shelf
from tests.commands.scenarios import BRANCH, SCENARIOS, Scenario, picture, played, run, until_nothing_is_written
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.github_api.wire import Request

TWIN = "twin-token"
RACES = 50


class Turnstile:
    """Lets the requests of several tokens through one at a time; before each, `person` may do something."""

    def __init__(self, draw: random.Random, tokens: tuple[str, ...], person: Callable[[], object]) -> None:
        self._draw = draw
        self._running = set(tokens)
        self._waiting: set[str] = set()
        self._person = person
        self._moved = threading.Condition()

    def __call__(self, request: Request) -> None:
        token = request.headers["authorization"].split()[-1]
        with self._moved:
            self._waiting.add(token)
            self._choose()
            assert self._moved.wait_for(lambda: token not in self._waiting, timeout=60)

    def done(self, token: str) -> None:
        with self._moved:
            self._running.discard(token)
            self._choose()

    def _choose(self) -> None:
        if self._running and self._waiting == self._running:
            self._person()
            self._waiting.remove(self._draw.choice(sorted(self._waiting)))
            self._moved.notify_all()


def raced(
    double: GitHubDouble, shelf: Shelf, draw: random.Random, person: Callable[[], object]
) -> list[EnvironmentResult]:
    """What two runs came to that began at the same moment."""
    double.tokens[TWIN] = double.tokens[ACTIONS]
    tokens = (ACTIONS, TWIN)
    turnstile = Turnstile(draw, tokens, person)
    double.before = turnstile

    def one(token: str) -> EnvironmentResult:
        try:
            return run(double, Shelf(dict(shelf.builds)), token)
        finally:
            turnstile.done(token)

    with ThreadPoolExecutor(len(tokens)) as pool:
        results = list(pool.map(one, tokens))
    double.before = lambda _: None
    return results


@cache
def alone(scenario: Scenario) -> list[object]:
    with tempfile.TemporaryDirectory() as folder, GitHubDouble(Path(folder)) as double:
        until_nothing_is_written(double, played(scenario, double))
        return picture(double)


@pytest.mark.parametrize("seed", range(RACES))
def test_two_runs_at_the_same_moment_come_to_what_one_does(seed: int, tmp_path: Path) -> None:
    scenario = SCENARIOS[seed % len(SCENARIOS)]
    with GitHubDouble(tmp_path) as double:
        shelf = played(scenario, double)

        results = raced(double, shelf, random.Random(seed), lambda: None)

        assert all(one.error is None or isinstance(one.error, RaceLost) for one in results), results
        until_nothing_is_written(double, shelf)
        assert picture(double) == alone(scenario)


@pytest.mark.parametrize("seed", range(RACES))
def test_no_commit_of_a_person_is_lost_between_two_runs(seed: int, tmp_path: Path) -> None:
    scenario = SCENARIOS[seed % len(SCENARIOS)]
    draw = random.Random(seed)
    commits: list[str] = []
    with GitHubDouble(tmp_path) as double:
        shelf = played(scenario, double)
        after = draw.randrange(24)

        def person() -> None:
            nonlocal after
            after -= 1
            if after < 0 and not commits and double.head(BRANCH):
                commits.append(double.commit(BRANCH, {WEB: b"replicas: 3\n"}))

        results = raced(double, shelf, draw, person)

        assert all(one.error is None or isinstance(one.error, RaceLost) for one in results), results
        until_nothing_is_written(double, shelf)
        for commit in commits:
            heads = [head for head in (double.head(), double.head(BRANCH)) if head]
            assert any(double.repository.git.is_ancestor(commit, head) for head in heads)
        ours = [pull for pull in double.pulls if pull.state == "open"]
        assert len(ours) <= 1
        assert not any(pull.auto_merge for pull in ours if commits)
        assert len(double.pulls) <= 2
