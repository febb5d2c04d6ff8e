"""The demo from end to end: it runs anywhere, shows the same every time, and fails when something is wrong."""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.demo import play
from bot.commands.surroundings import Surroundings
from bot.demo.gitops import path_of
from bot.demo.transcript import Step, Transcript, happened
from bot.planning.decision import Failed
from bot.proposal.outcome import Done
from tests.commands.gitops import NO_PAUSE
from tests.commands.terminal import bump

_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


def surroundings(folder: Path, environ: Mapping[str, str] | None = None) -> Surroundings:
    return Surroundings(
        environ={"PATH": os.environ["PATH"], "TMPDIR": str(folder), **(environ or {})},
        folder=folder,
        out=io.StringIO(),
        err=io.StringIO(),
        pace=NO_PAUSE,
        endpoints={},
    )


@pytest.fixture(scope="module")
def transcript(tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    return play(surroundings(tmp_path_factory.mktemp("demo")))


def git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def files(folder: Path, revision: str) -> dict[str, bytes]:
    names = git(folder, "ls-tree", "-r", "-z", "--name-only", revision).decode().split("\0")[:-1]
    return {name: git(folder, "cat-file", "blob", f"{revision}:{name}") for name in names}


def test_every_step_comes_to_what_the_story_says(transcript: Transcript) -> None:
    assert [(step.environment.outcome.action, step.result.exit_code) for step in transcript.steps] == [
        (Done.CREATED, 0),
        (Done.UNCHANGED, 0),
        (Done.UPDATED, 0),
        (Done.UPDATED, 1),
        (Done.UPDATED, 0),
    ]
    first, second = transcript.steps[:2]
    assert first.environment.outcome.head == second.environment.outcome.head
    refused = transcript.steps[3].environment.plan
    assert refused is not None
    assert [
        (one.code, one.repository and one.repository.last) for one in refused.decisions if isinstance(one, Failed)
    ] == [("platform-missing", "jobs")]


def test_only_digests_of_dev_differ_in_the_end(transcript: Transcript) -> None:
    main, branch = files(transcript.folder, "main"), files(transcript.folder, "bump/dev")
    assert main.keys() == branch.keys()
    assert {path for path in main if main[path] != branch[path]} == {path_of(name) for name in ("api", "jobs", "web")}
    for path in main:
        assert _DIGEST.sub(b"", main[path]) == _DIGEST.sub(b"", branch[path])


def test_main_holds_what_people_committed_and_nothing_else(transcript: Transcript) -> None:
    authors = git(transcript.folder, "log", "--format=%an", "bump/dev").decode().split()
    assert authors == ["bump", "Robin", "Alex"]
    assert git(transcript.folder, "rev-parse", "bump/dev~1") == git(transcript.folder, "rev-parse", "main")
    assert git(transcript.folder, "status", "--porcelain") == b""


def test_it_is_the_same_on_every_run(transcript: Transcript, tmp_path: Path) -> None:
    again = play(surroundings(tmp_path))
    for one, other in zip(transcript.steps, again.steps, strict=True):
        assert one == other
    assert again.pull_request_body == transcript.pull_request_body
    assert again.requests == transcript.requests
    assert again.folder != transcript.folder


def test_the_body_tells_nothing_of_this_machine(transcript: Transcript) -> None:
    body = transcript.pull_request_body
    assert body.startswith("- **api** `")
    assert "127.0.0.1" not in body
    assert str(transcript.folder) not in body


def test_the_user_s_git_is_not_consulted(
    transcript: Transcript, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks, home = tmp_path / "hooks", tmp_path / "home"
    hooks.mkdir()
    home.mkdir()
    for name in ("pre-commit", "commit-msg", "post-commit", "post-index-change", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {shlex.quote(str(tmp_path))}/called\nexit 1\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n hooksPath = {hooks}\n autocrlf = true\n[commit]\n gpgsign = true\n"
        f"[gpg]\n program = /bin/false\n[init]\n templateDir = {hooks}\n defaultBranch = trunk\n"
        "[user]\n name = Somebody\n email = else@example.com\n"
    )
    settings = {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_DIR": str(tmp_path / "repository"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    again = play(surroundings(tmp_path, settings))

    assert [step.environment.outcome for step in again.steps] == [step.environment.outcome for step in transcript.steps]
    assert not (tmp_path / "called").exists()
    assert not (tmp_path / "repository").exists()


def test_no_credential_is_looked_for(tmp_path: Path) -> None:
    helper = tmp_path / "docker-credential-spy"
    helper.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(tmp_path))}/asked\n")
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "spy"}))
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    play(surroundings(tmp_path, {"PATH": path, "DOCKER_CONFIG": str(tmp_path)}))
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_it_is_told_in_plain_text(tmp_path: Path, transcript: Transcript, *, terminal: bool) -> None:
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    done = bump("demo", folder=tmp_path, environ=environ, terminal=terminal)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    for step in transcript.steps:
        assert step.title in done.out
        assert (step.environment.outcome.head or "?")[:7] in done.out
    assert transcript.pull_request_body in done.out
    assert transcript.steps[0].environment.diff in done.out
    (folder,) = tmp_path.glob("bump-demo-*")
    commands = [line.strip() for line in done.out.splitlines() if line.strip().startswith("git -C")]
    assert commands == [f"git -C {folder} log --stat bump/dev", f"git -C {folder} diff main bump/dev"]
    for command in commands:
        assert subprocess.run(shlex.split(command), check=True, capture_output=True).stdout


def test_our_own_lines_fit_into_80_columns(transcript: Transcript) -> None:
    def lines(step: Step) -> list[str]:
        return [line for text in happened(replace(step, in_full=False)) for line in text.splitlines()]

    assert max(len(line) for step in transcript.steps for line in (*lines(step), step.title)) <= 80


def test_without_git_it_is_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    done = bump("demo", folder=tmp_path, environ={"PATH": str(tmp_path), "TMPDIR": str(tmp_path)})
    assert done.code == 2
    assert "install git" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("case", "words"),
    [
        pytest.param('*" update-ref "*) exit 1', ["step 1", "git update-ref"], id="the branch cannot be written"),
        pytest.param(
            '*" hash-object "*) sed s/replicas/copies/ | "$real" "$@"',
            ["step 1", "not true: the branch differs from main in the digests to move, and in nothing else"],
            id="more than digests is written",
        ),
        pytest.param(
            '*" cat-file commit "*) "$real" "$@" | sed "s/^Bump-Fingerprint: ./&0/"',
            ["step 2", "the branch: got updated, expected unchanged"],
            id="the second run takes its own proposal for another",
        ),
    ],
)
def test_it_fails_and_names_the_step_when_something_is_wrong(tmp_path: Path, case: str, words: list[str]) -> None:
    real = shutil.which("git")
    assert real is not None
    broken = tmp_path / "git"
    broken.write_text(
        f'#!/bin/sh\nreal={shlex.quote(real)}\ncase " $* " in\n{case} ;;\n*) exec "$real" "$@" ;;\nesac\n'
    )
    broken.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    done = bump("demo", folder=tmp_path, environ={"PATH": path, "TMPDIR": str(tmp_path)})

    assert done.code == 1
    assert done.err.startswith("bump: demo: step ")
    assert done.err.count("\n") == 1
    for word in words:
        assert word in done.err
    assert "came to what they should" not in done.out
