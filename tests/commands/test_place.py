"""Where a command works: which folder counts, how its configuration is named, and what is said when it is missing."""

import subprocess
from pathlib import Path

import pytest

from tests.commands.gitops import CONFIG, files
from tests.commands.terminal import bump


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = (tmp_path / "gitops").resolve()
    for path, content in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        who = ["-c", "user.name=p", "-c", "user.email=p@example.com"]
        subprocess.run(["git", "-C", folder, *who, *command], check=True, capture_output=True)
    return folder


def test_a_configuration_that_is_missing_on_disk_is_not_blamed_on_a_commit(checkout: Path) -> None:
    (checkout / CONFIG).unlink()
    for arguments in (["pins"], ["config", "validate"], ["--env", "dev", "--into", "files"]):
        done = bump(*arguments, folder=checkout)
        assert done.code == 2
        assert f"{CONFIG}: not found in {checkout}; write one, or give --config or --root\n" in done.err


def test_one_that_is_missing_in_a_commit_is(checkout: Path) -> None:
    head = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    done = bump("--env", "dev", "--into", "branch", "--config", "none.yaml", folder=checkout)
    assert done.code == 2
    assert f"none.yaml: not found at {head.stdout[:12]}; write one, commit it, or give another --config\n" in done.err


@pytest.mark.parametrize("arguments", [["pins"], ["config", "validate"], ["--env", "dev", "--into", "branch"]])
def test_a_folder_is_no_configuration(checkout: Path, arguments: list[str]) -> None:
    done = bump(*arguments, "--config", "config", folder=checkout)
    assert done.code == 2
    assert "config: a folder, not a file; give --config its path, as in config/environments.yaml\n" in done.err


@pytest.mark.parametrize("arguments", [["config", "validate"], ["environments"], ["doctor"]])
def test_a_link_is_no_configuration(checkout: Path, arguments: list[str]) -> None:
    elsewhere = checkout.parent / "elsewhere.yaml"
    elsewhere.write_text("password: 1\n")  # a pull request may hold a link to whatever the runner can read
    (checkout / CONFIG).unlink()
    (checkout / CONFIG).symlink_to(elsewhere)
    done = bump(*arguments, folder=checkout)
    assert done.code == 2
    assert f"{CONFIG}: a symlink, or behind one" in done.out + done.err
    assert "password" not in done.out + done.err


def test_a_folder_in_the_checkout_means_the_checkout(checkout: Path) -> None:
    whole = bump("pins", folder=checkout)
    assert whole.out
    assert bump("pins", folder=checkout / "env") == whole
    assert bump("pins", "--root", "env", folder=checkout) == whole
    assert bump("pins", "--root", "gitops/env", folder=checkout.parent) == whole


def test_a_folder_without_git_stands_for_itself(checkout: Path) -> None:
    (checkout / ".git").rename(checkout.parent / "put-away")
    assert bump("pins", "--root", str(checkout), folder=checkout.parent).code == 0
    assert bump("pins", "--root", str(checkout / "env"), folder=checkout.parent).code == 2


@pytest.mark.parametrize("folder", ["", "env/dev"])
def test_an_absolute_path_into_the_checkout_is_taken_as_relative(checkout: Path, folder: str) -> None:
    done = bump("config", "validate", "--config", str(checkout / CONFIG), folder=checkout / folder)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{CONFIG}: valid")


def test_one_that_leads_there_by_a_link_is_too(checkout: Path) -> None:
    link = checkout.parent / "link"
    link.symlink_to(checkout)
    assert bump("config", "validate", "--config", str(link / CONFIG), folder=link).code == 0


def test_one_that_lies_elsewhere_is_not(checkout: Path) -> None:
    for path in (str(checkout.parent / "x.yaml"), f"{checkout}/../gitops/x.yaml", str(checkout)):
        done = bump("config", "validate", "--config", path, folder=checkout)
        assert done.code == 2
        assert f"--config {path}: expected a path inside the checkout" in done.err
