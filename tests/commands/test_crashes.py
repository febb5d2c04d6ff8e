"""A run that dies at any of its writes: the next ones end where one that did not die would have.

Every scenario is played once on a line that holds, which gives the picture to come to, and then once for each of its
writes and each way in which the line can break there.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

import bot
from bot.errors import Outage, PublishError
from bot.proposal.outcome import Done
from tests.commands.scenarios import SCENARIOS, Scenario, picture, played, run, until_nothing_is_written
from tests.doubles.github_api.double import ACTIONS, GitHubDouble
from tests.doubles.github_api.wire import DROP_AFTER, DROP_BEFORE, Answer, Fault, Request, on_operation, on_write
from tests.doubles.registry.server import PASSWORD, RegistryServer
from tests.test_main_job import World

FAULTS: Mapping[str, Fault] = {
    "dropped before": DROP_BEFORE,
    "answer lost": DROP_AFTER,
    "502": Answer(status=502, body={"message": "Bad Gateway"}),
}

# An answer that says that nothing was done leaves what a connection leaves that broke before, so a few stand for all.
CASES = [
    pytest.param(scenario, fault, id=f"{scenario}: {fault}")
    for scenario in SCENARIOS
    for fault in FAULTS
    if fault != "502" or scenario.name in {"creation", "update while armed", "closing"}
]


@pytest.mark.parametrize(("scenario", "fault"), CASES)
def test_wherever_a_run_dies_the_next_ones_come_to_the_same(scenario: Scenario, fault: str, tmp_path: Path) -> None:
    with GitHubDouble(tmp_path / "whole") as double:
        shelf = played(scenario, double)
        assert run(double, shelf).error is None
        writes = [str(request.operation) for request in double.writes]
        until_nothing_is_written(double, shelf)
        expected = picture(double)
    assert len(writes) >= scenario.at_least

    for number, operation in enumerate(writes, start=1):
        with GitHubDouble(tmp_path / str(number)) as double:
            shelf = played(scenario, double)
            double.faults = on_write(number, FAULTS[fault])
            died = run(double, shelf)
            assert died.error is None or isinstance(died.error, Outage), operation
            double.faults = lambda _: None

            assert until_nothing_is_written(double, shelf) <= 2, operation
            assert picture(double) == expected, operation


def test_a_reviewer_whom_a_person_took_away_does_not_come_back(tmp_path: Path) -> None:
    with GitHubDouble(tmp_path) as double:
        shelf = played(SCENARIOS[0], double)
        run(double, shelf)
        double.pull(1).reviewers.clear()
        double.pull(1).assignees.clear()
        shelf.builds["api"] = "c"

        assert run(double, shelf).outcome.action is Done.UPDATED
        assert (double.pull(1).reviewers, double.pull(1).assignees) == ([], [])


def test_reviewers_whom_the_repository_refuses_are_asked_once(tmp_path: Path) -> None:
    with GitHubDouble(tmp_path) as double:
        shelf = played(Scenario("", 0, settings="{reviewers: [nobody]}"), double)
        assert "reviewers not set" in run(double, shelf).outcome.warnings[0]
        double.requests.clear()

        assert run(double, shelf).outcome.action is Done.UNCHANGED
        assert double.writes == []


def test_a_refusal_after_the_pull_request_was_opened_is_not_the_end_of_it(tmp_path: Path) -> None:
    refused = Answer(status=422, body={"message": "Validation Failed"})
    with GitHubDouble(tmp_path) as double:
        shelf = played(SCENARIOS[0], double)
        double.faults = on_operation("pulls/create", refused)
        assert isinstance(run(double, shelf).error, PublishError)

        assert run(double, shelf).outcome.action is Done.CREATED
        assert len(double.pulls) == 1


@pytest.mark.parametrize("operation", ["graphql:updateRefs", "pulls/create"])
def test_after_a_kill_with_a_write_in_flight_the_next_run_comes_to_one_pull_request(
    operation: str, registry: RegistryServer, tmp_path: Path
) -> None:
    with GitHubDouble(tmp_path / "github") as double:
        world = World(registry, double, tmp_path / "checkout")
        world.seed({"api": world.push("api", "1")})
        new = world.push("api", "2")
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(bot.__file__).parents[1]),
            "GITHUB_API_URL": double.url,
            "BUMP_GITHUB_TOKEN": ACTIONS,
            "BUMP_REGISTRY_TEST": PASSWORD,
            "DOCKER_CONFIG": str(tmp_path),
        }
        program = [sys.executable, "-m", "bot", "--env", "dev"]

        started = threading.Event()

        def kill(request: Request) -> None:
            if request.operation == operation:
                started.wait(60)
                process.kill()
                process.wait()

        double.before = kill
        with subprocess.Popen(program, cwd=world.checkout, env=environ, stderr=subprocess.DEVNULL) as process:
            started.set()
        double.before = lambda _: None
        assert process.returncode == -signal.SIGKILL
        assert double.writes[-1].operation == operation

        again = world.bump("--env", "dev")

        assert again.code == 0, again.err
        assert [(pull.number, pull.state) for pull in double.pulls] == [(1, "open")]
        assert str(new).encode() in double.read("bump/dev", "env/dev/api.yaml")
        double.requests.clear()
        assert world.bump("--env", "dev").code == 0
        assert double.writes == []
