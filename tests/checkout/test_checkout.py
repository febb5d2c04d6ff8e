"""The checkout: which remote it is of, what is on disk, and what a write does and does not."""

import subprocess
from pathlib import Path

import pytest

from bot.checkout import Git, LocalRepository, WorkingTree, remote_repository, toplevel
from bot.errors import CheckoutError, RaceLost
from bot.proposal.change import Change
from bot.proposal.converge import Create
from bot.proposal.marker import Words

WORDS = Words(title="bump(dev): api", section="")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=p", "-c", "user.email=p@example.com", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "-b", "main")
    (tmp_path / "env").mkdir()
    (tmp_path / "env/a ü.yaml").write_bytes(b"a: 1\r\n")
    (tmp_path / "run.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link.yaml").symlink_to("env/a ü.yaml")
    (tmp_path / ".gitignore").write_text("ignored.yaml\n")
    (tmp_path / "ignored.yaml").write_text("x\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    (tmp_path / "untracked.yaml").write_text("b: 1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://github.com/acme/gitops.git", ("github.com", "acme/gitops")),
        ("https://github.com/acme/gitops", ("github.com", "acme/gitops")),
        ("https://x-access-token:secret@github.com/acme/git.ops/", ("github.com", "acme/git.ops")),
        ("git@github.com:acme/gitops.git", ("github.com", "acme/gitops")),
        ("ssh://git@GHE.corp:2222/acme/gitops.git", ("ghe.corp", "acme/gitops")),
        ("/srv/git/gitops.git", None),
        ("https://github.com/acme/../gitops", None),
    ],
)
def test_the_remote_names_the_repository(checkout: Path, url: str, found: tuple[str, str] | None) -> None:
    git(checkout, "remote", "add", "origin", url)
    assert remote_repository(Git(checkout)) == found


def test_without_a_remote_there_is_none(checkout: Path) -> None:
    assert remote_repository(Git(checkout)) is None


def test_the_root_is_found_from_below_and_is_none_without_git(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert toplevel(checkout / "env") == checkout.resolve()
    assert toplevel(tmp_path_factory.mktemp("plain")) is None


def test_the_working_tree_is_what_git_would_see(checkout: Path) -> None:
    entries = WorkingTree(checkout).entries()
    assert {path: entry.mode for path, entry in entries.items()} == {
        ".gitignore": "100644",
        "env/a ü.yaml": "100644",
        "link.yaml": "120000",
        "run.sh": "100755",
        "untracked.yaml": "100644",
    }
    assert WorkingTree(checkout).contents([entries["env/a ü.yaml"]]) == {"env/a ü.yaml": b"a: 1\r\n"}


def test_a_symlink_is_not_read_through(checkout: Path) -> None:
    tree = WorkingTree(checkout)
    with pytest.raises(CheckoutError, match="symlink"):
        tree.contents([tree.entries()["link.yaml"]])


def test_a_file_that_changed_meanwhile_is_not_overwritten_nor_any_other(checkout: Path) -> None:
    tree = WorkingTree(checkout)
    before = {"env/a ü.yaml": b"a: 1\r\n", "untracked.yaml": b"something else\n"}
    with pytest.raises(CheckoutError, match="changed while bump was running"):
        tree.write({"env/a ü.yaml": b"a: 2\r\n", "untracked.yaml": b"b: 2\n"}, expected=before)
    assert (checkout / "env/a ü.yaml").read_bytes() == b"a: 1\r\n"


def test_a_write_keeps_the_mode_and_leaves_nothing_behind(checkout: Path) -> None:
    tree = WorkingTree(checkout)
    tree.write({"run.sh": b"#!/bin/sh\ntrue\n"}, expected={"run.sh": b"#!/bin/sh\n"})
    assert (checkout / "run.sh").read_bytes() == b"#!/bin/sh\ntrue\n"
    assert (checkout / "run.sh").stat().st_mode & 0o777 == 0o755
    assert not [path for path in checkout.iterdir() if path.name.startswith(".run.sh")]


def test_a_machine_that_knows_nobody_can_commit_all_the_same(checkout: Path) -> None:
    git(checkout, "config", "user.useConfigOnly", "true")
    git(checkout, "config", "user.name", "")
    repository = LocalRepository(checkout, base="main")
    change = Change(
        environment="dev",
        branch="bump/dev",
        base=repository.observe("bump/dev").base,
        bumps=(),
        files={"run.sh": b"changed\n"},
        modes={"run.sh": "100755"},
        fingerprint="f" * 40,
    )
    repository.publish(Create(replaces=None), change, WORDS)
    assert git(checkout, "log", "-1", "--format=%an <%ae>", "bump/dev") == "bump <bump@localhost>"


def test_a_local_branch_moves_only_from_where_it_was_seen(checkout: Path) -> None:
    repository = LocalRepository(checkout, base="main")
    observed = repository.observe("bump/dev")
    change = Change(
        environment="dev",
        branch="bump/dev",
        base=observed.base,
        bumps=(),
        files={"env/a ü.yaml": b"a: 2\r\n", "run.sh": b"changed\n"},
        modes={"env/a ü.yaml": "100644", "run.sh": "100755"},
        fingerprint="f" * 40,
    )
    repository.publish(Create(replaces=None), change, WORDS)
    assert git(checkout, "diff", "--stat", "main", "bump/dev").count("|") == 2
    assert git(checkout, "ls-tree", "bump/dev", "run.sh").startswith("100755")
    with pytest.raises(RaceLost):
        repository.publish(Create(replaces=None), change, WORDS)
    with pytest.raises(RaceLost):
        repository.publish(Create(replaces=observed.base.sha), change, WORDS)


def test_why_there_is_no_base_is_said_with_what_to_do(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain, empty = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("empty")
    git(empty, "init", "--quiet", "-b", "main")
    for folder, base, message in (
        (plain, None, f"{plain}: not a git repository; go to the checkout, give --root, or use --into files"),
        (plain, "main", f"{plain}: not a git repository; go to the checkout, give --root, or use --into files"),
        (
            checkout,
            "master",
            "gitops.base: no local branch 'master'; correct it, or git fetch origin master:master",
        ),
        (empty, None, f"{empty}: no commit yet; commit the files first, or use --into files"),
        (empty, "main", f"{empty}: no commit yet; commit the files first, or use --into files"),
    ):
        with pytest.raises(CheckoutError) as caught:
            LocalRepository(folder, base=base).observe("bump/dev")
        assert str(caught.value) == message


def test_a_tracked_file_below_what_is_no_folder_any_more_is_deleted(checkout: Path) -> None:
    (checkout / "env/a ü.yaml").unlink()
    (checkout / "env").rmdir()
    (checkout / "env").write_text("a file now\n")
    assert "env/a ü.yaml" not in WorkingTree(checkout).entries()


def test_a_file_that_cannot_be_looked_at_is_told(checkout: Path) -> None:
    (checkout / "env/a ü.yaml").unlink()
    (checkout / "env").rmdir()
    (checkout / "env").symlink_to("env")
    with pytest.raises(CheckoutError, match=r"env/a ü\.yaml: .*symbolic links"):
        WorkingTree(checkout).entries()
