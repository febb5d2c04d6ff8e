"""Many images at a time, one reference in detail, and lines that break."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.errors import ConfigError, CredentialError, RegistryError, UsageError
from bot.image import Digest
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Current, Lookup, Resolution, Resolved, Unresolved
from bot.registry import Registries
from tests.doubles.registry import PASSWORD, RegistryServer
from tests.registry.asking import BOTH, OLD, Waits, inspect, lookup, opened, resolve, resolve_all
from tests.registry.listening import Behaviour, certified, listening

# ---- many -----------------------------------------------------------------------------------------------------------


def test_every_distinct_question_is_asked_once_and_answered_in_order(registry: RegistryServer) -> None:
    asked: list[Lookup] = []
    for number in (3, 1, 2):
        pushed = registry.push(f"acme/api{number}", "main", seed=str(number))
        registry.publish(f"acme/api{number}")
        asked.append(lookup(f"{registry.host}/acme/api{number}:main", known=[pushed.digest]))
    heard: list[tuple[Lookup, Resolution]] = []

    async def ask() -> Mapping[Lookup, Resolution]:
        async with opened() as registries:
            return await registries.resolve_all([*asked, *asked], lambda *one: heard.append(one))

    answers = asyncio.run(ask())
    assert list(answers) == asked
    assert all(isinstance(answer, Current) for answer in answers.values())
    assert dict(heard) == answers
    assert len(heard) == 3
    assert sum(one.method == "HEAD" and one.status == 200 for one in registry.exchanges) == 3


def test_one_bad_image_does_not_stop_the_others(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    registry.publish("acme/api")
    good = lookup(f"{registry.host}/acme/api:main", known=[pushed.digest])
    bad = lookup(f"{registry.host}/acme/private:main")
    odd = [lookup("registry.corp:99999/acme/api:main"), lookup("xn--0.corp/acme/api:main")]
    answers = resolve_all(opened(), [*odd, bad, good])
    assert [type(answer) for answer in answers.values()] == [Unresolved, Unresolved, Unresolved, Current]


def test_nothing_is_asked_when_a_named_variable_is_empty(registry: RegistryServer) -> None:
    rule = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP")
    with pytest.raises(CredentialError):
        resolve_all(opened(rule), [lookup(f"{registry.host}/acme/api:main"), lookup("registry.corp/acme/api:main")])
    assert registry.exchanges == ()


def test_a_registry_that_is_not_asked_needs_no_credential(registry: RegistryServer) -> None:
    rule = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP")
    answers = resolve_all(opened(rule), [lookup(f"{registry.host}/acme/api:main")])
    assert [type(answer) for answer in answers.values()] == [Unresolved]


def test_a_bug_is_no_answer(registry: RegistryServer) -> None:
    registry.push("acme/api", "main")
    registry.publish("acme/api")

    async def ask() -> None:
        async with opened() as registries:
            await registries.resolve_all([lookup(f"{registry.host}/acme/api:main")], lambda *_: 1 // 0)  # type: ignore[arg-type]

    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(ask())
    assert raised.group_contains(ZeroDivisionError)


# ---- one in detail --------------------------------------------------------------------------------------------------


def test_a_reference_is_looked_at_by_tag(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main", labels={"org.opencontainers.image.revision": "a" * 40})
    rule = RegistryRule(host=registry.host, token_env="BUMP_REGISTRY_TESTS")
    found = inspect(opened(rule, environ={"BUMP_REGISTRY_TESTS": PASSWORD}), f"{registry.host}/acme/api:main")
    assert (found.digest, found.index, found.build.revision) == (pushed.digest, True, "a" * 40)
    assert {str(variant.platform): variant.digest for variant in found.variants} == pushed.platforms
    assert found.credential == "BUMP_REGISTRY_TESTS"
    assert found.requests == len(registry.exchanges) == 2 + 1 + 2 * 2


def test_and_by_its_digest_when_it_has_one(registry: RegistryServer) -> None:
    old = registry.push("acme/api", "main", seed="1")
    registry.push("acme/api", "main", seed="2")
    registry.publish("acme/api")
    found = inspect(opened(), f"{registry.host}/acme/api:main@{old.digest}")
    assert (found.digest, found.credential) == (old.digest, "no credential")


def test_a_single_platform_is_named(registry: RegistryServer) -> None:
    digest = registry.push_single("acme/api", "main", platform="linux/arm64")
    registry.publish("acme/api")
    found = inspect(opened(), f"{registry.host}/acme/api:main")
    assert (found.digest, found.index) == (digest, False)
    assert [str(variant.platform) for variant in found.variants] == ["linux/arm64"]


def test_what_does_not_hold_is_an_error_that_names_the_reference(registry: RegistryServer) -> None:
    registry.push("acme/api", "main", platforms=["linux/amd64"])
    registry.publish("acme/api")
    with pytest.raises(RegistryError) as raised:
        inspect(opened(), f"{registry.host}/acme/api:main", BOTH)
    assert raised.value.code == "platform-missing"
    assert str(raised.value) == (
        f"{registry.host}/acme/api:main: no linux/arm64 in the index (has linux/amd64); publish it, or drop it from "
        "--platform"
    )


def test_a_digest_that_is_not_there_is_missing(registry: RegistryServer) -> None:
    registry.push("acme/api", "main")
    registry.publish("acme/api")
    with pytest.raises(RegistryError) as raised:
        inspect(opened(), f"{registry.host}/acme/api@{OLD}")
    assert raised.value.code == "manifest-missing"


def test_a_reference_without_tag_and_digest_asks_nothing() -> None:
    with pytest.raises(UsageError, match=r"^ghcr\.io/acme/api: neither tag nor digest; add one"):
        inspect(opened(), "ghcr.io/acme/api")


# ---- lines that break -----------------------------------------------------------------------------------------------


def broken(behaviour: Behaviour, *, deadline: float = 30) -> tuple[Resolution, int]:
    async def ask() -> tuple[Resolution, int]:
        async with listening(behaviour) as host, opened(deadline=deadline) as registries:
            return await registries.resolve(lookup(f"{host}/acme/api:main")), registries.requests

    return asyncio.run(ask())


async def truncated(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()


async def dripping(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize("behaviour", [truncated, reset, nonsense])
def test_a_line_that_breaks_is_tried_again_and_then_an_outage(behaviour: Behaviour) -> None:
    answer, requests = broken(behaviour)
    assert isinstance(answer, Unresolved)
    assert (answer.code, answer.outage, requests) == ("registry-unreachable", True, 4)


def test_an_answer_that_drips_ends_with_the_deadline() -> None:
    answer, _ = broken(dripping, deadline=0.2)
    assert isinstance(answer, Unresolved)
    assert (answer.code, answer.outage) == ("deadline-exceeded", True)
    assert answer.message.endswith("did not give everything within 0.2 s; run again later")


def test_an_answer_without_end_is_cut_off() -> None:
    answer, requests = broken(endless)
    assert isinstance(answer, Unresolved)
    assert (answer.code, answer.outage, requests) == ("manifest-too-large", False, 1)


def test_a_host_that_hangs_is_given_up() -> None:
    async def hang(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async def ask() -> Mapping[Lookup, Resolution]:
        async with listening(hang) as host, opened(deadline=0.3, concurrency=1) as registries:
            return await registries.resolve_all([lookup(f"{host}/a/b{number}:main") for number in range(8)])

    answers = list(asyncio.run(ask()).values())
    said = [answer.message.partition(": ")[2] for answer in answers if isinstance(answer, Unresolved)]
    assert ["not asked any more" in message for message in said] == [False] * 5 + [True] * 3
    assert {answer.code for answer in answers if isinstance(answer, Unresolved)} == {"deadline-exceeded"}


async def hanging_at_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    if "/hangs/" in head:
        await asyncio.sleep(30)
    await current(reader, writer)


def test_one_image_that_hangs_does_not_take_the_others_of_its_host_with_it() -> None:
    async def ask() -> Mapping[Lookup, Resolution]:
        async with listening(hanging_at_one, at_once=True) as host, opened(deadline=2, patience=0.01) as registries:
            names = ("hangs/api", *(f"acme/api{number}" for number in range(8)))
            return await registries.resolve_all([lookup(f"{host}/{name}:main", known=[OLD]) for name in names])

    first, *others = asyncio.run(ask()).values()
    assert isinstance(first, Unresolved)
    assert first.code == "deadline-exceeded"
    assert others == [Current(digest=OLD)] * 8


def test_a_deadline_that_passes_before_anything_was_sent_says_nothing_of_the_host() -> None:
    async def ask() -> tuple[Mapping[Lookup, Resolution], Resolution]:
        async with listening(hanging_at_one, at_once=True) as host, opened(deadline=1) as registries:
            hanging = [lookup(f"{host}/hangs/api{number}:main", known=[OLD]) for number in range(8)]
            waited = await registries.resolve_all(hanging)
            return waited, await registries.resolve(lookup(f"{host}/acme/api:main", known=[OLD]))

    waited, other = asyncio.run(ask())
    assert {answer.code for answer in waited.values() if isinstance(answer, Unresolved)} == {"deadline-exceeded"}
    assert other == Current(digest=OLD)


def test_nobody_listens() -> None:
    waits = Waits()
    answer = resolve(opened(waits=waits), lookup("127.0.0.1:1/acme/api:main"))
    assert isinstance(answer, Unresolved)
    assert (answer.code, answer.outage) == ("registry-unreachable", True)
    assert waits == [1.0, 2.0, 4.0]


# ---- TLS ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A context for 127.0.0.1; its authority is `ca.pem` in `tmp_path`."""
    return certified(tmp_path)


