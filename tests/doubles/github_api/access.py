"""Who asks, and what a token lets them do.

https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.doubles.github_api.repository import Refused, Repository

Kind = Literal["app", "actions", "fine-grained", "classic"]
Level = Literal["read", "write"]

ALL: Mapping[str, Level] = {"contents": "write", "pull_requests": "write", "issues": "write"}


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token: whose, of which kind, with which permissions, for which repositories (`owner/name`; None: all).

    `app` is an installation token, `actions` the GITHUB_TOKEN of a workflow: both may not ask who they are, and GitHub
    signs what they commit. A classic token has every permission.
    """

    login: str
    kind: Kind = "app"
    permissions: Mapping[str, Level] = field(default_factory=lambda: dict(ALL))
    repositories: frozenset[str] | None = None
    scopes: tuple[str, ...] = ("repo",)
    """Of a classic token, which is told them in every answer."""
    ends: datetime | None = None
    """When GitHub takes it no more; None: never."""

    @property
    def is_bot(self) -> bool:
        """Whether a machine account stands behind it."""
        return self.kind in ("app", "actions")

    def reaches(self, repository: Repository) -> bool:
        """Whether the repository is among those that the token was made for."""
        return self.repositories is None or repository.full_name in self.repositories

    def allows(self, permission: str, level: Level) -> bool:
        """Whether the token holds a permission; write includes read."""
        return self.kind == "classic" or self.permissions.get(permission) in ("write", level)


@dataclass(kw_only=True)
class App:
    """A GitHub App, installed on some repositories of one account, with the permissions that it was given there."""

    id: str
    slug: str = "bump"
    installation_id: int
    repositories: frozenset[str]
    permissions: Mapping[str, Level] = field(default_factory=lambda: {**ALL, "metadata": "read"})
    suspended: bool = False
    tokens_made: int = 0


def as_level(text: object) -> Level:
    """A level of a permission; the description has judged the text."""
    return "write" if text == "write" else "read"


def who_asks(header: str | None, tokens: Mapping[str, Token], now: datetime) -> Token | None:
    """The token of an Authorization header; None without one, a refusal for one that is unknown or over."""
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    token = tokens.get(value.strip())
    if scheme.lower() not in ("token", "bearer") or token is None or (token.ends and now >= token.ends):
        raise Refused(401, "Bad credentials")
    return token


def check_visible(token: Token | None, repository: Repository) -> None:
    """A private repository does not exist for who may not read it."""
    if repository.settings.hidden and (token is None or not token.reaches(repository)):
        raise Refused(404, "Not Found", kind="NOT_FOUND")


def check_allowed(token: Token | None, repository: Repository, needs: Mapping[str, Level]) -> None:
    """Refuse when the token holds none of the permissions that would do, each with its level.

    What is public may be read with any token. Writing to an archived repository is refused even with permission.
    """
    writes = "write" in needs.values()
    if not needs or (not writes and not repository.settings.hidden):
        return
    if token is None:
        raise Refused(401, "Requires authentication")
    if not token.reaches(repository) or not any(token.allows(name, level) for name, level in needs.items()):
        asker = "integration" if token.is_bot else "personal access token"
        raise Refused(403, f"Resource not accessible by {asker}", kind="FORBIDDEN")
    if writes and repository.settings.archived:
        raise Refused(403, "Repository was archived so is read-only.", kind="FORBIDDEN")
