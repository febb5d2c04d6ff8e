"""A real git repository in a new temporary folder, with commits that have the same ids on every machine.

Git runs in an environment of its own: no settings, identity, hooks, templates or repository of the caller reach it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from bot.errors import CheckoutError

_MORNING: Final = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
_TIMEOUT: Final = 60.0


class ScratchRepository:
    """The repository at `root`, on the branch `main`. Nobody removes it but its owner."""

    def __init__(self, root: Path, *, path: str) -> None:
        """`path` is where git is looked for, as in $PATH."""
        self.root = root
        self._path = path
        self._now = _MORNING

    @classmethod
    def create(cls, files: Mapping[str, bytes], *, path: str, parent: Path) -> Self:
        """Make a repository with one commit that holds `files`, below `parent`, or where temporary files belong.

        Raises `CheckoutError` when there is no git.
        """
        if shutil.which("git", path=path) is None:
            raise CheckoutError("git: not found on PATH; install git (Debian, Ubuntu: apt-get install git)")
        folder = tempfile.mkdtemp(prefix="bump-demo-", dir=parent if parent.is_dir() else None)
        made = cls(Path(folder).absolute(), path=path)
        made.git("init", "--quiet", "--template=")
        made.git("symbolic-ref", "HEAD", "refs/heads/main")
        made.commit("Pin what runs in each environment", files, author="Alex")
        return made

    @property
    def environ(self) -> Mapping[str, str]:
        """The whole environment for git here, whoever starts it: no settings of the machine, one identity, one time."""
        return {
            "PATH": self._path,
            "LC_ALL": "C",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            **self._identity("bump"),
        }

    def later(self) -> None:
        """Let an hour pass."""
        self._now += timedelta(hours=1)

    def commit(self, headline: str, files: Mapping[str, bytes], *, author: str) -> None:
        """Write `files` and commit them on the branch that is checked out."""
        for name, content in files.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", f"--message={headline}", author=author)

    def files(self, revision: str) -> Mapping[str, bytes]:
        """Return every file of a commit, by path."""
        names = self.git("ls-tree", "-r", "-z", "--name-only", revision).decode().split("\0")
        return {name: self.git("cat-file", "blob", f"{revision}:{name}") for name in names if name}

    def head(self, branch: str) -> str:
        """Return the commit that a branch points at."""
        return self.git("rev-parse", "--verify", f"refs/heads/{branch}").decode().strip()

    def ahead(self, branch: str) -> int:
        """Return how many commits `branch` has on top of main."""
        return int(self.git("rev-list", "--count", f"main..{branch}"))

    def message(self, branch: str) -> str:
        """Return the message of the commit that a branch points at."""
        return self.git("log", "--max-count=1", "--format=%B", branch).decode()

    def status(self) -> bytes:
        """Return what is checked out, and how index and files differ from it."""
        return self.git("status", "--porcelain", "--branch", "--untracked-files=all")

    def stored(self) -> tuple[bytes, bytes]:
        """Return every ref with what it points at, and how many objects there are."""
        return self.git("for-each-ref"), self.git("count-objects", "-v")

    def git(self, *arguments: str, author: str | None = None) -> bytes:
        """Run git here and return its output; raises `CheckoutError`."""
        try:
            done = subprocess.run(
                ("git", "-C", str(self.root), *arguments),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
                env={**self.environ, **(self._identity(author) if author else {})},
            )
        except subprocess.TimeoutExpired as error:
            raise CheckoutError(f"git {arguments[0]} in {self.root}: no answer after {_TIMEOUT:.0f} s") from error
        if done.returncode != 0:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise CheckoutError(f"git {arguments[0]} in {self.root}: {words[-1] if words else 'failed'}")
        return done.stdout

    def _identity(self, name: str) -> Mapping[str, str]:
        roles = ("AUTHOR", "COMMITTER")
        facts = {"NAME": name, "EMAIL": f"{name.lower()}@acme.example", "DATE": self._now.isoformat()}
        return {f"GIT_{role}_{fact}": text for role in roles for fact, text in facts.items()}
