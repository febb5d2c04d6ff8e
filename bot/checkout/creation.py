"""Writes a file that is not there yet: whole or not at all, and never in the place of another."""

import os
import tempfile
from pathlib import Path

from bot.errors import CheckoutError


def create(root: Path, path: str, content: bytes) -> None:
    """Write `path` below `root`, with the folders that it needs; raises `CheckoutError` and leaves nothing behind."""
    place = root / path
    if place.parent.resolve() != (root.resolve() / path).parent:
        raise CheckoutError(f"{path}: behind a symlink; bump reads and writes only real files")
    missing = [folder for folder in place.parents if not os.path.lexists(folder)]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _written(place, content)
    except OSError as error:
        for folder in missing:
            _removed(folder)
        if isinstance(error, FileExistsError) and os.path.lexists(place):
            raise CheckoutError(f"{path}: there already; bump never writes over it") from error
        raise CheckoutError(f"{path}: cannot be written: {error.strerror} ({root})") from error


def _written(place: Path, content: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.") as folder:
        temporary = Path(folder) / place.name
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            place.hardlink_to(temporary)  # unlike a rename, it fails where something is there
        except OSError:
            if os.path.lexists(place):
                raise
            temporary.rename(place)  # a file system without hard links


def _removed(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
