"""Every fault of a registry, one row each: the documented code, how often it was tried, and where a credential went.

Here, as tables: rate limits, server errors, time-outs of every step, resets, truncated, oversized and compressed
bodies, invalid JSON, wrong digests, redirects, foreign realms, upper-case names. Elsewhere:

- a tag that moves, moves back or vanishes between HEAD and GET: `test_resolve.py`, at the real registry
- a missing digest header, and one of a HEAD that counts for nothing: `test_client.py`
- nonsense instead of HTTP, a body without end, one that drips until the deadline: `test_registries.py`
- which realm and which redirect are right, as tables of the rules alone: `test_protocol.py`
"""

import asyncio
import base64
import gzip
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import h2.config
import h2.connection
import h2.events
import httpx
import pytest
import respx

from bot import clock
from bot.errors import InvalidReference, RegistryError
from bot.image import MANIFEST_LIMIT, Digest, Reference
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Current, Resolution, Resolved, Unresolved
from bot.registry.client import CONFIG_LIMIT
from bot.registry.clients import Clients
from bot.registry.transport import Limit, Transport
from tests.doubles.registry import images
from tests.doubles.registry.images import Part
from tests.registry.asking import OLD, Waits, lookup, opened, resolve
from tests.registry.listening import Behaviour, certified, listening

SECRET, TOKEN = "corp-secret", "t0ken-of-corp"
CORP = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP", username="bot")
ENVIRON = {"BUMP_REGISTRY_CORP": SECRET}
BASIC = "Basic " + base64.b64encode(f"bot:{SECRET}".encode()).decode()
BEARER = f"Bearer {TOKEN}"

IMAGE = images.image("linux/amd64", {})
CONFIG = IMAGE.blobs[0]
MAIN = "https://registry.corp/v2/acme/api/manifests/main"
BLOB = f"https://registry.corp/v2/acme/api/blobs/{CONFIG.digest}"
AUTH = "https://registry.corp/auth"
STORAGE = "https://storage.example/blob?signature=s1gned"

Step = Literal["token", "manifest", "config", "storage"]
PLACES: Mapping[Step, str] = {"token": AUTH, "manifest": MAIN, "config": BLOB, "storage": STORAGE}


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    """The whole network; what is not routed fails."""
    with respx.mock(assert_all_called=False, assert_all_mocked=True) as router:
        yield router


def registry(web: respx.MockRouter, step: Step, fault: httpx.Response | Exception, *, image: images.Image) -> None:
    """A registry that wants tokens and keeps blobs elsewhere, sound but for one `step`."""
    parts = {"manifest": image.manifest, "storage": image.blobs[0]}
    sound = {name: httpx.Response(200, content=part.body) for name, part in parts.items()}
    sound["manifest"].headers["Content-Type"] = image.manifest.media_type
    sound["token"] = httpx.Response(200, json={"token": TOKEN})
    sound["config"] = httpx.Response(307, headers={"Location": STORAGE})

    def at(name: Step) -> Callable[[httpx.Request], httpx.Response]:
        def answer(request: httpx.Request) -> httpx.Response:
            if name in {"manifest", "config"} and request.headers.get("Authorization") != BEARER:
                return httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="{AUTH}",service="corp"'})
            if name != step:
                return sound[name]
            if isinstance(fault, Exception):
                raise type(fault)("x")  # a new one for each attempt, as it is in earnest
            return fault

        return answer

    blob = f"https://registry.corp/v2/acme/api/blobs/{image.blobs[0].digest}"
    for name, url in {**PLACES, "config": blob}.items():
        web.get(url__startswith=url).mock(side_effect=at(name))


def expect_no_leak(web: respx.MockRouter, message: str) -> None:
    """The password went to the token endpoint, the token to the registry's own paths, and nothing anywhere else."""
    for request in (call.request for call in web.calls):
        allowed = {None, BASIC} if str(request.url).startswith(AUTH) else {None, BEARER}
        allowed = allowed if request.url.host == "registry.corp" else {None}
        assert request.headers.get("Authorization") in allowed, request.url
        assert SECRET not in str(request.url)
        assert "Cookie" not in request.headers
    assert not any(secret in message for secret in (SECRET, BASIC.split()[1], TOKEN, "s1gned"))


