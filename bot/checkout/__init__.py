"""The working tree and its git repository: files on disk, commits, local branches. GitHub is not known here."""

from bot.checkout.branches import LocalRepository
from bot.checkout.git import Git, remote_repository, toplevel
from bot.checkout.history import Base, History
from bot.checkout.working_tree import WorkingTree

__all__ = ["Base", "Git", "History", "LocalRepository", "WorkingTree", "remote_repository", "toplevel"]
