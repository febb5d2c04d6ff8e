"""One registry host: how it wants to be asked, with which credential, and whether it still answers.

A Bearer token is fetched once per repository and again once when it is refused. A credential that was found, not
named in the configuration, and is refused is left out once; `warnings` say so. A host that fails again and again is
not asked any more.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from bot.errors import RegistryError
from bot.image import Repository
from bot.log import logger, register_token
from bot.planning.environment import RegistryRule
from bot.registry.credentials import Anonymous, Credential, Identity
from bot.registry.protocol import (
    GHCR,
    KNOWN_CHALLENGES,
    Challenge,
    check_realm,
    origin,
    parse_challenge,
    parse_token,
    token_form,
    token_server,
    token_url,
)
from bot.registry.transport import Answer, Limit, Transport

MOST_OUTAGES: Final = 5
PATIENCE: Final = 5.0
_TOKEN_LIMIT: Final = Limit(256 * 1024, "registry-error")
_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403
_REFUSALS: Final = frozenset({_UNAUTHORIZED, _FORBIDDEN})
_GHCR_CAUSES: Final = (
    "use a classic token with read:packages, or GITHUB_TOKEN with `packages: read` and access granted to this "
    "repository in the package's settings; fine-grained tokens and GitHub App tokens read no private package; "
    "a package that does not exist answers the same"
)
_CAUSES: Final = "check the credential's rights and the repository's name; one that does not exist may answer the same"


@dataclass(slots=True)
class Sending:
    """Since when something has been on its way for one image, by the loop's clock: until then it waits for its turn."""

    since: float | None = None


