"""One HTTP client for a run: a request goes out, is tried again when that makes sense, and comes back whole and small.

No redirect is followed, no body is larger than its limit, no text of the HTTP library reaches a message: it may hold
a signed URL or a header.
"""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from bot import clock
from bot.errors import TRY_LATER, RegistryError, beneath, why_unreachable
from bot.log import logger, redact
from bot.registry.clients import Clients
from bot.registry.protocol import delay, explain, is_transient_status, plain, stated_delay

ATTEMPTS: Final = 4
_LONGEST_WAIT: Final = 30.0  # altogether, so that an image's deadline does not hide why
_ERROR_LIMIT: Final = 64 * 1024
_ERRORS: Final = 400
_RATE_LIMITED: Final = 429
_ALWAYS: Final = {"User-Agent": "bump", "Accept": "*/*", "Accept-Encoding": "identity"}

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limit:
    """The most `size` bytes that a body may have, and the documented `code` for more."""

    size: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; header names are found in any case. `location` stands apart: it is followed knowingly or not."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str | None = None

    @property
    def reply(self) -> str:
        """The status and what was said with it, fit for a message."""
        said = plain(redact(explain(self.body)))
        return f"{self.status} ({said})" if said else str(self.status)


class Unavailable(RegistryError):
    """An attempt failed in a way that may pass; `stated` are the seconds that the other side asked to wait."""

    def __init__(
        self, code: str, message: str, *, reason: str = "", advice: str = "run again later", stated: float | None = None
    ) -> None:
        """Keep `reason` and `advice` for the message, `stated` for the wait before the next attempt."""
        super().__init__(code, message, outage=True)
        self.reason = reason
        self.advice = advice
        self.stated = stated


def is_transient(error: BaseException) -> bool:
    """The one reason to try again."""
    return isinstance(error, Unavailable)


class Transport:
    """Sends single requests; `requests` counts every one that went out, repeated ones too."""

    def __init__(
        self, clients: Clients, *, sleep: Sleep = asyncio.sleep, jitter: Callable[[], float] = random.random
    ) -> None:
        """`sleep` and `jitter` are given by tests that do not wait."""
        self._clients = clients
        self._extensions = {"timeout": clients.timeout.as_dict()}
        self._sleep = sleep
        self._jitter = jitter
        self._log = logger().bind()  # settled once, not anew for every request
        self.requests = 0

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], limit: Limit, *, who: str, content: bytes | None = None
    ) -> Answer:
        """Send a request that changes nothing and return its answer, whatever its status; raises `RegistryError`.

        Only what can pass is tried again, at most four times in all. `who` is asked, and starts a message.
        """
        tried = 0

        async def attempt() -> Answer:
            nonlocal tried
            tried += 1
            return await self._attempt(method, url, headers, limit, content)

        try:
            try:
                return await attempt()
            except Unavailable as first:
                return await self._again(attempt, first)
        except Unavailable as error:
            noted = ", ".join(filter(None, (error.reason, f"{tried} attempts" if tried > 1 else "")))
            text = f"{who} {error} ({noted})" if noted else f"{who} {error}"
            raise RegistryError(error.code, f"{text}; {error.advice}", outage=True) from error
        except RegistryError as error:
            raise RegistryError(error.code, f"{who} {error}") from error

    async def _again(self, attempt: Callable[[], Awaitable[Answer]], first: Unavailable) -> Answer:
        """Try on after the `first` failure; what succeeds at once, nearly all, is spared the making of a retry."""
        failed = [first]

        async def replayed() -> Answer:
            if failed:
                raise failed.pop()
            return await attempt()

        retrying = AsyncRetrying(
            stop=_give_up,
            wait=self._delay,
            retry=retry_if_exception(is_transient),
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(replayed)

    def _delay(self, state: RetryCallState) -> float:
        return delay(state.attempt_number, _stated(state), self._jitter())

    async def _attempt(
        self, method: str, url: str, headers: Mapping[str, str], limit: Limit, content: bytes | None
    ) -> Answer:
        target = _parsed(url)
        request = httpx.Request(
            method, target, headers={**_ALWAYS, **headers}, content=content, extensions=self._extensions
        )
        self.requests += 1
        try:
            async with aclosing(await self._clients.of(target).handle_async_request(request)) as response:
                body = await _read(response, limit)
        except (httpx.TransportError, ssl.SSLError) as error:  # the latter after the handshake: httpcore lets it pass
            raise _translated(error) from error
        location = response.extensions.get("location") or response.headers.get("location")
        answer = Answer(status=response.status_code, headers=response.headers, body=body, location=location)
        self._log.debug("registry_request", method=method, host=target.host, path=target.path, status=answer.status)
        if is_transient_status(answer.status):
            raise _unavailable(answer)
        return answer


def _give_up(state: RetryCallState) -> bool:
    return state.idle_for + (_stated(state) or 0) > _LONGEST_WAIT or bool(stop_after_attempt(ATTEMPTS)(state))


def _stated(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.stated if isinstance(error, Unavailable) else None


async def _read(response: httpx.Response, limit: Limit) -> bytes:
    """Read the bytes as they came: what is compressed after all is refused, not unpacked."""
    failed = response.status_code >= _ERRORS
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        if failed:
            return b""
        raise RegistryError("unexpected-encoding", "sent a compressed answer, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if failed and len(body) > _ERROR_LIMIT:
            break
        if len(body) > limit.size:
            raise RegistryError(limit.code, f"sent more than {limit.size} bytes")
    return bytes(body)


def _unavailable(answer: Answer) -> Unavailable:
    stated = stated_delay(answer.headers, answer.body, clock.now())
    code = "rate-limited" if answer.status == _RATE_LIMITED else "registry-error"
    return Unavailable(code, f"answered {answer.reply}", stated=stated)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        _ = parsed.host  # decodes an international name, which may be none
    except (httpx.InvalidURL, ValueError) as error:
        raise RegistryError("registry-error", "has a name that cannot be asked for") from error
    return parsed


def _translated(error: httpx.TransportError | ssl.SSLError) -> RegistryError:
    match error:
        case httpx.ConnectError() if reason := _certificate(error):
            return RegistryError("tls-error", f"cannot be trusted: {reason}; see registries.<host>.ca_file")
        case httpx.ConnectTimeout() | httpx.ConnectError():
            what = "cannot be connected to"
        case httpx.TimeoutException():
            return Unavailable("registry-unreachable", "did not answer in time")
        case httpx.ProxyError():
            what = "cannot be reached through the proxy"
        case _:
            return Unavailable("registry-unreachable", "broke the connection")
    return Unavailable("registry-unreachable", what, reason=why_unreachable(error), advice=TRY_LATER)


def _certificate(error: BaseException) -> str:
    """What is wrong with the other side's TLS; empty when it is something else that failed."""
    for one in beneath(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return one.verify_message
        if isinstance(one, ssl.SSLError) and not isinstance(one, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return (one.reason or "no TLS").replace("_", " ").lower()
    return ""
