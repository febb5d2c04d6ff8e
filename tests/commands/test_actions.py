"""The command line within GitHub Actions, and the list of environments that a matrix of jobs is made from."""

import json
from pathlib import Path

import pytest

from tests.commands.gitops import CONFIG, files
from tests.commands.terminal import bump


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, content in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def actions(folder: Path) -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }


def test_a_run_tells_the_runner_what_it_came_to(checkout: Path) -> None:
    environ = actions(checkout)
    endpoints = {"ghcr.io": "http://127.0.0.1:9"}
    done = bump("--env", "dev", "--into", "files", folder=checkout, environ=environ, endpoints=endpoints)

    assert done.code == 3
    assert sum(line.startswith("::error file=env/dev/") for line in done.err.splitlines()) == 3
    assert not [line for line in done.out.splitlines() if line.startswith("::")]
    assert "### bump dev" in (checkout / "summary").read_text()
    name, _, delimiter = (checkout / "output").read_text().partition("\n")[0].partition("<<")
    assert (name, len(delimiter)) == ("changed", len("bump_") + 32)


def test_outside_of_actions_nothing_is_told(checkout: Path) -> None:
    environ = {**actions(checkout), "GITHUB_ACTIONS": ""}
    done = bump(
        "--env", "dev", "--into", "files", folder=checkout, environ=environ, endpoints={"ghcr.io": "http://127.0.0.1:9"}
    )

    assert "::error" not in done.err
    assert not (checkout / "summary").exists()


def test_a_file_of_the_runner_that_cannot_be_written_is_a_warning(checkout: Path) -> None:
    environ = {**actions(checkout), "GITHUB_OUTPUT": str(checkout / "no/such/folder")}
    done = bump(
        "--env", "dev", "--into", "files", folder=checkout, environ=environ, endpoints={"ghcr.io": "http://127.0.0.1:9"}
    )

    assert (done.code, "actions_file_not_written" in done.err) == (3, True)


def test_environments_are_listed_with_how_they_move(checkout: Path) -> None:
    done = bump("environments", folder=checkout)

    assert done.out == "dev\tfollows main\nlocal\tfollows main\nstaging\tpromoted from dev\n"


def test_a_matrix_is_made_from_those_that_follow(checkout: Path) -> None:
    done = bump("environments", "--follow", "--format", "json", folder=checkout)

    assert done.out.count("\n") == 1
    assert json.loads(done.out) == {
        "version": 1,
        "command": "environments",
        "environments": [
            {"name": "dev", "follow": "main", "promote_from": None},
            {"name": "local", "follow": "main", "promote_from": None},
        ],
    }


def test_environments_need_a_configuration(checkout: Path) -> None:
    (checkout / CONFIG).unlink()

    assert bump("environments", folder=checkout).code == 2
