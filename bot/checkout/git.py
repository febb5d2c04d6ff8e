"""Runs git. Only plumbing whose output is made for programs, with NUL between paths; never a shell."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.errors import CheckoutError

_TIMEOUT: Final = 120.0
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+?"
# A hook is told by these which repository it runs for; `root` says which one we mean. `git rev-parse --local-env-vars`
# lists them, and the settings beside them, which stay: `safe.directory` comes that way.
_ELSEWHERE: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_REMOTES: Final = (
    re.compile(rf"(?:https?|ssh|git)://(?:[^/@\s]+@)?(?P<host>[^/:\s]+)(?::\d+)?/(?P<name>{_NAME})(?:\.git)?/?"),
    re.compile(rf"(?:[^/@\s]+@)?(?P<host>[^/:\s]+):(?P<name>{_NAME})(?:\.git)?/?"),
)


@dataclass(frozen=True, slots=True)
class Git:
    """Git in one directory; `environ` replaces the process's environment variables, None takes them as they are."""

    root: Path
    environ: Mapping[str, str] | None = field(default=None, repr=False)

    def run(self, *arguments: str, content: bytes | None = None, environ: Mapping[str, str] | None = None) -> bytes:
        """Run one command and return its output; raises `CheckoutError` with git's own words."""
        done = self._run(arguments, content, environ)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["failed"]
            # What went wrong comes first, advice for people at a prompt after it.
            why = next((line for line in said if line.startswith(("fatal: ", "error: "))), said[-1])
            raise CheckoutError(f"git {arguments[0]} in {self.root}: {why}")
        return done.stdout

    def line(self, *arguments: str) -> str:
        """Run one command and return its output as one line."""
        return self.run(*arguments).decode("utf-8", "replace").strip()

    def maybe(self, *arguments: str) -> str | None:
        """Run one command and return its output as one line, or None when git says no."""
        done = self._run(arguments, None, None)
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None

    def _run(
        self, arguments: tuple[str, ...], content: bytes | None, environ: Mapping[str, str] | None
    ) -> subprocess.CompletedProcess[bytes]:
        given = self.environ
        if given is None:
            given = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        try:
            return subprocess.run(
                ("git", "-C", str(self.root), *arguments),
                input=content if content is not None else b"",
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
                env={**given, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **(environ or {})},
            )
        except FileNotFoundError as error:
            raise CheckoutError("git: not found; install git") from error
        except subprocess.TimeoutExpired as error:
            raise CheckoutError(f"git {arguments[0]} in {self.root}: no answer after {_TIMEOUT:.0f} s") from error


def toplevel(start: Path) -> Path | None:
    """Return the root of the checkout that `start` lies in, or None."""
    top = Git(start).maybe("rev-parse", "--show-toplevel")
    return Path(top) if top else None


def remote_repository(git: Git) -> tuple[str, str] | None:
    """Return (host, `owner/name`) of the remote `origin`, or None where there is none that names a repository."""
    url = git.maybe("remote", "get-url", "origin")
    if not url:
        return None
    match = next((found for pattern in _REMOTES if (found := pattern.fullmatch(url))), None)
    return (match["host"].lower(), match["name"]) if match else None