async def current(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\nDocker-Content-Digest: {OLD}\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()


def over_tls(
    certificate: ssl.SSLContext, root: Path, ca_file: str, *, endpoint: bool = False
) -> tuple[Resolution, int]:
    async def ask() -> tuple[Resolution, int]:
        async with listening(current, certificate) as host:
            rules = {} if endpoint else {host: RegistryRule(host=host, ca_file=ca_file)}
            endpoints = {"ghcr.io": f"https://{host}"} if endpoint else {}
            asked = f"{'ghcr.io' if endpoint else host}/acme/api:main"
            async with Registries(rules, {}, root=root, endpoints=endpoints, sleep=Waits()) as registries:
                return await registries.resolve(lookup(asked, known=[OLD])), registries.requests

    return asyncio.run(ask())


def test_a_private_authority_is_trusted_for_its_registry(certificate: ssl.SSLContext, tmp_path: Path) -> None:
    assert over_tls(certificate, tmp_path, "ca.pem") == (Current(digest=OLD), 1)


@pytest.mark.parametrize("ruled", [False, True], ids=["its token server has no rule", "it has one of its own"])
def test_a_private_authority_is_trusted_for_the_token_server_of_its_registry(
    certificate: ssl.SSLContext, tmp_path: Path, ruled: bool
) -> None:
    async def token(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"token": "opened"}')
        await writer.drain()

    async def ask() -> Resolution:
        async with listening(token, certificate) as auth:

            async def main(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                challenge = f'Bearer realm="https://{auth}/jwt/auth",service="corp"'
                writer.write(f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n".encode())
                await reader.readuntil(b"Bearer opened\r\n")
                await current(reader, writer)

            async with listening(main, certificate) as host:
                rule = RegistryRule(host=host, ca_file="ca.pem", token_realm=f"https://{auth}")
                rules = {host: rule} | ({auth: RegistryRule(host=auth, token_realm="https://x")} if ruled else {})
                endpoints = {auth: f"https://{auth}"}  # on loopback it would be plain
                async with Registries(rules, {}, root=tmp_path, endpoints=endpoints, sleep=Waits()) as registries:
                    return await registries.resolve(lookup(f"{host}/acme/api:main", known=[OLD]))

    answer = asyncio.run(ask())
    assert (answer == Current(digest=OLD)) is not ruled
    assert ruled is (isinstance(answer, Unresolved) and answer.code == "tls-error")


def test_an_unknown_authority_is_not_and_nothing_is_tried_again(certificate: ssl.SSLContext, tmp_path: Path) -> None:
    answer, requests = over_tls(certificate, tmp_path, "", endpoint=True)
    assert isinstance(answer, Unresolved)
    assert (answer.code, answer.outage, requests) == ("tls-error", False, 1)
    assert "ghcr.io cannot be trusted: " in answer.message


@pytest.mark.parametrize("ca_file", ["absent.pem", "key.pem"])
def test_a_ca_file_that_holds_no_certificate_is_a_wrong_configuration(
    certificate: ssl.SSLContext, tmp_path: Path, ca_file: str
) -> None:
    with pytest.raises(ConfigError, match=rf"ca_file: {ca_file} holds no certificates"):
        over_tls(certificate, tmp_path, ca_file)


def test_tls_is_not_spoken_by_everybody(tmp_path: Path, certificate: ssl.SSLContext) -> None:
    async def ask() -> tuple[Resolution, int]:
        async with listening(nonsense, at_once=True) as host:
            rules = {host: RegistryRule(host=host, ca_file="ca.pem")}
            async with Registries(rules, {}, root=tmp_path, sleep=Waits()) as registries:
                return await registries.resolve(lookup(f"{host}/acme/api:main", known=[OLD])), registries.requests

    answer, requests = asyncio.run(ask())
    assert isinstance(answer, Unresolved)
    assert (answer.code, requests) == ("tls-error", 1)


def test_a_proxy_of_the_surroundings_is_not_used_for_loopback(
    registry: RegistryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    pushed = registry.push("acme/api", "main")
    registry.publish("acme/api")
    asked = lookup(f"{registry.host}/acme/api:main", platforms=BOTH)
    found = resolve(opened(), asked)
    assert isinstance(found, Resolved)
    assert found.digest == pushed.digest != Digest.of(b"")


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["absent", "none"])
def test_authorities_of_the_surroundings_that_cannot_be_read_are_a_wrong_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ConfigError, match=r"^SSL_CERT_FILE: it holds no certificates"):
        resolve(opened(), lookup("127.0.0.1:1/acme/api:main"))
