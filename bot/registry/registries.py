"""All registries of one run: opened once, asked for many images at a time, closed.

A failure of one image becomes its answer and never stops the others; a bug is not an answer, and propagates.
"""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from bot.errors import ConfigError, RegistryError, UsageError
from bot.image import Build, Content, Digest, Index, Platform, Reference, Tag
from bot.planning.environment import RegistryRule
from bot.planning.presence import Inquiry, Presence
from bot.planning.resolution import Lookup, Resolution, Variant
from bot.registry.client import RemoteRepository
from bot.registry.clients import TIMEOUT, Clients, common_authorities
from bot.registry.credentials import credential_for
from bot.registry.host import PATIENCE, SENDING, Host, Sending
from bot.registry.presence import examine, unknown
from bot.registry.proof import Demand, Proven, prove
from bot.registry.protocol import endpoint, origin
from bot.registry.resolve import resolve, unresolved
from bot.registry.transport import Sleep, Transport

CONCURRENCY: Final = 32  # measured: docs/performance.md; without HTTP/2 more would queue for the 32 connections
DEADLINE: Final = 60.0
_ABSENT: Final = frozenset({"tag-not-found", "manifest-missing"})
_T = TypeVar("_T")
_Question = TypeVar("_Question", Lookup, Inquiry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One reference as its registry has it now.

    `index` is whether it is one; else its only variant's platform is what its config says. `credential` is where the
    one that was used came from; `requests` counts everything that was sent for it, tokens too.
    """

    reference: Reference
    digest: Digest
    media_type: str
    size: int
    index: bool
    variants: tuple[Variant, ...]
    build: Build
    credential: str
    requests: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """A registry answered. `credential` is where the one that was used came from."""

    credential: str
    warnings: tuple[str, ...]


class Registries:
    """The registries that `rules` describe, and all others as they come; used as `async with Registries(…)`."""

    def __init__(
        self,
        rules: Mapping[str, RegistryRule],
        environ: Mapping[str, str],
        *,
        root: Path | None = None,
        endpoints: Mapping[str, str] | None = None,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        concurrency: int = CONCURRENCY,
        deadline: float = DEADLINE,
        patience: float = PATIENCE,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        """`root` is where a `ca_file` is looked for; None: nowhere, so it is an error.

        `endpoints` (host to origin) serves the demonstration alone.

        `sleep`, `jitter`, `patience` with a host's first request, and `timeout`, for each step, are given by tests.
        `deadline` is in seconds and holds for one image.
        """
        self._rules = rules
        self._environ = environ
        self._root = root
        self._endpoints = endpoints or {}
        self._sleep = sleep
        self._jitter = jitter
        self._concurrency = concurrency
        self._deadline = deadline
        self._patience = patience
        self._timeout = timeout

    async def __aenter__(self) -> Self:
        """Open the client; nothing is asked yet. Raises `ConfigError`: a `ca_file` or proxy that cannot be used."""
        self._clients = Clients(self._authorities(), timeout=self._timeout)
        self._transport = Transport(self._clients, sleep=self._sleep, jitter=self._jitter)
        self._hosts: dict[str, Host] = {}
        self._meeting = asyncio.Lock()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._clients.aclose()

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, repeated ones and tokens included."""
        return self._transport.requests

    async def resolve(self, lookup: Lookup) -> Resolution:
        """Answer one lookup; raises `CredentialError` when its registry's named variable is empty."""
        try:
            remote = RemoteRepository(await self._host(lookup.repository.host), lookup.repository)
            return await self._in_time(remote.host, resolve(remote, lookup))
        except RegistryError as error:
            return unresolved(lookup, error)

    async def resolve_all(
        self, lookups: Iterable[Lookup], on_progress: Callable[[Lookup, Resolution], None] = lambda *_: None
    ) -> Mapping[Lookup, Resolution]:
        """Answer every distinct lookup, in the order in which they came; `on_progress` hears of each as it is done.

        Raises `CredentialError` before anything is asked when a named variable is empty.
        """
        return await self._all(lookups, self.resolve, on_progress)

    async def examine_all(
        self, inquiries: Iterable[Inquiry], on_progress: Callable[[Inquiry, Presence], None] = lambda *_: None
    ) -> Mapping[Inquiry, Presence]:
        """Say of every distinct digest whether it is there; the same holds as for `resolve_all`."""
        return await self._all(inquiries, self._examine, on_progress)

    async def _examine(self, inquiry: Inquiry) -> Presence:
        try:
            remote = RemoteRepository(await self._host(inquiry.repository.host), inquiry.repository)
            return await self._in_time(remote.host, examine(remote, inquiry))
        except RegistryError as error:
            return unknown(inquiry, error)

    async def _all(
        self,
        questions: Iterable[_Question],
        answer: Callable[[_Question], Awaitable[_T]],
        on_progress: Callable[[_Question, _T], None],
    ) -> Mapping[_Question, _T]:
        distinct = tuple(dict.fromkeys(questions))
        for name in sorted({question.repository.host for question in distinct}):
            with suppress(RegistryError):  # becomes the answer of every image there
                await self._host(name)
        limiter = asyncio.Semaphore(self._concurrency)

        async def one(question: _Question) -> _T:
            async with limiter:
                answered = await answer(question)
            on_progress(question, answered)
            return answered

        async with asyncio.TaskGroup() as group:
            tasks = {question: group.create_task(one(question)) for question in distinct}
        return {question: task.result() for question, task in tasks.items()}

    async def inspect(self, reference: Reference, platforms: tuple[Platform, ...] = ()) -> Inspection:
        """Look at one reference, by its digest when it has one; raises `RegistryError` for what does not hold.

        `platforms` must be there, as for an image rule; without any, all that the index names are looked at.
        """
        wanted = reference.digest or reference.tag
        if wanted is None:
            raise UsageError(f"{reference}: neither tag nor digest; add one, as in {reference}:main")
        before = self.requests
        try:
            remote = RemoteRepository(await self._host(reference.repository.host), reference.repository)
            demand = Demand(platforms=platforms, named_in="--platform")
            content, proven = await self._in_time(remote.host, _inspect(remote, wanted, demand))
        except RegistryError as error:
            raise RegistryError(error.code, f"{reference}: {error}", outage=error.outage) from error
        return Inspection(
            reference=reference,
            digest=content.digest,
            media_type=content.media_type,
            size=content.size,
            index=isinstance(content, Index),
            variants=proven.variants,
            build=proven.build,
            credential=remote.host.source(reference.repository),
            requests=self.requests - before,
            warnings=(*remote.host.warnings(reference.repository), *proven.warnings),
        )

    async def greet(self, reference: Reference) -> Greeting:
        """Ask for one manifest, by tag or digest, with a token made for its repository; raises `RegistryError`.

        That a tag is not there is an answer too: whoever is told so may read the repository.
        """
        wanted = reference.tag or reference.digest
        if wanted is None:
            raise UsageError(f"{reference}: neither tag nor digest; add one, as in {reference}:main")
        remote = RemoteRepository(await self._host(reference.repository.host), reference.repository)
        try:
            await self._in_time(
                remote.host, remote.head(wanted) if isinstance(wanted, Tag) else remote.manifest(wanted)
            )
        except RegistryError as error:
            if error.code not in _ABSENT:
                raise
        return Greeting(
            credential=remote.host.source(reference.repository), warnings=remote.host.warnings(reference.repository)
        )

    async def _in_time(self, host: Host, work: Coroutine[object, object, _T]) -> _T:
        sending = Sending()
        before = SENDING.set(sending)
        try:
            async with asyncio.timeout(self._deadline):
                return await work
        except TimeoutError as late:
            text = f"{host.name} did not give everything within {self._deadline:g} s; run again later"
            error = RegistryError("deadline-exceeded", text, outage=True)
            # One that came to its turn just before its time ran out says nothing of the host.
            if sending.since is not None and asyncio.get_running_loop().time() - sending.since >= self._deadline / 2:
                host.note_outage(error)
            raise error from late
        finally:
            SENDING.reset(before)

    async def _host(self, name: str) -> Host:
        async with self._meeting:
            if name not in self._hosts:
                rule = self._rules.get(name)
                at = endpoint(name, rule, self._endpoints)
                identity = await credential_for(name, at=at, rule=rule, environ=self._environ)
                self._hosts[name] = Host(
                    name, at=at, rule=rule, identity=identity, transport=self._transport, patience=self._patience
                )
            return self._hosts[name]

    def _authorities(self) -> Mapping[str, ssl.SSLContext]:
        contexts: dict[str, ssl.SSLContext] = {}
        for host, rule in self._rules.items():
            if rule.ca_file is not None:
                if self._root is None:
                    raise ConfigError(
                        f"registries.{host}.ca_file: {rule.ca_file} is read from a checkout, and --repo has none; "
                        "run in a checkout, or name the certificates in SSL_CERT_FILE and leave the key out"
                    )
                context = common_authorities()
                try:
                    context.load_verify_locations(self._root / rule.ca_file)
                except OSError as error:  # ssl.SSLError is one
                    raise ConfigError(
                        f"registries.{host}.ca_file: {rule.ca_file} holds no certificates that can be read; correct it"
                    ) from error
                contexts[endpoint(host, rule, self._endpoints)] = context
        return self._with_realms(contexts)

    def _with_realms(self, contexts: Mapping[str, ssl.SSLContext]) -> Mapping[str, ssl.SSLContext]:
        """Add the token servers of other names: who issued the registry's certificate issued theirs, too."""
        found = dict(contexts)
        ruled: set[str] = set()
        for host, rule in self._rules.items():
            with suppress(RegistryError):  # said when that host is asked
                ruled.add(endpoint(host, rule, self._endpoints))
        for host, rule in self._rules.items():
            if rule.ca_file is not None and rule.token_realm is not None:
                realm = origin(rule.token_realm)
                if realm not in ruled:
                    found.setdefault(realm, contexts[endpoint(host, rule, self._endpoints)])
        return found


async def _inspect(remote: RemoteRepository, wanted: Tag | Digest, demand: Demand) -> tuple[Content, Proven]:
    content = await remote.manifest(wanted)
    return content, await prove(content, remote, demand)