SENDING: Final[ContextVar[Sending | None]] = ContextVar("SENDING", default=None)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one request carries: the Authorization header, and the credential that is behind it."""

    header: str | None = None
    credential: Credential | None = None


@dataclass(slots=True)
class _Access:
    """What is known about reading one repository."""

    token: _Shown | None = None
    without_credential: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Host:
    """One host of a run. Not shared between event loops."""

    def __init__(
        self,
        name: str,
        *,
        at: str,
        rule: RegistryRule | None,
        identity: Identity,
        transport: Transport,
        patience: float = PATIENCE,
    ) -> None:
        """`at` is the origin that is asked for `name`; `identity` is what may be shown to it.

        `patience`: for how many seconds the first request keeps the others waiting.
        """
        self.name = name
        self.identity = identity
        self._at = at
        self._rule = rule
        self._transport = transport
        self._challenge: Challenge | None = KNOWN_CHALLENGES.get(at)
        self._met = asyncio.Event()
        self._meeting = False
        self._patience = patience
        if self._challenge is not None:
            self._met.set()
        self._access: dict[Repository, _Access] = {}
        self._refused_everywhere = False
        self._outages = 0
        self._last_outage: RegistryError | None = None

    # ---- asking -----------------------------------------------------------------------------------------------------

    async def ask(self, repository: Repository, method: str, path: str, *, accept: str, limit: Limit) -> Answer:
        """Send a request below `/v2/<repository>/` as the registry wants it; raises `RegistryError`.

        Answers of any status but 401 and 403 are returned, redirects too.
        """
        # Who meets a host first learns its challenge for everybody else: one refused request per host, not eight.
        if not self._met.is_set():
            if not self._meeting:
                self._meeting = True
                try:
                    return await self._ask(repository, method, path, accept, limit)
                finally:
                    self._met.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience):
                    await self._met.wait()
            self._met.set()  # one image that hangs is no reason to keep all others of its host waiting
        return await self._ask(repository, method, path, accept, limit)

    async def follow(self, repository: Repository, url: str, *, limit: Limit, bare: bool) -> Answer:
        """Follow a redirect to `url`: no challenge is answered; `bare`, or on another origin, no credential goes."""
        headers: dict[str, str] = {}
        own = not bare and self.is_at(url)
        if own and (shown := await self._authorization(repository)).header is not None:
            headers["Authorization"] = shown.header
        return await self._exchange("GET", url, headers, limit, who=f"the blob storage {origin(url)}")

    def is_at(self, url: str) -> bool:
        """Whether `url` is on the host's own origin."""
        return origin(url) == self._at

    def url(self, repository: Repository, path: str) -> str:
        """The URL of `path` below the repository."""
        return f"{self._at}/v2/{repository.path}/{path}"

    async def _ask(self, repository: Repository, method: str, path: str, accept: str, limit: Limit) -> Answer:
        url = self.url(repository, path)

        async def send(shown: _Shown) -> Answer:
            headers = {"Accept": accept} | ({"Authorization": shown.header} if shown.header else {})
            return await self._exchange(method, url, headers, limit, who=self.name)

        used = await self._authorization(repository)
        answer = await send(used)
        if answer.status == _UNAUTHORIZED:
            self._learn(answer)
            renewed = await self._authorization(repository, refused=used)
            if renewed.header != used.header:
                used, answer = renewed, await send(renewed)
        if answer.status in _REFUSALS and self._leave_out(repository, used.credential, everywhere=False):
            answer = await send(await self._authorization(repository, refused=used))
        if answer.status in _REFUSALS:
            raise self._denied(repository, answer)
        return answer

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], limit: Limit, *, who: str, content: bytes | None = None
    ) -> Answer:
        if self._outages >= MOST_OUTAGES and self._last_outage is not None:
            raise RegistryError(
                self._last_outage.code,
                f"{self.name} was not asked any more after {self._outages} failures in a row ({self._last_outage})",
                outage=True,
            )
        if (sending := SENDING.get()) and sending.since is None:
            sending.since = asyncio.get_running_loop().time()
        try:
            answer = await self._transport.exchange(method, url, headers, limit, who=who, content=content)
        except RegistryError as error:
            if error.outage:
                self.note_outage(error)
            raise
        self._outages = 0
        return answer

    def note_outage(self, error: RegistryError) -> None:
        """Count a failure that says nothing about the image; the next answer sets the count back."""
        self._outages += 1
        self._last_outage = error

    # ---- authentication ---------------------------------------------------------------------------------------------

    def warnings(self, repository: Repository) -> tuple[str, ...]:
        """What a reader of the result should know about how it was read."""
        if isinstance(self.identity, Credential) and self._is_without(repository):
            return (f"the credential from {self.identity.source} was refused by {self.name}; read without",)
        return ()

    def source(self, repository: Repository) -> str:
        """Which credential `repository` is read with: where it came from, never its value."""
        if isinstance(self.identity, Credential) and self._challenge is None:
            return Anonymous(reason=f"{self.name} asks for none").source
        return Anonymous().source if self._is_without(repository) else self.identity.source

    def _is_without(self, repository: Repository) -> bool:
        return self._refused_everywhere or self._state(repository).without_credential

    def _state(self, repository: Repository) -> _Access:
        return self._access.setdefault(repository, _Access())

    def _learn(self, answer: Answer) -> None:
        """Take in the challenge of a 401; without one what is known stays."""
        challenge = parse_challenge(answer.headers.get("www-authenticate"))
        if challenge is None:
            return
        if challenge.scheme == "bearer":
            check_realm(challenge.realm, host=self.name, at=self._at, rule=self._rule)
        self._challenge = challenge

    def _credential(self, repository: Repository) -> Credential | None:
        usable = isinstance(self.identity, Credential) and not self._is_without(repository)
        return self.identity if usable and isinstance(self.identity, Credential) else None

    def _leave_out(self, repository: Repository, refused: Credential | None, *, everywhere: bool) -> bool:
        """Go on without the credential that a request carried, where that is allowed.

        Requests that were under way together are all refused: each is sent once more, the first says so.
        """
        if refused is None or refused.named:
            return False
        if not self._is_without(repository):
            logger().warning(
                "registry_credential_refused", host=self.name, repository=str(repository), source=refused.source
            )
        self._refused_everywhere = self._refused_everywhere or everywhere
        self._state(repository).without_credential = True
        return True

    async def _authorization(self, repository: Repository, refused: _Shown | None = None) -> _Shown:
        """Return what to send; `refused` is what was just answered with 401 or 403."""
        if self._challenge is None:
            return _Shown()
        if self._challenge.scheme == "basic":
            credential = self._credential(repository)
            if credential is None or credential.identity_token:
                return _Shown()
            return _Shown(credential.basic, credential)
        state = self._state(repository)
        async with state.lock:
            if state.token is None or (refused is not None and state.token.header == refused.header):
                state.token = None
                state.token = await self._mint(repository, self._challenge)
            return state.token

    async def _mint(self, repository: Repository, challenge: Challenge) -> _Shown:
        credential = self._credential(repository)
        answer = await self._ask_for_token(challenge, repository, credential)
        # 401 means that the credential is wrong, 403 that it does not reach this repository.
        everywhere = answer.status == _UNAUTHORIZED
        if answer.status in _REFUSALS and self._leave_out(repository, credential, everywhere=everywhere):
            credential = None
            answer = await self._ask_for_token(challenge, repository, credential)
        if answer.status in _REFUSALS:
            raise self._denied(repository, answer, by_token_server=True)
        if answer.status != _OK:
            server = origin(challenge.realm)
            raise RegistryError("registry-error", f"the token server {server} answered {answer.reply}, expected {_OK}")
        token = parse_token(answer.body)
        register_token(token)
        return _Shown(f"Bearer {token}", credential)

    async def _ask_for_token(
        self, challenge: Challenge, repository: Repository, credential: Credential | None
    ) -> Answer:
        who = f"the token server {origin(challenge.realm)}"
        if credential is not None and credential.identity_token:
            form = token_form(challenge, repository, credential.secret)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return await self._exchange("POST", token_server(challenge), headers, _TOKEN_LIMIT, who=who, content=form)
        headers = {"Authorization": credential.basic} if credential else {}
        return await self._exchange("GET", token_url(challenge, repository), headers, _TOKEN_LIMIT, who=who)

    def _denied(self, repository: Repository, answer: Answer, *, by_token_server: bool = False) -> RegistryError:
        credential = self._credential(repository)
        causes = _GHCR_CAUSES if self.name == GHCR else _CAUSES
        if credential is not None and by_token_server and answer.status == _UNAUTHORIZED:
            reason = f"the credential from {credential.source} was refused: {answer.reply}; {causes}"
            return RegistryError("credential-refused", reason)
        used = self.source(repository)
        if isinstance(self.identity, Credential) and self._challenge is not None:
            used = f"the credential from {self.identity.source}" + ("" if credential else ", and without one")
        return RegistryError("access-denied", f"access denied with {used}: {answer.reply}; {causes}")
