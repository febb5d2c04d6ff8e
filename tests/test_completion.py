"""What the shells propose: asked as their scripts ask, and once by bash itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.gitops import CONFIG, CONFIGURATION

SHELLS = ("bash", "zsh", "fish")
ROOT = Path(__file__).parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / CONFIG).parent.mkdir()
    (tmp_path / CONFIG).write_bytes(CONFIGURATION)
    return tmp_path


def proposed(shell: str, line: str, folder: Path) -> set[str]:
    """The words that a shell gets for the end of a line, with their help taken away."""
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "_BUMP_COMPLETE": f"complete_{shell}", **asked}
    command = [sys.executable, "-m", "bot"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    if shell == "zsh":
        return set(done.stdout.split('"')[1 :: 4 if '":"' in done.stdout else 2])
    return {word.partition("\t")[0] for word in done.stdout.splitlines() if word}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_is_told_verbs_options_and_environments(shell: str, checkout: Path) -> None:
    verbs = proposed(shell, "bump ", checkout)
    assert {"update", "resolve", "pins", "init", "environments", "demo", "config"} <= verbs
    assert not any(word.startswith("-") for word in verbs)
    assert proposed(shell, "bump --env ", checkout) == {"dev", "local", "staging"}
    assert proposed(shell, "bump config v", checkout) == {"validate"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("bump --dr", {"--dry-run"}, id="an option of the verb that is meant"),
        pytest.param("bump --ver", {"--version", "--verbose"}, id="the program's own, beside them"),
        pytest.param("bump --env dev --ag", {"--again"}, id="a second option"),
        pytest.param("bump --env dev --env l", {"local"}, id="a second environment"),
        pytest.param("bump update --into f", {"files"}, id="a word that an option takes"),
        pytest.param("bump pins --env s", {"staging"}, id="an environment of another verb"),
        pytest.param("bump pins --dr", set(), id="no option of another verb"),
        pytest.param("bump --config nowhere.yaml --env ", set(), id="no configuration: nothing, and no error"),
        pytest.param("bump --root nowhere --env ", set(), id="no folder: nothing, and no error"),
    ],
)
def test_what_may_follow(line: str, words: set[str], checkout: Path) -> None:
    assert proposed("fish", line, checkout) == words


def test_a_configuration_that_is_none_proposes_nothing(checkout: Path) -> None:
    (checkout / CONFIG).write_text("version: [\n")
    assert proposed("bash", "bump --env ", checkout) == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_for_a_shell_is_shown_by_its_name(shell: str) -> None:
    done = program("--show-completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_BUMP_COMPLETE=complete_{shell}" in done.stdout


def test_a_shell_that_has_no_script_is_an_error() -> None:
    done = program("--show-completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bump: --show-completion: no script for 'tcsh'; name one of bash, zsh, fish\n"


def test_bash_completes_with_its_script(checkout: Path, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin/bump"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot "$@"\n')
    wrapper.chmod(0o755)
    script = (
        'eval "$(bump --show-completion bash)"; complete -p bump;'
        "COMP_WORDS=(bump --env d) COMP_CWORD=2; _bump_completion bump; echo ${COMPREPLY[@]}"
    )
    environ = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run([bash, "-c", script], cwd=checkout, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["complete -o default -F _bump_completion bump", "dev"]


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, check=False)
