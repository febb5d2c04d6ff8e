"""Which credential writes Git, and how fast and how often GitHub is asked. All in this one place."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from bot.errors import CredentialError
from bot.log import register_secret

_PUBLIC_API: Final = "https://api.github.com"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_GH_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a request is tried again, and the seconds between requests.

    Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """

    retries: int = 3
    backoff: float = 1.0
    most_wait: float = 120.0
    between_requests: float = 0.0
    between_writes: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A token for the API at `api_url`; `origin` says where it came from, and is all that is ever shown."""

    token: str = field(repr=False)
    origin: str
    api_url: str


def find_access(environ: Mapping[str, str], *, repository: str, terminal: bool) -> Access:
    """Return the credential for `repository` (`owner/name`); raises `CredentialError` that says what to set.

    `terminal`: a person is there, so `gh auth token` may be asked.
    """
    api_url = _api_url(environ)
    if token := environ.get("BUMP_GITHUB_TOKEN"):
        return _access(token, "BUMP_GITHUB_TOKEN", api_url)
    if "BUMP_GITHUB_TOKEN" in environ:
        raise CredentialError("BUMP_GITHUB_TOKEN: set but empty; check the name of the secret, or unset it")
    if token := environ.get("GITHUB_TOKEN"):
        home = environ.get("GITHUB_REPOSITORY")
        if environ.get("GITHUB_ACTIONS") == "true" and home and home.lower() != repository.lower():
            raise CredentialError(
                f"GITHUB_TOKEN: reaches {home} only; set BUMP_GITHUB_TOKEN to a token that writes to {repository}"
            )
        return _access(token, "GITHUB_TOKEN", api_url)
    if terminal and (token := _gh_token(environ, urlsplit(api_url).hostname or "")):
        return _access(token, "gh auth token", api_url)
    raise CredentialError(
        "no Git credential: set BUMP_GITHUB_TOKEN (or run `gh auth login` on a terminal) to open pull requests, "
        "or use --into files to change the files here"
    )


def _access(token: str, origin: str, api_url: str) -> Access:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialError(f"{origin}: holds characters that no token has; check for a line break or a space in it")
    register_secret(token)
    return Access(token=token, origin=origin, api_url=api_url)


def _api_url(environ: Mapping[str, str]) -> str:
    url = (environ.get("GITHUB_API_URL") or _PUBLIC_API).rstrip("/")
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise CredentialError("GITHUB_API_URL: not an https URL without user name and query; a token goes nowhere else")
    return url


def _gh_token(
    environ: Mapping[str, str], api_host: str, which: Callable[[str], str | None] = shutil.which
) -> str | None:
    program = which("gh")
    if program is None:
        return None
    host = "github.com" if api_host == "api.github.com" else api_host
    try:
        done = subprocess.run(
            (program, "auth", "token", "--hostname", host),
            capture_output=True,
            timeout=_GH_TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environ},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("ascii", "replace").strip() or None if done.returncode == 0 else None
