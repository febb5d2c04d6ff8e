"""The scratch repository: real, reproducible, and deaf to the settings of whoever runs it."""

import os
from pathlib import Path

import pytest

from bot.demo.scratch import ScratchRepository
from bot.errors import CheckoutError

FILES = {"a.yaml": b"one: 1\r\n", "deep/er/b.yaml": "größe: 2".encode()}


def create(parent: Path, path: str | None = None) -> ScratchRepository:
    return ScratchRepository.create(FILES, path=os.environ["PATH"] if path is None else path, parent=parent)


def test_it_holds_the_files_byte_by_byte(tmp_path: Path) -> None:
    scratch = create(tmp_path)
    assert scratch.files("main") == FILES
    assert scratch.root.parent == tmp_path
    assert scratch.root.name.startswith("bump-demo-")


def test_two_of_them_have_the_same_commits(tmp_path: Path) -> None:
    one, other = create(tmp_path), create(tmp_path)
    for scratch in (one, other):
        scratch.later()
        scratch.commit("Change b", {"deep/er/b.yaml": b"other"}, author="Robin")
    assert one.root != other.root
    assert one.head("main") == other.head("main")
    assert one.git("log", "-1", "--format=%an <%ae> %aI") == b"Robin <robin@acme.example> 2026-01-12T09:00:00+00:00\n"


def test_where_no_folder_is_given_it_goes_where_temporary_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert create(tmp_path / "not there").root.parent == tmp_path


def test_without_git_it_says_what_to_install_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(CheckoutError, match="install git"):
        create(tmp_path, path=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_git_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(CheckoutError, match="Needed a single revision"):
        create(tmp_path).head("nowhere")


def test_it_knows_what_was_written(tmp_path: Path) -> None:
    scratch = create(tmp_path)
    stored, status = scratch.stored(), scratch.status()
    assert status == b"## main\n"
    scratch.git("branch", "bump/dev")
    assert scratch.stored() != stored
    assert scratch.ahead("bump/dev") == 0
    (scratch.root / "new").write_bytes(b"")
    assert scratch.status() != status
