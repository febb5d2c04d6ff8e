"""The files on disk, as they are, and the only place that writes to them."""

import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.checkout.git import Git
from bot.errors import CheckoutError
from bot.planning.snapshot import EXECUTABLE, FILE, SUBMODULE, SYMLINK, Entry

_ON_DISK: Final = "working tree"


class WorkingTree:
    """A folder: what git tracks or would track in it, or all of it where there is no git."""

    def __init__(self, root: Path) -> None:
        """`root` is the folder that all paths are relative to."""
        self._root = root
        self._git = Git(root)

    @property
    def commit(self) -> str:
        """The commit that is checked out, or a word where there is none."""
        return self._git.maybe("rev-parse", "--verify", "--quiet", "HEAD^{commit}") or _ON_DISK

    @property
    def place(self) -> str:
        """The folder, as a message says it."""
        return f"in {self._root}"

    def entries(self) -> Mapping[str, Entry]:
        """Return every file by its path; blob ids are left empty, as nothing is read yet."""
        found: dict[str, Entry] = {}
        for path in self._paths():
            try:
                mode = (self._root / path).lstat().st_mode
            except (FileNotFoundError, NotADirectoryError):
                continue  # tracked and deleted
            except OSError as error:
                raise CheckoutError(f"{path}: {error.strerror}") from error
            if stat.S_ISLNK(mode):
                found[path] = Entry(path=path, mode=SYMLINK, blob="")
            elif stat.S_ISDIR(mode) and not path.endswith("/"):  # git lists no folder but a repository in this one
                found[path] = Entry(path=path, mode=SUBMODULE, blob="")
            elif stat.S_ISREG(mode):
                found[path] = Entry(path=path, mode=EXECUTABLE if mode & stat.S_IXUSR else FILE, blob="")
        return found

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Read files; raises `CheckoutError` for one that cannot be read, or that lies behind a symlink."""
        return {entry.path: self._read(entry.path) for entry in entries}

    def write(self, files: Mapping[str, bytes], *, expected: Mapping[str, bytes]) -> None:
        """Replace files atomically, each with its mode kept; `expected` is what they held when the plan was made."""
        for path in sorted(files):
            if self._read(path) != expected[path]:
                raise CheckoutError(f"{path}: changed while bump was running; run it again")
        for path in sorted(files):
            _replace(self._root / path, files[path])

    def _read(self, path: str) -> bytes:
        place = self._root / path
        if place.resolve() != self._root.resolve() / path:
            raise CheckoutError(f"{path}: a symlink, or behind one; bump reads and writes only real files")
        try:
            return place.read_bytes()
        except OSError as error:
            raise CheckoutError(f"{path}: {error.strerror}") from error

    def _paths(self) -> Sequence[str]:
        listed = self._git.maybe("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        if listed is not None:
            return sorted(path for path in listed.split("\0") if path)
        return sorted(
            (Path(folder) / name).relative_to(self._root).as_posix()
            for folder, folders, names in os.walk(self._root)
            for name in (*names, *(one for one in folders if (Path(folder) / one).is_symlink()))
        )


def _replace(place: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(stat.S_IMODE(place.stat().st_mode))
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
