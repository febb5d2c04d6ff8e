"""Where a command works: the checkout's root, the configuration in it, and the repository at GitHub that it is of.

Or, with `--repo`, that repository alone.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot import config as configuration
from bot.checkout import Git, WorkingTree, remote_repository, toplevel
from bot.commands.reading import ADVICE, FOLDER
from bot.commands.surroundings import Surroundings
from bot.config.github_fields import github_repository
from bot.errors import BumpError, CheckoutError, ConfigError, UsageError
from bot.planning.environment import Configuration, GitOps

_PATH: Final = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))(?!.*//)[^\x00-\x1f\\]{1,500}(?<!/)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`root` is the checkout, or just a folder; `config` is the configuration's path from there."""

    root: Path
    config: str

    def load(self) -> Configuration:
        """Read the configuration on disk; raises `ConfigError` when it is not there, a link, or wrong."""
        place = self.root / self.config
        if Path(os.path.realpath(place)) != Path(os.path.realpath(self.root)) / self.config:
            raise ConfigError(f"{self.config}: a symlink, or behind one; put the file itself there")
        try:
            text = place.read_bytes()
        except IsADirectoryError as error:
            raise ConfigError(f"{self.config}: {FOLDER}") from error
        except FileNotFoundError as error:
            raise ConfigError(f"{self.config}: not found in {self.root}; {ADVICE}") from error
        except OSError as error:
            raise ConfigError(f"{self.config}: not readable in {self.root} ({error.strerror})") from error
        return configuration.load(text, path=self.config)

    def gitops(self) -> GitOps:
        """Return where the file on disk says that the repository is; defaults where there is no file.

        It serves to find the repository only: what counts is read from there. Raises `ConfigError` when it is wrong.
        """
        try:
            return self.load().gitops
        except ConfigError as error:
            if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                return GitOps()
            raise

    def checkout(self) -> Path | None:
        """Return the root where it lies in a checkout, or None."""
        return self.root if toplevel(self.root) else None

    def working_tree(self) -> WorkingTree:
        """Return the files on disk."""
        return WorkingTree(self.root)

    def repository(self, named: str | None, surroundings: Surroundings) -> str:
        """Return `owner/name` at GitHub: the configuration's, else the checkout's origin, else $GITHUB_REPOSITORY."""
        if named:
            return named
        origin = remote_repository(Git(self.root)) if self.checkout() else None
        home = surroundings.environ.get("GITHUB_REPOSITORY", "")
        if origin is None:
            if home:
                return _checked(home, "$GITHUB_REPOSITORY")
            raise CheckoutError(f"{self.root}: no remote origin here; set gitops.repository in {self.config}")
        host, name = origin
        server = _server(surroundings)
        if host != server:
            raise CheckoutError(f"{self.root}: origin is at {host}, not at {server}; set gitops.repository")
        if home and home.lower() != name.lower():
            raise ConfigError(
                f"origin is {name}, $GITHUB_REPOSITORY is {home}: set gitops.repository in {self.config} to one of them"
            )
        return _checked(name, "origin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A repository at GitHub that `--repo` names: nothing of it is on disk, and nothing on disk is looked at."""

    repository: str
    config: str


def find_remote(repository: str, *, root: Path | None, config: str, into: str) -> Remote:
    """Return the place that `--repo` names; raises `UsageError` for what it cannot mean."""
    if into != "pull-request":
        raise UsageError(f"--repo works at GitHub alone; --into {into} needs a checkout: run it in one, without --repo")
    if root is not None:
        raise UsageError("--root names a checkout, and --repo needs none; give one of them")
    if not _PATH.fullmatch(config):
        raise UsageError(f"--config {config}: expected a path from the repository's root, with forward slashes")
    return Remote(repository=_checked(repository, "--repo"), config=config)


def find_place(surroundings: Surroundings, *, root: Path | None, config: str) -> Place:
    """Return the place that the options name: a folder in a checkout means the checkout. Raises `UsageError`."""
    folder = surroundings.folder if root is None else surroundings.folder / root
    if not folder.is_dir():
        raise UsageError(f"--root {root}: no such folder")
    top = _top(folder)
    path = _from(top, config)
    if not _PATH.fullmatch(path):
        raise UsageError(f"--config {config}: expected a path inside the checkout, from its root, with forward slashes")
    return Place(root=top, config=path)


def _from(top: Path, config: str) -> str:
    """Make an absolute path, as a shell completes it, one from `top`; leave it where it leads elsewhere."""
    path = Path(config)
    if not path.is_absolute() or ".." in path.parts:
        return config
    here = path.parent.resolve() / path.name  # git tells the checkout's root with all links followed
    root = top.resolve()
    return here.relative_to(root).as_posix() if here.is_relative_to(root) and here != root else config


def _top(folder: Path) -> Path:
    try:
        return toplevel(folder) or folder
    except BumpError:
        return folder


def _checked(name: str, origin: str) -> str:
    """A name goes into request paths as it is."""
    try:
        return github_repository(name)
    except ConfigError as error:
        raise UsageError(f"{origin} {error}") from error


def _server(surroundings: Surroundings) -> str:
    url = surroundings.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    return (urlsplit(url).hostname or "").lower()
