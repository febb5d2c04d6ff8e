"""Which credential writes Git, and how fast and how often GitHub is asked. All in this one place.

Only the environment is read, and `gh` asked: what an App's key opens is found out by `bot.pulls.app`.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol
from urllib.parse import urlsplit

from bot.errors import CredentialError
from bot.log import register_secret
from bot.pulls.waiting import Allowance

_PUBLIC_API: Final = "https://api.github.com"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_GH_TIMEOUT: Final = 10.0
_APP_ID: Final = "BUMP_GITHUB_APP_ID"
_APP_KEY: Final = "BUMP_GITHUB_APP_PRIVATE_KEY"
_SOURCE: Final = "BUMP_SOURCE_TOKEN"
_ID: Final = re.compile(r"[A-Za-z0-9.]{1,60}")
_PEM: Final = re.compile(r"-----BEGIN (?:RSA )?PRIVATE KEY-----\n.+\n-----END (?:RSA )?PRIVATE KEY-----", re.DOTALL)
# Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
_PREFIXES: Final[Mapping[str, "Kind"]] = {"ghs_": "installation", "github_pat_": "fine-grained", "ghp_": "classic"}

Kind = Literal["app", "installation", "actions", "fine-grained", "classic", "login", "unknown"]
"""Where a credential's permissions are set: the App whose key we hold, the App whose token somebody else made, the
workflow, the token itself of either kind, the login of `gh`; or not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a request that failed is tried again, the seconds between requests, and the waits for rate limits.

    Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """

    retries: int = 3
    backoff: float = 1.0
    between_requests: float = 0.0
    between_writes: float = 1.0
    allowance: Allowance = field(default_factory=Allowance)


class Renewal(Protocol):
    """Gives the token to use now, of those that expire."""

    def __call__(self, refused: str) -> str:
        """Return a token that has not expired and is not `refused` (empty: none was), which GitHub took for wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A token for the API at `api_url`; `origin` says where it came from, and is all that is ever shown.

    With `renewal` the token is the one that it gives, and `token` is not used.
    """

    token: str = field(repr=False)
    origin: str
    api_url: str
    kind: Kind = "unknown"
    renewal: Renewal | None = field(default=None, repr=False, compare=False)

    def bearer(self, refused: str = "") -> str:
        """Return the token to send; after a refusal another one than `refused`, where there is a way to get one."""
        return self.token if self.renewal is None else self.renewal(refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKey:
    """A GitHub App's id and private key, in PEM text; not used yet, so it may still be a wrong one."""

    id: str
    key: str = field(repr=False)
    api_url: str

    @property
    def origin(self) -> str:
        """Where it came from."""
        return f"{_APP_ID} and {_APP_KEY}"


def find_access(environ: Mapping[str, str], *, repository: str, terminal: bool) -> Access | AppKey:
    """Return the credential for `repository` (`owner/name`); raises `CredentialError` that says what to set.

    `terminal`: a person is there, so `gh auth token` may be asked.
    """
    api_url = _api_url(environ)
    if token := _named(environ, "BUMP_GITHUB_TOKEN"):
        return _access(token, "BUMP_GITHUB_TOKEN", api_url)
    if key := _app_key(environ, api_url):
        return key
    if token := environ.get("GITHUB_TOKEN"):
        home = environ.get("GITHUB_REPOSITORY")
        actions = environ.get("GITHUB_ACTIONS") == "true"
        if actions and home and home.lower() != repository.lower():
            raise CredentialError(
                f"GITHUB_TOKEN: reaches {home} only; set BUMP_GITHUB_TOKEN to a token that writes to {repository}, "
                f"or {_APP_ID} and {_APP_KEY}"
            )
        return _access(token, "GITHUB_TOKEN", api_url, "actions" if actions else None)
    if terminal and (token := _gh_token(environ, urlsplit(api_url).hostname or "")):
        return _access(token, "gh auth token", api_url, "login")
    raise CredentialError(
        f"no Git credential: set BUMP_GITHUB_TOKEN, or {_APP_ID} and {_APP_KEY} (or run `gh auth login` on a terminal) "
        "to open pull requests, or use --into files to change the files here"
    )


def find_source_access(environ: Mapping[str, str]) -> Access | None:
    """Return the token that reads source repositories, where one is set for that alone."""
    token = _named(environ, _SOURCE)
    return _access(token, _SOURCE, _api_url(environ)) if token else None


def _named(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if value == "":
        raise CredentialError(f"{name}: set but empty; check the name of the secret, or unset it")
    return value


def _app_key(environ: Mapping[str, str], api_url: str) -> AppKey | None:
    name, key = _named(environ, _APP_ID), _named(environ, _APP_KEY)
    if name is None and key is None:
        return None
    if key is not None:
        register_secret(key)
    if name is None or key is None:
        there, missing = (_APP_ID, _APP_KEY) if key is None else (_APP_KEY, _APP_ID)
        raise CredentialError(f"{there}: set without {missing}; set both, or neither")
    if not _ID.fullmatch(name.strip()):
        raise CredentialError(f"{_APP_ID}: not an App's ID or client ID; copy it from the top of the App's settings")
    text = key.replace("\\n", "\n").replace("\r\n", "\n").strip()
    register_secret(text)
    if not _PEM.fullmatch(text):
        raise CredentialError(
            f"{_APP_KEY}: not a private key in PEM (-----BEGIN RSA PRIVATE KEY----- to its END line); "
            "give the whole text of the .pem file that the App's settings made, not its path"
        )
    return AppKey(id=name.strip(), key=text, api_url=api_url)


def _access(token: str, origin: str, api_url: str, kind: Kind | None = None) -> Access:
    check_token(token, origin)
    known = next((one for prefix, one in _PREFIXES.items() if token.startswith(prefix)), None)
    return Access(token=token, origin=origin, api_url=api_url, kind=kind or known or "unknown")


def check_token(token: str, origin: str) -> None:
    """Register a token as a secret; raises `CredentialError` for what no header may hold."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialError(f"{origin}: holds characters that no token has; check for a line break or a space in it")
    register_secret(token)


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
