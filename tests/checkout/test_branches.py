"""A proposal as a local branch: what is checked out is never moved, and git's own reasons are told."""

from pathlib import Path

import pytest

from bot.checkout import LocalRepository
from bot.errors import CheckoutError, RaceLost
from bot.proposal.change import Change
from bot.proposal.converge import Close, Create
from bot.proposal.marker import Words
from tests.checkout.test_checkout import git

BRANCH = "bump/dev"
WORDS = Words(title="bump(dev): api", section="")


def made(folder: Path, *options: str) -> Path:
    git(folder, "init", "--quiet", "-b", "main", *options)
    (folder / "api.yaml").write_bytes(b"a: 1\n")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return made(folder)


def change(repository: LocalRepository, content: bytes = b"a: 2\n") -> Change:
    return Change(
        environment="dev",
        branch=BRANCH,
        base=repository.observe(BRANCH).base,
        bumps=(),
        files={"api.yaml": content},
        modes={"api.yaml": "100644"},
        fingerprint="f" * 40,
    )


def proposed(folder: Path) -> tuple[LocalRepository, str]:
    """Make a first proposal."""
    repository = LocalRepository(folder, base="main")
    head = repository.publish(Create(replaces=None), change(repository), WORDS).head
    assert head is not None
    return repository, head


def test_our_own_proposal_is_not_taken_for_base(checkout: Path) -> None:
    proposed(checkout)
    git(checkout, "checkout", "--quiet", BRANCH)

    with pytest.raises(CheckoutError, match=r"bump/dev is checked out.*set gitops\.base, or check out the base"):
        LocalRepository(checkout, base=None).observe(BRANCH)

    git(checkout, "checkout", "--quiet", "-b", "bump/local")
    with pytest.raises(CheckoutError, match="bump/local is checked out"):
        LocalRepository(checkout, base=None).observe(BRANCH)


def test_another_branch_can_be_taken_for_base(checkout: Path) -> None:
    git(checkout, "branch", "release")
    (checkout / "api.yaml").write_bytes(b"a: 2\n")
    git(checkout, "commit", "--quiet", "-a", "-m", "second")
    repository = LocalRepository(checkout, base=None)
    assert repository.observe(BRANCH).base.message == "second\n"

    repository.rebase("release")

    assert (repository.base, repository.observe(BRANCH).base.message) == ("release", "first\n")


@pytest.mark.parametrize("state", ["main", "bumpy", "detached"])
def test_anything_else_that_is_checked_out_is_base(checkout: Path, state: str) -> None:
    _, head = proposed(checkout)
    git(checkout, "checkout", "--quiet", *(["--detach"] if state == "detached" else ["-B", state]))

    observed = LocalRepository(checkout, base=None).observe(BRANCH)

    assert observed.base.sha == git(checkout, "rev-parse", "HEAD")
    assert observed.branch is not None
    assert observed.branch.sha == head


@pytest.mark.parametrize("where", ["here", "another worktree"])
@pytest.mark.parametrize("move", ["update", "close"])
def test_a_branch_that_is_checked_out_is_not_moved(checkout: Path, tmp_path: Path, where: str, move: str) -> None:
    repository, head = proposed(checkout)
    place = checkout if where == "here" else tmp_path / "other ü"
    if where == "here":
        git(checkout, "checkout", "--quiet", BRANCH)
    else:
        git(checkout, "worktree", "add", "--quiet", str(place), BRANCH)
    action = Create(replaces=head) if move == "update" else Close(pull_request=None, head=head)

    with pytest.raises(CheckoutError, match="bump/dev: checked out in") as caught:
        repository.publish(action, change(repository, b"a: 3\n"), WORDS)

    assert str(place) in str(caught.value)
    assert git(checkout, "rev-parse", BRANCH) == head
    assert git(place, "status", "--porcelain") == ""


def test_a_branch_in_the_way_is_told_in_git_s_words(checkout: Path) -> None:
    git(checkout, "branch", "bump")
    repository = LocalRepository(checkout, base="main")

    with pytest.raises(CheckoutError, match="'refs/heads/bump' exists"):
        repository.publish(Create(replaces=None), change(repository), WORDS)


def test_a_lock_that_was_left_behind_is_no_lost_race(checkout: Path) -> None:
    repository, head = proposed(checkout)
    (checkout / ".git/refs/heads/bump/dev.lock").touch()

    with pytest.raises(CheckoutError, match=r"dev\.lock"):
        repository.publish(Close(pull_request=None, head=head), change(repository), WORDS)


def test_who_deletes_the_branch_meanwhile_wins(checkout: Path) -> None:
    repository, head = proposed(checkout)
    git(checkout, "branch", "--quiet", "-D", BRANCH)

    with pytest.raises(RaceLost, match="bump/dev: moved while bump was running"):
        repository.publish(Close(pull_request=None, head=head), change(repository), WORDS)


def test_a_repository_with_longer_object_ids(tmp_path: Path) -> None:
    checkout = made(tmp_path, "--object-format=sha256")
    repository, head = proposed(checkout)

    assert len(head) == 64
    repository.publish(Close(pull_request=None, head=head), change(repository), WORDS)
    assert git(checkout, "branch", "--list", BRANCH) == ""