def expect(answer: Resolution, code: str, *, outage: bool) -> str:
    assert isinstance(answer, Unresolved), answer
    assert (answer.code, answer.outage, answer.held) == (code, outage, False)
    return answer.message


# ---- answers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One row: what `step` answers, and what it comes to."""

    id: str
    step: Step
    answer: httpx.Response | Exception
    code: str
    attempts: int = 1
    outage: bool = False
    waits: tuple[float, ...] = ()
    image: images.Image = field(default=IMAGE)


def body(content: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"Content-Type": images.MANIFEST["oci"], **headers})


def with_config(content: bytes) -> images.Image:
    part = Part(images.CONFIG["oci"], content)
    return images.Image(images.manifest(part, ()), (part,))


def to(location: str, status: int = 307) -> httpx.Response:
    return httpx.Response(status, headers={"Location": location})


SLOW_DOWN = {"errors": [{"code": "TOOMANYREQUESTS", "message": "retry-after: 2.5s, allowed: 44000/minute"}]}
DOUBLING = (1.0, 2.0, 4.0)
BOMB = gzip.compress(b" " * 20_000_000)
OTHER = Digest.of(b"something else")

FAULTS = [
    *(
        fault
        for step in ("token", "manifest", "config", "storage")
        for fault in (
            Fault(
                f"{step}: 429 with seconds",
                step,
                httpx.Response(429, headers={"Retry-After": "3"}),
                "rate-limited",
                4,
                True,
                (3.0, 3.0, 3.0),
            ),
            Fault(
                f"{step}: 429 with the delay in its message",
                step,
                httpx.Response(429, json=SLOW_DOWN),
                "rate-limited",
                4,
                True,
                (2.5, 2.5, 2.5),
            ),
            Fault(f"{step}: 429 alone", step, httpx.Response(429), "rate-limited", 4, True, DOUBLING),
            Fault(
                f"{step}: 429 for longer than a run waits",
                step,
                httpx.Response(429, headers={"Retry-After": "3600"}),
                "rate-limited",
                1,
                True,
            ),
            Fault(
                f"{step}: 429 that adds up to too long",
                step,
                httpx.Response(429, headers={"Retry-After": "25"}),
                "rate-limited",
                2,
                True,
                (25.0,),
            ),
            *(
                Fault(f"{step}: {status}", step, httpx.Response(status), "registry-error", 4, True, DOUBLING)
                for status in (500, 502, 503, 504)
            ),
            *(
                Fault(f"{step}: {type(error).__name__}", step, error, "registry-unreachable", 4, True, DOUBLING)
                for error in (
                    httpx.ConnectError("x"),
                    httpx.ConnectTimeout("x"),
                    httpx.ReadTimeout("x"),
                    httpx.WriteTimeout("x"),
                    httpx.PoolTimeout("x"),
                    httpx.ReadError("x"),
                    httpx.WriteError("x"),
                    httpx.RemoteProtocolError("x"),
                    httpx.ProxyError("x"),
                )
            ),
            Fault(f"{step}: compressed bomb", step, body(BOMB, **{"Content-Encoding": "gzip"}), "unexpected-encoding"),
            Fault(f"{step}: a teapot", step, httpx.Response(418), "registry-error"),
        )
    ),
    Fault("token: oversized", "token", body(b" " * 300_000), "registry-error"),
    Fault("token: not JSON", "token", body(b"<html>"), "registry-error"),
    Fault("token: a redirect", "token", to("https://evil.example/"), "registry-error"),
    Fault("token: what breaks a header", "token", httpx.Response(200, json={"token": "a\r\nb: c"}), "registry-error"),
    Fault("manifest: oversized", "manifest", body(b" " * (MANIFEST_LIMIT + 1)), "manifest-too-large"),
    Fault("manifest: not JSON", "manifest", body(b"{"), "invalid-manifest"),
    Fault("manifest: JSON without end", "manifest", body(b"[" * 100_000), "invalid-manifest"),
    Fault("manifest: not UTF-8", "manifest", body(b'{"a": "\xff"}'), "invalid-manifest"),
    Fault("manifest: nothing", "manifest", body(b""), "invalid-manifest"),
    Fault(
        "manifest: a wrong digest header",
        "manifest",
        body(IMAGE.manifest.body, **{"Docker-Content-Digest": str(OTHER)}),
        "digest-mismatch",
    ),
    Fault(
        "manifest: a digest header in upper case",
        "manifest",
        body(IMAGE.manifest.body, **{"Docker-Content-Digest": str(IMAGE.manifest.digest).upper()}),
        "unsupported-digest",
    ),
    Fault("manifest: a redirect", "manifest", to("https://registry.corp/elsewhere"), "redirect-refused"),
    Fault("manifest: a redirect that is no URL", "manifest", to("https://[::1/x"), "redirect-refused"),
    Fault("config: a redirect to plain http", "config", to("http://storage.example/s1gned"), "redirect-refused"),
    Fault("config: a redirect with a password", "config", to("https://u:s1gned@x/"), "redirect-refused"),
    Fault("config: a redirect that is no URL", "config", to("https://[::1/s1gned"), "redirect-refused"),
    Fault("config: a redirect to no port", "config", to("https://x:99999999/s1gned"), "redirect-refused"),
    Fault("config: a redirect to nowhere", "config", httpx.Response(307), "redirect-refused"),
    Fault("config: not there", "config", httpx.Response(404), "manifest-missing"),
    Fault("storage: redirects without end", "storage", to(STORAGE), "redirect-refused", 3),
    Fault("storage: oversized", "storage", body(b" " * (CONFIG_LIMIT + 1)), "invalid-config"),
    Fault("storage: truncated", "storage", body(CONFIG.body[:-1]), "size-mismatch"),
    Fault("storage: other bytes", "storage", body(CONFIG.body[:-1] + b"!"), "digest-mismatch"),
    Fault("storage: not JSON", "storage", body(b"nope"), "invalid-config", image=with_config(b"nope")),
    Fault(
        "storage: 401 with a challenge for the registry's own token server",
        "storage",
        httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="{AUTH}",service="corp"'}),
        "registry-error",
    ),
    Fault(
        "storage: 401 with a challenge for the password",
        "storage",
        httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="storage"'}),
        "registry-error",
    ),
    Fault("storage: 403", "storage", httpx.Response(403), "registry-error"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_has_its_code_its_attempts_and_no_credential_travels(web: respx.MockRouter, fault: Fault) -> None:
    registry(web, fault.step, fault.answer, image=fault.image)
    waits = Waits()
    answer = resolve(opened(CORP, environ=ENVIRON, waits=waits), lookup("registry.corp/acme/api:main"))
    message = expect(answer, fault.code, outage=fault.outage)
    expect_no_leak(web, message)
    met = [call for call in web.calls if at_step(call.request, fault)]
    assert (len(met), tuple(waits)) == (fault.attempts, fault.waits)
    assert message.startswith("registry.corp/acme/api:main: ")
    assert ("(4 attempts" in message or ", 4 attempts)" in message) is (fault.attempts == 4)


def at_step(request: httpx.Request, fault: Fault) -> bool:
    """Whether `request` met the fault, and not the challenge before it."""
    place = PLACES[fault.step] if fault.step != "config" else BLOB
    challenged = fault.step == "manifest" and "Authorization" not in request.headers
    return str(request.url).startswith(place) and not challenged


def test_the_sound_registry_of_these_faults_is_sound(web: respx.MockRouter) -> None:
    registry(web, "storage", body(CONFIG.body), image=IMAGE)
    answer = resolve(opened(CORP, environ=ENVIRON), lookup("registry.corp/acme/api:main"))
    assert isinstance(answer, Resolved)
    expect_no_leak(web, str(answer))


@pytest.mark.parametrize(("seconds", "attempts"), [(-3600, 4), (8, 4), (3600, 1)])
def test_a_rate_limit_may_be_a_date(web: respx.MockRouter, seconds: int, attempts: int) -> None:
    date = (clock.now() + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    registry(web, "manifest", httpx.Response(429, headers={"Retry-After": date}), image=IMAGE)
    waits = Waits()
    answer = resolve(opened(CORP, environ=ENVIRON, waits=waits), lookup("registry.corp/acme/api:main"))
    expect_no_leak(web, expect(answer, "rate-limited", outage=True))
    assert len(waits) == attempts - 1
    assert all(1 <= wait <= max(1, seconds) for wait in waits)


@pytest.mark.parametrize(
    "realm",
    [
        "https://evil.example/auth",
        "http://registry.corp/auth",
        "https://registry.corp:8443/auth",
        "https://registry.corp@evil.example/auth",
        "https://auth.docker.io/token",
        "",
    ],
)
def test_a_realm_on_another_origin_gets_nothing(web: respx.MockRouter, realm: str) -> None:
    main = web.get(MAIN).respond(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="corp"'})
    answer = resolve(opened(CORP, environ=ENVIRON), lookup("registry.corp/acme/api:main"))
    message = expect(answer, "realm-refused", outage=False)
    assert (main.call_count, len(web.calls)) == (1, 1)
    assert "Authorization" not in main.calls.last.request.headers
    expect_no_leak(web, message)


# ---- redirects ------------------------------------------------------------------------------------------------------


def test_three_redirects_are_followed_and_the_credential_stays_at_home(web: respx.MockRouter) -> None:
    registry(web, "config", to("/v2/elsewhere"), image=IMAGE)
    hops = [
        web.get("https://registry.corp/v2/elsewhere").mock(to("https://storage.example/1", 302)),
        web.get("https://storage.example/1").mock(to("https://other.example/2", 308)),
        web.get("https://other.example/2").mock(body(CONFIG.body)),
    ]
    answer = resolve(opened(CORP, environ=ENVIRON), lookup("registry.corp/acme/api:main"))
    assert isinstance(answer, Resolved)
    assert [hop.calls.last.request.headers.get("Authorization") for hop in hops] == [BEARER, None, None]
    expect_no_leak(web, "")


def test_who_was_sent_away_comes_back_without_a_credential(web: respx.MockRouter) -> None:
    registry(web, "storage", to("https://registry.corp/v2/chosen/by/storage"), image=IMAGE)
    back = web.get("https://registry.corp/v2/chosen/by/storage").mock(body(CONFIG.body))
    answer = resolve(opened(CORP, environ=ENVIRON), lookup("registry.corp/acme/api:main"))
    assert isinstance(answer, Resolved)
    assert "Authorization" not in back.calls.last.request.headers


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["registry.corp/Acme/api:main", "registry.corp/acme/API:main", "ghcr.io/ACME/api"])
def test_an_upper_case_name_is_refused_before_anything_is_asked(web: respx.MockRouter, text: str) -> None:
    with pytest.raises(InvalidReference, match="lower case"):
        Reference.parse(text)
    assert not web.calls


# ---- time-outs, step by step, over real lines -----------------------------------------------------------------------

BRIEF = 0.05
Timeouts = Callable[[float], httpx.Timeout]


def only(step: str) -> httpx.Timeout:
    """A short time-out for one step, so that no other can be what ended the wait."""
    return httpx.Timeout(**({"connect": 30.0, "read": 30.0, "write": 30.0, "pool": 30.0} | {step: BRIEF}))


async def hang(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hang_in_the_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    await asyncio.sleep(60)


async def hang_in_the_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await asyncio.sleep(60)


def asked_at(host: str, timeout: httpx.Timeout, *, root: Path | None = None) -> tuple[Resolution, int, Waits]:
    """Ask `host`, which somebody else keeps open, with a named credential."""
    waits = Waits()
    rule = RegistryRule(host=host, token_env="BUMP_REGISTRY_CORP", ca_file="ca.pem" if root else None)

    async def ask() -> tuple[Resolution, int]:
        async with opened(rule, environ=ENVIRON, waits=waits, root=root, timeout=timeout) as registries:
            return await registries.resolve(lookup(f"{host}/acme/api:main")), registries.requests

    return *asyncio.run(ask()), waits


def expect_timed_out(answer: Resolution, requests: int, waits: Waits, said: str) -> None:
    message = expect(answer, "registry-unreachable", outage=True)
    assert said in message
    assert (requests, waits) == (4, [1.0, 2.0, 4.0])


def test_time_out_while_connecting() -> None:
    with ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):  # nobody accepts: what does not fit into the queue is never answered
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        host = f"127.0.0.1:{full.getsockname()[1]}"
        expect_timed_out(*asked_at(host, only("connect")), "cannot be connected to (timed out, 4 attempts)")


def behaving(
    behaviour: Behaviour, timeout: httpx.Timeout, *, at_once: bool = False, root: Path | None = None
) -> tuple[Resolution, int, Waits, bytes]:
    """Ask something that behaves badly, and return also all that it was sent."""
    heard = bytearray()
    waits = Waits()

    async def overhearing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not at_once:
            heard.extend(await reader.readuntil(b"\r\n\r\n"))
        await behaviour(reader, writer)

    async def ask() -> tuple[Resolution, int]:
        async with listening(overhearing, at_once=True) as host:
            rule = RegistryRule(host=host, token_env="BUMP_REGISTRY_CORP", ca_file="ca.pem" if root else None)
            async with opened(rule, environ=ENVIRON, waits=waits, root=root, timeout=timeout) as registries:
                return await registries.resolve(lookup(f"{host}/acme/api:main")), registries.requests

    return *asyncio.run(ask()), waits, bytes(heard)


def test_time_out_in_the_tls_handshake(tmp_path: Path) -> None:
    certified(tmp_path)
    answer, requests, waits, _ = behaving(hang, only("connect"), at_once=True, root=tmp_path)
    expect_timed_out(answer, requests, waits, "cannot be connected to (timed out, 4 attempts)")


@pytest.mark.parametrize("behaviour", [hang, hang_in_the_headers, hang_in_the_body])
def test_time_out_while_reading(behaviour: Behaviour) -> None:
    answer, requests, waits, heard = behaving(behaviour, only("read"))
    expect_timed_out(answer, requests, waits, "did not answer in time (4 attempts); run again later")
    assert heard.count(b"GET /v2/acme/api/manifests/main HTTP/1.1\r\n") == 4
    assert b"authorization" not in heard.lower()


def test_time_out_while_writing() -> None:
    """No request of ours fills a line, so that the one here is made for it."""

    async def ask() -> tuple[RegistryError, int]:
        async with listening(hang, at_once=True) as host:
            clients = Clients({}, timeout=only("write"))
            transport = Transport(clients, sleep=Waits(), jitter=lambda: 0.0)
            with pytest.raises(RegistryError) as raised:
                await transport.exchange(
                    "GET", f"http://{host}/", {"X": "x" * 16_000_000}, Limit(1, "x"), who="registry.corp"
                )
            await clients.aclose()
            return raised.value, transport.requests

    error, requests = asyncio.run(ask())
    assert (error.code, error.outage, requests) == ("registry-unreachable", True, 4)
    assert str(error) == "registry.corp did not answer in time (4 attempts); run again later"


def test_time_out_while_waiting_for_a_free_connection() -> None:
    async def ask() -> Sequence[Resolution]:
        async with listening(hang) as host, asyncio.timeout(20):
            asked = [lookup(f"{host}/acme/api{number}:main") for number in range(40)]
            async with opened(concurrency=40, deadline=3, timeout=only("pool")) as registries:
                return list((await registries.resolve_all([asked[0]])).values()) and list(
                    (await registries.resolve_all(asked)).values()
                )

    codes = [answer.code for answer in asyncio.run(ask()) if isinstance(answer, Unresolved)]
    assert codes.count("registry-unreachable") == 8  # beyond the 32 connections
    assert codes.count("deadline-exceeded") == 32


def test_without_a_free_connection_the_deadline_ends_it() -> None:
    """As it is outside of tests: waiting for one's turn is no fault of the registry."""

    async def ask() -> Sequence[Resolution]:
        async with listening(hang) as host:
            asked = [lookup(f"{host}/acme/api{number}:main") for number in range(40)]
            async with opened(concurrency=40, deadline=1) as registries:
                await registries.resolve_all([asked[0]])
                return list((await registries.resolve_all(asked)).values())

    assert {answer.code for answer in asyncio.run(ask()) if isinstance(answer, Unresolved)} == {"deadline-exceeded"}


# ---- HTTP/2 ---------------------------------------------------------------------------------------------------------

Stream = Callable[[h2.connection.H2Connection, int, int], bool]
"""What is done about the request number, at a stream; False: hang up."""


def sound(line: h2.connection.H2Connection, stream: int, _number: int) -> bool:
    line.send_headers(stream, [(":status", "200"), ("docker-content-digest", str(OLD))], end_stream=True)
    return True


def resetting(line: h2.connection.H2Connection, stream: int, _number: int) -> bool:
    line.reset_stream(stream, error_code=7)
    return True


def truncating(line: h2.connection.H2Connection, stream: int, _number: int) -> bool:
    line.send_headers(stream, [(":status", "200"), ("content-length", "100")])
    line.send_data(stream, b"{", end_stream=True)
    return True


def leaving(line: h2.connection.H2Connection, _stream: int, _number: int) -> bool:
    line.close_connection()
    return False


def hanging_up(_line: h2.connection.H2Connection, _stream: int, _number: int) -> bool:
    return False


def once(fault: Stream) -> Stream:
    """Be sound but for the third request of all."""
    return lambda line, stream, number: (fault if number == 3 else sound)(line, stream, number)


def over_http2(root: Path, stream: Stream, *, images_: int) -> tuple[Sequence[Resolution], int]:
    context = certified(root)
    context.set_alpn_protocols(["h2"])
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        line = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        line.initiate_connection()
        writer.write(line.data_to_send())
        goes_on = True
        while goes_on and (data := await reader.read(65536)):
            for event in line.receive_data(data):
                if isinstance(event, h2.events.RequestReceived) and goes_on:
                    count += 1
                    goes_on = stream(line, event.stream_id, count)
            writer.write(line.data_to_send())
            await writer.drain()

    async def ask() -> tuple[Sequence[Resolution], int]:
        async with listening(serve, context, at_once=True) as host:
            rule = RegistryRule(host=host, ca_file="ca.pem")
            async with opened(rule, root=root) as registries:
                asked = [lookup(f"{host}/acme/api{number}:main", known=[OLD]) for number in range(images_)]
                return list((await registries.resolve_all(asked)).values()), registries.requests

    return asyncio.run(ask())


@pytest.mark.parametrize("stream", [resetting, truncating, leaving, hanging_up])
def test_a_broken_stream_is_an_outage(tmp_path: Path, stream: Stream) -> None:
    (answer,), requests = over_http2(tmp_path, stream, images_=1)
    expect(answer, "registry-unreachable", outage=True)
    assert requests == 4


@pytest.mark.parametrize("stream", [sound, once(resetting), once(leaving), once(hanging_up)])
def test_a_line_that_breaks_once_costs_no_image(tmp_path: Path, stream: Stream) -> None:
    answers, requests = over_http2(tmp_path, stream, images_=30)
    assert set(answers) == {Current(digest=OLD)}
    assert requests <= 30 * 2
