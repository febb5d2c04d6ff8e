"""Which credential a registry gets, and where it came from; its value is never shown.

The order: the variable that `token_env` names, `GHCR_TOKEN`, the Docker config file, `GITHUB_TOKEN` within Actions,
none. Names come from the configuration or are known here; nothing is guessed, and nothing goes to a host that it
was not stored for.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.errors import CredentialError
from bot.log import register_secret
from bot.planning.environment import RegistryRule
from bot.registry.docker_config import Stored, from_docker_config
from bot.registry.protocol import GHCR, may_carry_credentials

_NAMED: Final = re.compile(r"BUMP_REGISTRY_[A-Z0-9_]+|GHCR_TOKEN")
_ANY_USER: Final = "x-access-token"  # GHCR does not look at the user's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A user name and a secret; `source` is where it was found, `named` whether the configuration asked for it.

    `identity_token`: the secret is one, which nobody but a token server takes, and `username` says nothing.
    """

    source: str
    username: str
    secret: str = field(repr=False)
    named: bool = False
    identity_token: bool = False

    @property
    def basic(self) -> str:
        """The value of an Authorization header. https://www.rfc-editor.org/rfc/rfc7617"""
        return f"Basic {_encoded(self)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous:
    """No credential; `reason` says why not, where there is one to say."""

    reason: str = ""

    @property
    def source(self) -> str:
        """How it is named in a message."""
        return f"no credential ({self.reason})" if self.reason else "no credential"


Identity = Credential | Anonymous


def _encoded(credential: Credential) -> str:
    return base64.b64encode(f"{credential.username}:{credential.secret}".encode()).decode()


def _is_text(*texts: str) -> bool:
    """Whether all can be sent: Python reads other bytes of the environment as lone surrogates."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


async def credential_for(host: str, *, at: str, rule: RegistryRule | None, environ: Mapping[str, str]) -> Identity:
    """Find what `host` is read with at the origin `at`; raises `CredentialError`.

    That is: a named variable is empty, or one holds what is no text.
    """
    if not may_carry_credentials(at):
        return Anonymous(reason="credentials are not sent in clear text")
    found = _named(host, rule, environ) or _ghcr_token(host, environ)
    note = ""
    if found is None:
        stored = await from_docker_config(host, environ)
        if isinstance(stored, Stored) and not _is_text(stored.username, stored.secret):
            note = f"{stored.source} cannot be used: it holds no plain text"
        elif isinstance(stored, Stored):
            found = Credential(
                source=stored.source,
                username=stored.username,
                secret=stored.secret,
                identity_token=stored.identity_token,
            )
        else:
            note = stored
        if found is None:
            found = _actions_token(host, environ)
    if found is None:
        return Anonymous(reason=note)
    if not _is_text(found.secret):
        raise CredentialError(f"{found.source}: holds bytes that are no UTF-8 text; set it again")
    if not _is_text(found.username):
        raise CredentialError(f"the user name for {host} is no UTF-8 text; correct GITHUB_ACTOR, or `username`")
    register_secret(found.secret)
    register_secret(_encoded(found))
    return found


def _named(host: str, rule: RegistryRule | None, environ: Mapping[str, str]) -> Credential | None:
    name = rule.token_env if rule else None
    if rule is None or name is None:
        return None
    if not _NAMED.fullmatch(name):
        raise CredentialError(f"registries.{host}.token_env: expected BUMP_REGISTRY_… or GHCR_TOKEN; name it so")
    secret = environ.get(name, "").strip()
    if not secret:
        raise CredentialError(
            f"registries.{host}.token_env: {name} is empty or not set; set it, or remove token_env to read anonymously"
        )
    return Credential(source=name, username=rule.username or _user(environ), secret=secret, named=True)


def _ghcr_token(host: str, environ: Mapping[str, str]) -> Credential | None:
    secret = environ.get("GHCR_TOKEN", "").strip()
    if host != GHCR or not secret:
        return None
    return Credential(source="GHCR_TOKEN", username=_user(environ), secret=secret)


def _actions_token(host: str, environ: Mapping[str, str]) -> Credential | None:
    secret = environ.get("GITHUB_TOKEN", "").strip()
    if host != GHCR or environ.get("GITHUB_ACTIONS") != "true" or not secret:
        return None
    return Credential(source="GITHUB_TOKEN", username=_user(environ), secret=secret)


def _user(environ: Mapping[str, str]) -> str:
    return environ.get("GITHUB_ACTOR") or _ANY_USER
