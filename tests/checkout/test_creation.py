"""A new file: whole or not at all, and never in the place of another."""

import os
from pathlib import Path

import pytest

from bot.checkout.creation import create
from bot.errors import CheckoutError


def test_it_writes_a_file_with_its_folders(tmp_path: Path) -> None:
    create(tmp_path, "a/b/c.yaml", b"x: 1\n")
    assert (tmp_path / "a/b/c.yaml").read_bytes() == b"x: 1\n"
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.yaml"]
    usual = tmp_path / "usual"
    usual.write_bytes(b"")
    assert (tmp_path / "a/b/c.yaml").stat().st_mode == usual.stat().st_mode


@pytest.mark.parametrize("there", ["file", "folder", "dangling"])
def test_it_never_writes_over_anything(tmp_path: Path, there: str) -> None:
    place = tmp_path / "c.yaml"
    if there == "file":
        place.touch()
    elif there == "folder":
        place.mkdir()
    else:
        place.symlink_to("nowhere")
    with pytest.raises(CheckoutError, match=r"c\.yaml: there already"):
        create(tmp_path, "c.yaml", b"x")
    assert list(tmp_path.iterdir()) == [place]
    assert not place.is_file() or place.read_bytes() == b""


def test_it_does_not_write_through_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root/config").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CheckoutError, match="behind a symlink"):
        create(tmp_path / "root", "config/c.yaml", b"x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"")
    with pytest.raises(CheckoutError, match=r"config/c\.yaml: cannot be written: Not a directory|File exists"):
        create(tmp_path, "config/c.yaml", b"x")


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    who = os.geteuid()
    tmp_path.chmod(0o555)
    if who == 0:
        os.seteuid(65534)  # root may write everywhere
    try:
        with pytest.raises(CheckoutError, match="Permission denied"):
            create(tmp_path, "config/c.yaml", b"x")
    finally:
        os.seteuid(who)
        tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_halfway_leaves_no_folders(tmp_path: Path) -> None:
    name = "x" * 255  # fits, but not with the name of what is written first
    with pytest.raises(CheckoutError, match="File name too long"):
        create(tmp_path, f"a/b/{name}", b"x")
    assert list(tmp_path.iterdir()) == []
