"""The HTTP clients of a run: which authorities are trusted, and what goes through a proxy."""

import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar
from typing import Final
from urllib.request import getproxies

import httpx

from bot.errors import ConfigError
from bot.registry.protocol import LOOPBACK, origin

# For each step; all of an image have a deadline besides, which also ends the wait for a free connection.
TIMEOUT: Final = httpx.Timeout(connect=10, read=20, write=20, pool=None)
_LIMITS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=32)
_PROXY_VARIABLES: Final = "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY"
# What is on this machine is not asked for through a proxy.
_DIRECT: Final = tuple(f"all://[{name}]" if ":" in name else f"all://{name}" for name in LOOPBACK)


class Clients:
    """The one client of a run, and one more for each origin that has a certificate authority of its own.

    All take the proxies of the environment. Raises `ConfigError` when these cannot be used. Without any, a client is
    httpx's bare transport: what lies above it costs a fifth of a request's time and would be switched off anyway.
    """

    def __init__(self, authorities: Mapping[str, ssl.SSLContext], *, timeout: httpx.Timeout = TIMEOUT) -> None:
        """`authorities` go by origin; `timeout` is given by tests that do not wait."""
        self.timeout = timeout
        self._common = _open_client(common_authorities())
        self._own = {at: _open_client(context) for at, context in authorities.items()}

    def of(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        """Return the client that `url` is asked by."""
        return self._own.get(origin(str(url)), self._common) if self._own else self._common

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._common, *self._own.values()):
            await client.aclose()


def common_authorities() -> ssl.SSLContext:
    """Return who is trusted everywhere; raises `ConfigError` when the environment names what cannot be read."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            "SSL_CERT_FILE: it holds no certificates that can be read; correct it, or leave it out"
        ) from error


def _open_client(authority: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    # httpx takes its proxies from there, too. What it says of one holds its URL, and so perhaps a password: it is not
    # passed on.
    try:
        if getproxies():
            return _Proxied(authority)
        return httpx.AsyncHTTPTransport(verify=authority, http2=True, limits=_LIMITS)
    except ImportError:
        raise ConfigError(f"{_PROXY_VARIABLES}: a SOCKS proxy is not supported; name one as http://host:port") from None
    except (httpx.InvalidURL, ValueError):
        raise ConfigError(
            f"{_PROXY_VARIABLES}, NO_PROXY: expected http://host:port, and a list of hosts; correct what is set"
        ) from None


class _Proxied(httpx.AsyncBaseTransport):
    """Asks by httpx's client, which knows what goes through which proxy; all else that it could do is switched off."""

    def __init__(self, authority: ssl.SSLContext) -> None:
        self._client = httpx.AsyncClient(
            verify=authority,
            http2=True,
            mounts=dict.fromkeys(_DIRECT),
            limits=_LIMITS,
            follow_redirects=False,
            cookies=_NoCookies(),
            event_hooks={"response": [_set_location_apart]},
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request, stream=True)

    async def aclose(self) -> None:
        await self._client.aclose()


async def _set_location_apart(response: httpx.Response) -> None:
    """Hide it from httpx's client, which reads even one that it must not follow, and stumbles over one that is none."""
    location = response.headers.get("location")
    if location is not None:
        response.extensions["location"] = location
        del response.headers["location"]


class _NoCookies(CookieJar):
    """Keeps none, and reads none: a policy that allows no domain has every answer parsed first."""

    def extract_cookies(self, *_: object) -> None:
        """Take nothing from an answer."""
