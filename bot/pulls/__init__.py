"""GitHub, by PyGithub: what is there, and carrying out what `bot.proposal` decided. Nothing is decided here."""

from bot.pulls.access import Access, Pace, find_access
from bot.pulls.repository import GitHubRepository

__all__ = ["Access", "GitHubRepository", "Pace", "find_access"]
