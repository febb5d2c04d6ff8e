"""Git, run in a folder: whatever the caller's environment says, it is that folder's repository which is meant."""

import os
import subprocess
from pathlib import Path

import pytest

from bot.checkout import Git


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for place in (ours, theirs):
        subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return ours, theirs


def test_a_hook_s_variables_do_not_lead_to_another_repository(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = two
    monkeypatch.setenv("GIT_DIR", str(theirs / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(theirs / ".git" / "index"))

    assert Git(ours).line("rev-parse", "--absolute-git-dir") == str((ours / ".git").resolve())


def test_a_given_environment_is_the_whole_one(two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Robin")

    assert Git(two[0]).maybe("config", "user.name") == "Robin"
    bare = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    assert Git(two[0], bare).maybe("config", "user.name") is None
