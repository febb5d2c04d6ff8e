"""Which exit code a result stands for."""

import pytest

from bot.errors import (
    BumpError,
    CheckoutError,
    ConfigError,
    CredentialError,
    EditRefused,
    InvalidContent,
    InvalidReference,
    Outage,
    PublishError,
    RaceLost,
    RegistryError,
    UnreadableFile,
    UsageError,
)
from bot.planning.resolution import Resolution
from bot.proposal.outcome import Done, Outcome
from bot.report.result import EnvironmentResult, Result, exit_code_of
from tests.builders import current, failed, held, plan_of, resolved, snapshot

STATE = snapshot({"dev/a.yaml": "x: ghcr.io/acme/api@<a>\ny: ghcr.io/acme/web@<a>\n"})
OUTAGE = failed("unreachable", "timed out", outage=True)


def result(*environments: EnvironmentResult) -> Result:
    return Result(command="update", dry_run=False, environments=environments)


def planned(answers: dict[str, Resolution], action: Done = Done.NONE, files: str | None = None) -> EnvironmentResult:
    state = STATE if files is None else snapshot({"dev/a.yaml": files})
    return EnvironmentResult(name="dev", plan=plan_of(state, answers), outcome=Outcome(action=action))


def stopped(error: BumpError) -> EnvironmentResult:
    return EnvironmentResult(name="dev", error=error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (ConfigError("x"), 2),
        (CredentialError("x"), 2),
        (CheckoutError("x"), 2),
        (InvalidReference("x"), 2),
        (PublishError("x"), 2),
        (Outage("x"), 3),
        (RaceLost("x"), 3),
        (RegistryError("denied", "x"), 1),
        (RegistryError("unreachable", "x", outage=True), 3),
        (InvalidContent("digest-mismatch", "x"), 3),
        (UnreadableFile("x"), 3),
        (EditRefused("x"), 3),
        (BumpError("x"), 3),
    ],
)
def test_every_family_of_errors_has_its_exit_code(error: BumpError, code: int) -> None:
    assert exit_code_of(error) == code
    assert result(stopped(error)).exit_code == code


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"api": resolved("b"), "web": resolved("b")}, 0),
        ({"api": current("a"), "web": current("a")}, 0),
        ({}, 0),
        ({"api": failed(), "web": resolved("b")}, 1),
        ({"api": held(), "web": resolved("b")}, 1),
        ({"api": OUTAGE, "web": resolved("b")}, 1),
        ({"api": OUTAGE, "web": current("a")}, 1),
        ({"api": OUTAGE, "web": failed()}, 1),
        ({"api": OUTAGE, "web": held()}, 1),
        ({"api": OUTAGE, "web": OUTAGE}, 3),
        ({"api": OUTAGE}, 3),
    ],
)
def test_the_exit_code_of_a_plan(answers: dict[str, Resolution], code: int) -> None:
    assert result(planned(answers)).exit_code == code


def test_a_file_that_cannot_be_read_does_not_hide_an_outage() -> None:
    state = snapshot({"dev/a.yaml": "x: ghcr.io/acme/api@<a>\n", "dev/b.yaml": "acme: [\n"})
    environment = EnvironmentResult(name="dev", plan=plan_of(state, {"api": OUTAGE}))

    assert result(environment).exit_code == 3


def test_a_file_that_cannot_be_read_is_a_failure() -> None:
    assert result(planned({}, files="acme: [\n")).exit_code == 1


@pytest.mark.parametrize("action", list(Done))
def test_only_a_blocked_pull_request_makes_a_good_run_red(action: Done) -> None:
    assert result(planned({"api": resolved("b")}, action)).exit_code == (1 if action is Done.BLOCKED else 0)


def test_the_highest_exit_code_wins() -> None:
    good, bad = planned({"api": resolved("b")}), planned({"api": failed()})

    assert result().exit_code == 0
    assert result(good, bad).exit_code == 1
    assert result(bad, stopped(ConfigError("x")), good).exit_code == 2
    assert result(stopped(Outage("x")), stopped(ConfigError("x"))).exit_code == 3
    assert result(EnvironmentResult(name="dev")).exit_code == 0
