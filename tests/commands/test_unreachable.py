"""What a person reads when nobody answers: who was asked, how it failed, and nothing of the libraries in between."""

import io
import logging
from pathlib import Path

from bot import cli, log
from bot.commands.surroundings import Surroundings
from bot.pulls.access import Pace
from tests.commands.gitops import CONFIG, files
from tests.commands.terminal import bump

RETRYING = Pace(retries=2, backoff=0, between_requests=0, between_writes=0)


def dry_run(folder: Path, api: str, *more: str) -> tuple[int, list[str]]:
    for path, content in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    err = io.StringIO()
    environ = {"GITHUB_API_URL": api, "BUMP_GITHUB_TOKEN": "a-made-up-token", "GITHUB_REPOSITORY": "acme/gitops"}
    surroundings = Surroundings(
        environ=environ, folder=folder, out=io.StringIO(), err=err, pace=RETRYING, endpoints={}, patience=0
    )
    return cli.run(["--env", "dev", "--dry-run", "--config", CONFIG, *more], surroundings), err.getvalue().splitlines()


def test_github_that_nobody_answers_for_is_one_line(tmp_path: Path, nobody: str) -> None:
    code, lines = dry_run(tmp_path, f"http://{nobody}")
    assert code == 3
    (line,) = lines
    assert line == (
        f"bump: dev: acme/gitops: GitHub at {nobody} was not reached (connection refused); "
        "check the name, network and proxy, or run again later"
    )


def test_its_retries_are_shown_when_asked_for(tmp_path: Path, nobody: str) -> None:
    _, lines = dry_run(tmp_path, f"http://{nobody}", "-v")
    assert sum("Retrying" in line for line in lines) == 2
    assert not any("a-made-up-token" in line for line in lines)
    log.configure()
    assert logging.getLogger("urllib3").level == logging.ERROR


def test_a_registry_that_nobody_answers_for_is_one_line(tmp_path: Path, nobody: str) -> None:
    done = bump("resolve", f"{nobody}/acme/api:main", folder=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"bump: {nobody}/acme/api:main: {nobody} cannot be connected to (connection refused, 4 attempts); "
        "check the name, network and proxy, or run again later\n"
    )


def test_a_person_who_waits_for_one_sees_that_it_is_asked(tmp_path: Path, nobody: str) -> None:
    done = bump("resolve", f"{nobody}/acme/api:main", folder=tmp_path, terminal=True)
    assert f"asking {nobody}" in done.err
    assert done.err.rstrip().endswith("or run again later")
