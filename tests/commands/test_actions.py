"""The command line within GitHub Actions, and the list of environments that a matrix of jobs is made from."""

import base64
import json
import os
import re
import subprocess
import sys
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


def test_single_environments_are_listed_and_the_step_has_them_as_its_output(checkout: Path) -> None:
    done = bump("environments", "--env", "local", "--format", "json", folder=checkout, environ=actions(checkout))

    assert [one["name"] for one in json.loads(done.out)["environments"]] == ["local"]
    name, _, rest = (checkout / "output").read_text().partition("<<")
    assert (name, rest.splitlines()[1]) == ("result", done.out.strip())


@pytest.mark.parametrize(
    ("name", "told"), [("staging", "use bump promote --to staging"), ("qa", "there are: dev, local, staging")]
)
def test_a_matrix_is_made_of_nothing_that_cannot_be_updated(checkout: Path, name: str, told: str) -> None:
    done = bump("environments", "--follow", "--env", name, folder=checkout)

    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_what_stops_a_command_is_annotated_at_its_line(checkout: Path) -> None:
    (checkout / CONFIG).write_text("version: 1\nenvironments: {dev: {paths: 7}}\nimages: []\n")
    within = bump("config", "validate", folder=checkout, environ=actions(checkout))
    outside = bump("config", "validate", folder=checkout)

    assert (within.code, outside.code) == (2, 2)
    assert f"::error file={CONFIG},line=2,title=bump::{CONFIG}:2: " in within.err
    assert "::error" not in outside.err


def test_a_glob_that_matches_nothing_is_annotated(checkout: Path) -> None:
    (checkout / "env/local/api.yaml").unlink()
    done = bump("config", "validate", folder=checkout, environ=actions(checkout))

    assert (done.code, done.err.count("::error title=bump::")) == (2, 1)


def test_the_runner_is_told_to_hide_every_form_of_a_secret_that_it_may_not_know(checkout: Path) -> None:
    token = "a-tok/en+of~the=test%"
    environ = {"BUMP_GITHUB_TOKEN": token, "GITHUB_API_URL": "http://127.0.0.1:9"}
    within = bump("--env", "dev", "--repo", "acme/gitops", folder=checkout, environ={**environ, **actions(checkout)})
    outside = bump("--env", "dev", "--repo", "acme/gitops", folder=checkout, environ=environ)

    masks = [line.removeprefix("::add-mask::") for line in within.err.splitlines() if line.startswith("::add-mask::")]
    encoded = base64.b64encode(token.encode()).decode()
    assert {token.replace("%", "%25"), encoded, encoded.rstrip("=")} <= set(masks)
    assert len(masks) == len(set(masks))
    unmasked = [line for line in within.err.splitlines() if not line.startswith("::add-mask::")]
    assert not any(token in line or encoded in line for line in unmasked)
    assert "add-mask" not in outside.err


HOSTILE = "::add-mask::main\n##[add-mask]main\r ::error::x ##[error]x"


@pytest.fixture
def hostile(checkout: Path) -> Path:
    """A checkout whose names and values are commands of the runner."""
    named = (
        "registries: {ghcr.io: {token_env: BUMP_REGISTRY_TEST}}\n"  # which is not set: nobody is asked, nothing waits
    )
    (checkout / CONFIG).write_text((checkout / CONFIG).read_text().replace("images:", f"{named}images:", 1))
    (checkout / "env/dev/::error::x.yaml").write_text("image: ghcr.io/acme/api:main\n")
    (checkout / "env/dev/##[error]y.yaml").write_text("image: 'ghcr.io/acme/##[add-mask]main'\n")
    (checkout / "env/dev/z.yaml").write_text('image: {repository: ghcr.io/acme/api, tag: "\\r\\n::add-mask::main"}\n')
    return checkout


@pytest.mark.parametrize(
    "words",
    [
        ("pins",),
        ("--env", "dev", "--into", "files", "--format", "json", "-vv"),
        ("--config", HOSTILE, "--env", "dev", "-v"),
        ("resolve", HOSTILE, "-v"),
        (HOSTILE,),
    ],
)
def test_no_text_from_outside_becomes_a_command_of_the_runner(hostile: Path, words: tuple[str, ...]) -> None:
    environ = {**os.environ, **actions(hostile), "DOCKER_CONFIG": str(hostile)}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words, "--root", str(hostile)],
        capture_output=True,
        check=False,
        env=environ,
        timeout=60,
    )

    # as the runner splits and reads it: `::` first on a line, or `##[` anywhere
    lines = re.split("[\r\n]+", done.stdout.decode() + "\n" + done.stderr.decode())
    found = [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    assert all(re.match(r"::(error|warning) [^:]*title=bump[^:]*::", line) for line in found), found
    assert done.stdout or done.stderr
