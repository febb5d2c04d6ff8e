"""A GitHub App as a credential: its installation found from the repository, its tokens narrowed to what a run needs.

One token writes to the GitOps repository and reaches nothing else; another reads the sources of one owner. Both end
after an hour, and are made again before that.
Source: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from github import Auth

from bot import clock
from bot.errors import CredentialError, Outage
from bot.log import register_secret
from bot.pulls import answers
from bot.pulls.access import Access, AppKey, Pace, check_token
from bot.pulls.exchange import Answer
from bot.pulls.permissions import WRITING, Permissions, advice
from bot.pulls.session import Session

# Labels that exist already, comments and assignees need no more than `pull_requests`; a label that GitHub makes on the
# way needs `issues`, a team as reviewer `members`, and what checks say is read with the other two. None of these is
# needed by every configuration: what the App was not given is not asked for, and missed where it is used.
_NEEDED: Final[Permissions] = {**WRITING, "metadata": "read"}
_WISHED: Final[Permissions] = {"checks": "read", "issues": "write", "members": "read", "statuses": "read"}
_READING: Final[Permissions] = {"contents": "read", "metadata": "read"}
_LEVELS: Final = {"read": 1, "write": 2, "admin": 3}
_MARGIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where an App is installed, and what it was given there."""

    id: int
    permissions: Permissions


class App:
    """The App whose key we hold. Installations are looked up once; tokens are made when they are first used."""

    def __init__(self, key: AppKey, *, pace: Pace, now: Callable[[], datetime] = clock.now) -> None:
        """Raises `CredentialError` for a key that signs nothing. No connection is opened yet."""
        self._key = key
        self._now = now
        self._access = Access(token="", origin=key.origin, api_url=key.api_url, kind="app", renewal=self._signed)
        self._session = Session(self._access, pace=pace)
        self._sources: dict[str, Access] = {}
        self._signed()

    def writing(self, repository: str) -> Access:
        """Return what writes to `repository` alone; raises `CredentialError` when the App may not."""
        found = self._installation(repository)
        if found is None:
            raise CredentialError(
                f"{repository}: the App {self._key.id} is not installed there (or there is no such repository); check "
                "the name, and install it from its settings (Install App), with this repository among the selected"
            )
        lacking = {name: level for name, level in _NEEDED.items() if not _covers(found.permissions, name, level)}
        if lacking:
            hint = advice(self._access, lacking)
            raise CredentialError(f"{repository}: the App {self._key.id} may not do enough there; {hint}")
        wished = {name: level for name, level in _WISHED.items() if _covers(found.permissions, name, level)}
        name = repository.partition("/")[2]
        return self._renewed(found, {"permissions": {**_NEEDED, **wished}, "repositories": [name]}, repository)

    def reading(self, repository: str) -> Access | None:
        """Return what reads the sources of the owner of `repository`; None where the App is not installed on it."""
        owner = repository.partition("/")[0].lower()
        if owner not in self._sources:
            found = self._installation(repository)
            if found is None or not _covers(found.permissions, "contents", "read"):
                return None
            self._sources[owner] = self._renewed(found, {"permissions": _READING}, repository)
        return self._sources[owner]

    def _signed(self, refused: str = "") -> str:  # noqa: ARG002 - each one is new, so none was refused before
        """Return a JSON web token, which says for some minutes that we are the App."""
        try:
            token = Auth.AppAuth(self._key.id, self._key.key).create_jwt()
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise CredentialError(
                "BUMP_GITHUB_APP_PRIVATE_KEY: not a whole RSA key without a passphrase; give the text of the .pem file "
                "that the App's settings made, as it is"
            ) from error
        register_secret(token)
        return token

    def _installation(self, repository: str) -> Installation | None:
        answer = self._session.ask(
            "GET",
            f"/repos/{repository}/installation",
            subject=repository,
            what="App installation",
            repeatable=True,
            absent=True,
        )
        if answer.body is None:
            return None
        found = answers.mapping(answer.body, "installation")
        if found.get("suspended_at"):
            raise CredentialError(
                f"{repository}: the installation of the App {self._key.id} is suspended; unsuspend it in the settings "
                "of the account that it is installed on"
            )
        given = answers.mapping(answers.field(found, "permissions"), "permissions")
        return Installation(
            id=answers.number(answers.field(found, "id"), "installation.id"),
            permissions={name: level for name, level in given.items() if isinstance(level, str)},
        )

    def _renewed(self, installation: Installation, narrowed: Mapping[str, object], repository: str) -> Access:
        def make() -> tuple[str, datetime]:
            answer = self._session.ask(
                "POST",
                f"/app/installations/{installation.id}/access_tokens",
                narrowed,
                subject=repository,
                what="App token",
                repeatable=True,
            )
            return self._token_of(answer)

        return replace(self._access, origin=f"the App {self._key.id}", renewal=_Renewing(make, self._now))

    def _token_of(self, answer: Answer) -> tuple[str, datetime]:
        token = answers.text(answers.field(answer.body, "token"), "token")
        check_token(token, f"the App {self._key.id}")
        try:
            ends = datetime.fromisoformat(answers.text(answers.field(answer.body, "expires_at"), "expires_at"))
        except ValueError as error:
            raise Outage("GitHub: expires_at is no time in its answer; try again later") from error
        return token, ends if ends.tzinfo else ends.replace(tzinfo=UTC)


class _Renewing:
    """One token at a time: made when it is first needed, and again before it ends or when it was refused."""

    def __init__(self, make: Callable[[], tuple[str, datetime]], now: Callable[[], datetime]) -> None:
        self._make = make
        self._now = now
        self._made: tuple[str, datetime] | None = None

    def __call__(self, refused: str = "") -> str:
        if self._made is None or self._made[0] == refused or self._now() >= self._made[1] - _MARGIN:
            self._made = self._make()
        return self._made[0]


def _covers(given: Permissions, name: str, level: str) -> bool:
    return _LEVELS.get(given.get(name, ""), 0) >= _LEVELS[level]
