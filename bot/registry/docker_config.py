"""What `docker login` has stored for a host: the Docker config file, and the helper programs that it names.

An exact host and port, never a prefix of one. A file or helper that does not work is no error: the reason is
returned, and reading goes on without.
Source: https://docs.docker.com/reference/cli/docker/login/ and https://github.com/docker/docker-credential-helpers
"""

import asyncio
import base64
import binascii
import json
import os
import re
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.image import DOCKER_HUB

HELPER_SECONDS: Final = 20.0
_LARGEST: Final = 1024 * 1024
_HUB_KEY: Final = "https://index.docker.io/v1/"
_HUB_NAMES: Final = frozenset({"index.docker.io", "registry-1.docker.io", DOCKER_HUB})
_HELPER: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
# Tokens of ours and of GitHub, which no helper needs: it has its own cloud's variables.
_OURS: Final = re.compile(r"BUMP_.*|GHCR_TOKEN|(?:GH|GITHUB)_(?:ENTERPRISE_)?TOKEN|ACTIONS_.*_TOKEN", re.DOTALL)
_IDENTITY_TOKEN: Final = "<token>"  # noqa: S105 - the user name that stands for one
_WHOLE_HOST: Final = frozenset({"", "/", "/v1", "/v1/", "/v2", "/v2/"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A user name and secret as stored; `source` names the place."""

    source: str
    username: str
    secret: str = field(repr=False)

    @property
    def identity_token(self) -> bool:
        """Whether the secret is an identity token, as Azure's registries give out: only a token server takes it."""
        return self.username == _IDENTITY_TOKEN


async def from_docker_config(
    host: str, environ: Mapping[str, str], *, helper_seconds: float = HELPER_SECONDS
) -> Stored | str:
    """Return what is stored for `host`, or why there is nothing to use (empty when nothing is stored)."""
    document = await asyncio.to_thread(_read, environ)
    if isinstance(document, str):
        return document
    # An empty entry says that there is none for this host, as in Docker: not even the one of all.
    # https://github.com/docker/cli/blob/v28.0.0/cli/config/configfile/file.go (getConfiguredCredentialStore)
    helper = _matching(document.get("credHelpers"), host)
    helper = document.get("credsStore") if helper is None else helper
    reason = ""
    if isinstance(helper, str) and helper:
        answer = await _ask(helper, host, environ, helper_seconds)
        if isinstance(answer, Stored):
            return answer
        reason = answer
    return _from_auths(document.get("auths"), host) or reason


def _read(environ: Mapping[str, str]) -> Mapping[str, object] | str:
    folder = environ.get("DOCKER_CONFIG") or (f"{environ['HOME']}/.docker" if environ.get("HOME") else "")
    if not folder:
        return {}
    path = Path(folder) / "config.json"
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
        document: object = json.loads(text) if len(text) <= _LARGEST else None
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        document = None
    return document if isinstance(document, dict) else "the Docker config file cannot be read"


def _matching(entries: object, host: str) -> object:
    """The entry of exactly this host; keys are hosts, or URLs of a whole host."""
    if not isinstance(entries, dict):
        return None
    if host in entries:
        return entries[host]
    return next((entries[key] for key in sorted(entries) if _host_of(key) == host), None)


def _host_of(key: str) -> str:
    try:
        parts = urlsplit(key if "://" in key else f"//{key}")
    except ValueError:
        return ""
    if parts.path not in _WHOLE_HOST or "@" in parts.netloc:
        return ""
    name = parts.netloc.lower()
    return DOCKER_HUB if name in _HUB_NAMES else name


def _from_auths(entries: object, host: str) -> Stored | None:
    entry = _matching(entries, host)
    if not isinstance(entry, dict):
        return None
    identity = entry.get("identitytoken")
    if isinstance(identity, str) and identity:
        return Stored(source="Docker config (auths)", username=_IDENTITY_TOKEN, secret=identity)
    username, secret = entry.get("username"), entry.get("password")
    auth = entry.get("auth")
    if isinstance(auth, str) and auth:
        try:
            decoded = base64.b64decode(auth, validate=True).decode().strip("\0")
        except (binascii.Error, ValueError):
            return None
        username, _, secret = decoded.partition(":")
    if not isinstance(username, str) or not isinstance(secret, str) or not username or not secret:
        return None
    return Stored(source="Docker config (auths)", username=username, secret=secret)


async def _ask(helper: str, host: str, environ: Mapping[str, str], seconds: float) -> Stored | str:
    """Speak the helper protocol: `get`, the server on stdin, a JSON object on stdout."""
    if not _HELPER.fullmatch(helper):
        return "the Docker config file names a credential helper that is not a plain name"
    program = f"docker-credential-{helper}"
    found = shutil.which(program, path=environ.get("PATH", ""))
    if found is None or not Path(found).is_absolute():
        return f"{program} is not on PATH"
    server = _HUB_KEY if host == DOCKER_HUB else host
    passed = {name: value for name, value in environ.items() if not _OURS.fullmatch(name)}
    try:
        process = await asyncio.create_subprocess_exec(
            found,
            "get",
            env=passed,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # so that what a helper starts ends with it
        )
    except OSError:
        return f"{program} cannot be started"
    answered = False
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(server.encode())
        answered = True
    except TimeoutError:
        return f"{program} did not answer within {seconds:g} s"
    finally:
        if not answered:
            await _end(process)
    return _answer(program, process.returncode, output)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a helper and all that it has started, and wait until nobody holds its pipe any more."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await process.communicate()


def _answer(program: str, status: int | None, output: bytes) -> Stored | str:
    if status != 0:
        missing = b"credentials not found" in output[:_LARGEST]
        return "" if missing else f"{program} failed with status {status}"
    try:
        document: object = json.loads(output)
    except (ValueError, RecursionError):
        document = None
    username = document.get("Username") if isinstance(document, dict) else None
    secret = document.get("Secret") if isinstance(document, dict) else None
    if not isinstance(username, str) or not isinstance(secret, str) or not username or not secret:
        return f"{program} gave no user name and secret"
    return Stored(source=f"Docker config ({program})", username=username, secret=secret)
