"""How a host is asked: which credential goes where, what is learned, what is tried again, and when it is given up."""

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest
import respx

from bot import log
from bot.errors import TRY_LATER
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Current, Resolution, Unresolved
from tests.doubles.registry import images
from tests.registry.asking import NEW, OLD, Waits, inspect, lookup, opened, resolve, resolve_all

GHCR_TOKEN_URL = "https://ghcr.io/token?service=ghcr.io&scope=repository:acme/api:pull"
GHCR_MAIN = "https://ghcr.io/v2/acme/api/manifests/main"
CORP_MAIN = "https://registry.corp/v2/acme/api/manifests/main"
CORP = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP", username="bot")
CORP_ENVIRON = {"BUMP_REGISTRY_CORP": "corp-secret"}
CORP_BASIC = "Basic " + base64.b64encode(b"bot:corp-secret").decode()
SAME = {"Docker-Content-Digest": str(OLD)}
ACCEPTED = httpx.Response(200, headers=SAME)
DENIED = {"errors": [{"code": "DENIED", "message": "denied"}]}


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    """The whole network: what is not routed fails, and every route has to be used."""
    with respx.mock(assert_all_called=True, assert_all_mocked=True) as router:
        yield router


def authorizations(router: respx.MockRouter) -> list[tuple[str, str, str | None]]:
    return [
        (call.request.method, call.request.url.host, call.request.headers.get("Authorization")) for call in router.calls
    ]


def taking_turns(
    answer: Callable[[httpx.Request], httpx.Response],
) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    """Answer when every other task has had its turn, so that requests are under way together."""

    async def later(request: httpx.Request) -> httpx.Response:
        for _ in range(50):
            await asyncio.sleep(0)
        return answer(request)

    return later


def expect(resolution: Resolution, code: str, *, outage: bool = False) -> str:
    assert isinstance(resolution, Unresolved)
    assert (resolution.code, resolution.outage) == (code, outage)
    return resolution.message


# ---- Bearer ---------------------------------------------------------------------------------------------------------


def test_ghcr_is_asked_for_a_token_first_and_then_once(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.head(GHCR_MAIN).mock(ACCEPTED)
    assert resolve(opened(environ={"GHCR_TOKEN": "ghcr-secret"}), lookup(known=[OLD])) == Current(digest=OLD)
    basic = "Basic " + base64.b64encode(b"x-access-token:ghcr-secret").decode()
    assert authorizations(web) == [("GET", "ghcr.io", basic), ("HEAD", "ghcr.io", "Bearer t0ken-opened")]


def test_without_a_credential_a_token_is_asked_for_all_the_same(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.head(GHCR_MAIN).mock(ACCEPTED)
    resolve(opened(), lookup(known=[OLD]))
    assert authorizations(web) == [("GET", "ghcr.io", None), ("HEAD", "ghcr.io", "Bearer t0ken-opened")]


def test_what_is_asked_for_says_all_types_and_no_compression(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.head(GHCR_MAIN).mock(ACCEPTED)
    resolve(opened(), lookup(known=[OLD]))
    sent = web.calls.last.request.headers
    assert sent["Accept"].count("application/vnd.") == 4
    assert sent["Accept-Encoding"] == "identity"
    assert "Cookie" not in sent


def test_one_token_serves_a_repository_whose_tags_are_asked_at_once(web: respx.MockRouter) -> None:
    tokens = web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.head(url__startswith="https://ghcr.io/v2/acme/api/manifests/").mock(ACCEPTED)
    asked = [lookup(f"ghcr.io/acme/api:t{number}", known=[OLD]) for number in range(20)]
    assert all(isinstance(answer, Current) for answer in resolve_all(opened(), asked).values())
    assert tokens.call_count == 1


def test_a_token_that_ran_out_is_fetched_again_once(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).mock(
        side_effect=[
            httpx.Response(200, json={"token": "t0ken-first"}),
            httpx.Response(200, json={"token": "t0ken-second"}),
        ]
    )
    main = web.head(GHCR_MAIN).mock(side_effect=[ACCEPTED, httpx.Response(401), ACCEPTED])
    assert resolve(opened(), lookup(known=[OLD]), lookup(known=[OLD])) == Current(digest=OLD)
    sent = [call.request.headers["Authorization"] for call in main.calls]
    assert sent == ["Bearer t0ken-first", "Bearer t0ken-first", "Bearer t0ken-second"]


def test_a_token_that_never_opens_is_not_fetched_for_ever(web: respx.MockRouter) -> None:
    tokens = web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    main = web.head(GHCR_MAIN).respond(401)
    message = expect(resolve(opened(), lookup(known=[OLD])), "access-denied")
    assert message.startswith("ghcr.io/acme/api:main: access denied with no credential: 401; ")
    assert (tokens.call_count, main.call_count) == (2, 1)


def test_other_registries_say_once_where_tokens_come_from(web: respx.MockRouter) -> None:
    challenge = 'Bearer realm="https://registry.corp/auth",service="corp",scope="repository:other:pull,push"'

    def main(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == "Bearer t0ken-opened":
            return ACCEPTED
        return httpx.Response(401, headers={"WWW-Authenticate": challenge})

    heads = web.head(url__startswith="https://registry.corp/v2/acme/").mock(side_effect=main)
    tokens = web.get(url__startswith="https://registry.corp/auth").respond(json={"access_token": "t0ken-opened"})
    asked = [lookup(f"registry.corp/acme/api{number}:main", known=[OLD]) for number in range(10)]
    answers = resolve_all(opened(CORP, environ=CORP_ENVIRON), asked)
    assert set(answers.values()) == {Current(digest=OLD)}
    assert (heads.call_count, tokens.call_count) == (11, 10)
    scopes = {call.request.url.params["scope"] for call in tokens.calls}
    assert scopes == {f"repository:acme/api{number}:pull" for number in range(10)}
    assert {call.request.headers["Authorization"] for call in tokens.calls} == {CORP_BASIC}


def test_docker_hub_has_its_known_realm(web: respx.MockRouter) -> None:
    challenge = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'
    web.head("https://registry-1.docker.io/v2/library/redis/manifests/main").mock(
        side_effect=[httpx.Response(401, headers={"WWW-Authenticate": challenge}), ACCEPTED]
    )
    tokens = web.get(url__startswith="https://auth.docker.io/token").respond(json={"token": "t0ken-opened"})
    assert resolve(opened(), lookup("redis:main", known=[OLD])) == Current(digest=OLD)
    assert dict(tokens.calls.last.request.url.params) == {
        "service": "registry.docker.io",
        "scope": "repository:library/redis:pull",
    }


@pytest.mark.parametrize(
    "realm", ["https://evil.example/token", "http://registry.corp/token", "https://registry.corp@evil.example/token"]
)
def test_no_credential_goes_to_a_realm_elsewhere(web: respx.MockRouter, realm: str) -> None:
    web.head(CORP_MAIN).respond(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'})
    expect(
        resolve(opened(CORP, environ=CORP_ENVIRON), lookup("registry.corp/acme/api:main", known=[OLD])), "realm-refused"
    )
    assert authorizations(web) == [("HEAD", "registry.corp", None)]


def test_the_token_server_does_not_lead_elsewhere(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(307, headers={"Location": "https://evil.example/"})
    message = expect(resolve(opened(environ={"GHCR_TOKEN": "ghcr-secret"}), lookup(known=[OLD])), "registry-error")
    assert message == "ghcr.io/acme/api:main: the token server https://ghcr.io answered 307, expected 200"


# ---- Basic, and none ------------------------------------------------------------------------------------------------


def test_basic_is_sent_where_it_is_asked_for(web: respx.MockRouter) -> None:
    heads = web.head(CORP_MAIN).mock(
        side_effect=[httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'}), ACCEPTED, ACCEPTED]
    )
    asked = lookup("registry.corp/acme/api:main", known=[OLD])
    assert resolve(opened(CORP, environ=CORP_ENVIRON), asked, asked) == Current(digest=OLD)
    assert [call.request.headers.get("Authorization") for call in heads.calls] == [None, CORP_BASIC, CORP_BASIC]


def test_a_registry_that_asks_for_nothing_gets_nothing(web: respx.MockRouter) -> None:
    web.head(CORP_MAIN).mock(ACCEPTED)
    resolve(opened(CORP, environ=CORP_ENVIRON), lookup("registry.corp/acme/api:main", known=[OLD]))
    assert authorizations(web) == [("HEAD", "registry.corp", None)]


def test_a_credential_that_was_not_asked_for_is_not_said_to_be_used(web: respx.MockRouter) -> None:
    web.get(CORP_MAIN).respond(403, json=DENIED)
    answer = resolve(opened(CORP, environ=CORP_ENVIRON), lookup("registry.corp/acme/api:main"))
    message = expect(answer, "access-denied")
    assert "access denied with no credential (registry.corp asks for none): 403 (DENIED: denied); " in message
    image = images.image("linux/amd64", {})
    found = {"Content-Type": image.manifest.media_type}
    web.get(CORP_MAIN).respond(200, content=image.manifest.body, headers=found)
    web.get(url__startswith="https://registry.corp/v2/acme/api/blobs/").respond(200, content=image.blobs[0].body)
    shown = inspect(opened(CORP, environ=CORP_ENVIRON), "registry.corp/acme/api:main")
    assert shown.credential == "no credential (registry.corp asks for none)"
    assert {authorization for _, _, authorization in authorizations(web)} == {None}


def test_an_insecure_registry_gets_no_credential(web: respx.MockRouter) -> None:
    rule = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP", insecure=True)
    web.head("http://registry.corp/v2/acme/api/manifests/main").respond(401, headers={"WWW-Authenticate": "Basic"})
    asked = lookup("registry.corp/acme/api:main", known=[OLD])
    message = expect(resolve(opened(rule, environ=CORP_ENVIRON), asked), "access-denied")
    assert "no credential (credentials are not sent in clear text)" in message
    assert authorizations(web) == [("HEAD", "registry.corp", None)]


# ---- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, "credential-refused", "the credential from GHCR_TOKEN was refused: 401 (DENIED: denied)"),
        (403, "access-denied", "access denied with the credential from GHCR_TOKEN: 403 (DENIED: denied)"),
    ],
)
def test_a_named_credential_that_is_refused_ends_it(web: respx.MockRouter, status: int, code: str, said: str) -> None:
    rule = RegistryRule(host="ghcr.io", token_env="GHCR_TOKEN")
    web.get(GHCR_TOKEN_URL).respond(status, json=DENIED)
    message = expect(resolve(opened(rule, environ={"GHCR_TOKEN": "ghcr-secret"}), lookup(known=[OLD])), code)
    assert message.startswith(f"ghcr.io/acme/api:main: {said}; use a classic token")
    assert len(web.calls) == 1


def test_a_found_one_is_left_out_once_and_the_result_says_so(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL, headers={"Authorization": "Basic eC1hY2Nlc3MtdG9rZW46Z2hjci1zZWNyZXQ="}).respond(
        403, json=DENIED
    )
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-public"})
    web.head(GHCR_MAIN).mock(ACCEPTED)
    answer = resolve(opened(environ={"GHCR_TOKEN": "ghcr-secret"}), lookup(known=[OLD]))
    warning = "the credential from GHCR_TOKEN was refused by ghcr.io; read without"
    assert answer == Current(digest=OLD, warnings=(warning,))


def test_a_found_one_that_does_not_open_this_repository_is_left_out_too(web: respx.MockRouter) -> None:
    def main(request: httpx.Request) -> httpx.Response:
        return ACCEPTED if request.headers["Authorization"] == "Bearer t0ken-public" else httpx.Response(403)

    web.get(GHCR_TOKEN_URL, headers={"Authorization": "Basic eC1hY2Nlc3MtdG9rZW46Z2hjci1zZWNyZXQ="}).respond(
        json={"token": "t0ken-mine"}
    )
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-public"})
    web.head(GHCR_MAIN).mock(side_effect=main)
    answer = resolve(opened(environ={"GHCR_TOKEN": "ghcr-secret"}), lookup(known=[OLD]))
    assert isinstance(answer, Current)
    assert len(answer.warnings) == 1


def test_and_when_nothing_opens_the_message_names_what_was_tried(web: respx.MockRouter) -> None:
    tokens = web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    main = web.head(GHCR_MAIN).respond(403)
    message = expect(resolve(opened(environ={"GHCR_TOKEN": "ghcr-secret"}), lookup(known=[OLD])), "access-denied")
    assert "access denied with the credential from GHCR_TOKEN, and without one: 403; use a classic token" in message
    assert (tokens.call_count, main.call_count) == (2, 2)


def test_a_wrong_password_is_not_tried_for_every_repository(web: respx.MockRouter) -> None:
    basic = "Basic " + base64.b64encode(b"x-access-token:ghcr-secret").decode()
    refused = web.get(url__startswith="https://ghcr.io/token", headers={"Authorization": basic}).respond(401)
    web.get(url__startswith="https://ghcr.io/token").respond(json={"token": "t0ken-public"})
    web.head(url__startswith="https://ghcr.io/v2/").mock(ACCEPTED)
    asked = [lookup(f"ghcr.io/acme/api{number}:main", known=[OLD]) for number in range(5)]
    resolve_all(opened(environ={"GHCR_TOKEN": "ghcr-secret"}, concurrency=1), asked)
    assert refused.call_count == 1


def test_a_wrong_password_fails_no_public_repository_that_is_asked_at_the_same_time(
    web: respx.MockRouter, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure()
    basic = "Basic " + base64.b64encode(b"x-access-token:ghcr-secret").decode()
    web.get(url__startswith="https://ghcr.io/token", headers={"Authorization": basic}).mock(
        side_effect=taking_turns(lambda _: httpx.Response(401))
    )
    web.get(url__startswith="https://ghcr.io/token").respond(json={"token": "t0ken-public"})
    web.head(url__startswith="https://ghcr.io/v2/").mock(ACCEPTED)
    asked = [lookup(f"ghcr.io/acme/api{number}:main", known=[OLD]) for number in range(8)]
    answers = resolve_all(opened(environ={"GHCR_TOKEN": "ghcr-secret"}, concurrency=16), asked)
    warning = "the credential from GHCR_TOKEN was refused by ghcr.io; read without"
    assert list(answers.values()) == [Current(digest=OLD, warnings=(warning,))] * 8
    assert capsys.readouterr().err.count("registry_credential_refused") == 1


def test_nor_three_channels_of_one_repository_that_the_token_does_not_open(web: respx.MockRouter) -> None:
    def main(request: httpx.Request) -> httpx.Response:
        return ACCEPTED if request.headers["Authorization"] == "Bearer t0ken-public" else httpx.Response(403)

    basic = "Basic " + base64.b64encode(b"x-access-token:ghcr-secret").decode()
    web.get(GHCR_TOKEN_URL, headers={"Authorization": basic}).respond(json={"token": "t0ken-mine"})
    public = web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-public"})
    web.head(url__startswith="https://ghcr.io/v2/").mock(side_effect=taking_turns(main))
    asked = [lookup(f"ghcr.io/acme/api:{channel}", known=[OLD]) for channel in ("main", "next", "edge")]
    answers = resolve_all(opened(environ={"GHCR_TOKEN": "ghcr-secret"}, concurrency=16), asked)
    assert [type(answer) for answer in answers.values()] == [Current] * 3
    assert public.call_count == 1


# ---- faults ---------------------------------------------------------------------------------------------------------


def test_what_can_pass_is_tried_four_times_with_growing_waits(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    main = web.head(GHCR_MAIN).mock(
        side_effect=[httpx.Response(503), httpx.Response(502), httpx.Response(500), ACCEPTED]
    )
    waits = Waits()
    assert resolve(opened(waits=waits), lookup(known=[OLD])) == Current(digest=OLD)
    assert main.call_count == 4
    assert waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (httpx.Response(503), "registry-error", "ghcr.io answered 503 (4 attempts); run again later"),
        (
            httpx.ConnectError("x"),
            "registry-unreachable",
            f"ghcr.io cannot be connected to (4 attempts); {TRY_LATER}",
        ),
        (
            httpx.ConnectTimeout("x"),
            "registry-unreachable",
            f"ghcr.io cannot be connected to (4 attempts); {TRY_LATER}",
        ),
        (
            httpx.ReadTimeout("x"),
            "registry-unreachable",
            "ghcr.io did not answer in time (4 attempts); run again later",
        ),
        (
            httpx.WriteTimeout("x"),
            "registry-unreachable",
            "ghcr.io did not answer in time (4 attempts); run again later",
        ),
        (httpx.ReadError("x"), "registry-unreachable", "ghcr.io broke the connection (4 attempts); run again later"),
        (
            httpx.RemoteProtocolError("x"),
            "registry-unreachable",
            "ghcr.io broke the connection (4 attempts); run again later",
        ),
        (ssl.SSLError("x"), "registry-unreachable", "ghcr.io broke the connection (4 attempts); run again later"),
        (
            httpx.ProxyError("x"),
            "registry-unreachable",
            f"ghcr.io cannot be reached through the proxy (4 attempts); {TRY_LATER}",
        ),
    ],
    ids=lambda value: value.__class__.__name__,
)
def test_what_does_not_pass_is_an_outage(
    web: respx.MockRouter, fault: httpx.Response | Exception, code: str, said: str
) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    main = web.head(GHCR_MAIN).mock(side_effect=[fault] * 4)
    assert expect(resolve(opened(), lookup(known=[OLD])), code, outage=True) == f"ghcr.io/acme/api:main: {said}"
    assert main.call_count == 4


@pytest.mark.parametrize(
    ("headers", "body", "waits"),
    [
        ({"Retry-After": "7"}, b"", [7.0, 7.0, 7.0]),
        (
            {},
            b'{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 1.16676ms, allowed: 44000/minute"}]}',
            [1.0, 1.0, 1.0],
        ),
        ({}, b"", [1.0, 2.0, 4.0]),
    ],
)
def test_a_rate_limit_is_waited_for_as_asked(
    web: respx.MockRouter, headers: dict[str, str], body: bytes, waits: list[float]
) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.get(GHCR_MAIN).respond(429, headers=headers, content=body)
    waited = Waits()
    expect(resolve(opened(waits=waited), lookup()), "rate-limited", outage=True)
    assert waited == waits


def test_a_wait_that_is_too_long_is_not_waited_for(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(429, headers={"Retry-After": "3600"})
    waits = Waits()
    message = expect(resolve(opened(waits=waits), lookup(known=[OLD])), "rate-limited", outage=True)
    assert message == "ghcr.io/acme/api:main: the token server https://ghcr.io answered 429; run again later"
    assert waits == []
    assert len(web.calls) == 1


def test_other_answers_are_not_tried_again(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    main = web.get(GHCR_MAIN).respond(418, json={"errors": [{"code": "TEAPOT", "message": "short and stout"}]})
    message = expect(resolve(opened(), lookup()), "registry-error")
    assert message == "ghcr.io/acme/api:main: ghcr.io answered 418 (TEAPOT: short and stout), expected 200"
    assert main.call_count == 1


def test_a_dead_host_is_not_asked_for_every_image(web: respx.MockRouter) -> None:
    dead = web.route(host="registry.corp").mock(side_effect=httpx.ConnectError("refused"))
    asked = [lookup(f"registry.corp/acme/api{number}:main", known=[OLD]) for number in range(30)]
    answers = resolve_all(opened(concurrency=1), asked)
    for answer in answers.values():
        expect(answer, "registry-unreachable", outage=True)
    assert dead.call_count == 5 * 4
    assert [answer.message for answer in answers.values() if isinstance(answer, Unresolved)][-1] == (
        "registry.corp/acme/api29:main: registry.corp was not asked any more after 5 failures in a row "
        f"(registry.corp cannot be connected to (4 attempts); {TRY_LATER})"
    )


def test_a_dead_host_does_not_stop_another(web: respx.MockRouter) -> None:
    web.route(host="registry.corp").mock(side_effect=httpx.ConnectError("refused"))
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.head(GHCR_MAIN).mock(ACCEPTED)
    dead = [lookup(f"registry.corp/acme/api{number}:main", known=[OLD]) for number in range(10)]
    answers = resolve_all(opened(), [*dead, lookup(known=[OLD])])
    assert list(answers)[:-1] == dead
    assert list(answers.values())[-1] == Current(digest=OLD)


def test_a_good_answer_sets_the_count_of_failures_back(web: respx.MockRouter) -> None:
    def flaky(request: httpx.Request) -> httpx.Response:
        return ACCEPTED if request.url.path.endswith("/good") else httpx.Response(503)

    heads = web.head(url__startswith="https://registry.corp/").mock(side_effect=flaky)
    bad, good = lookup("registry.corp/a/b:bad", known=[OLD]), lookup("registry.corp/a/b:good", known=[OLD])
    assert resolve(opened(), *[bad] * 4, good, *[bad] * 4, good) == Current(digest=OLD)
    assert heads.call_count == 8 * 4 + 2


def test_a_redirected_manifest_is_refused(web: respx.MockRouter) -> None:
    web.get(GHCR_TOKEN_URL).respond(json={"token": "t0ken-opened"})
    web.head(GHCR_MAIN).respond(307, headers={"Location": "https://evil.example/"})
    expect(resolve(opened(), lookup(known=[OLD])), "redirect-refused")
    assert {call.request.url.host for call in web.calls} == {"ghcr.io"}


def test_no_message_or_log_line_holds_a_secret(web: respx.MockRouter, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()  # whatever an earlier test has set up
    secret = "s3cret-of-the-test"
    basic = base64.b64encode(f"x-access-token:{secret}".encode()).decode()
    web.get(GHCR_TOKEN_URL).respond(json={"token": "opened-by-s3cret"})
    echo = {"errors": [{"code": "DENIED", "message": f"you sent {secret} {basic} opened-by-s3cret"}]}
    web.get(GHCR_MAIN).respond(403, json=echo)
    message = expect(resolve(opened(environ={"GHCR_TOKEN": secret}), lookup(known=[OLD, NEW])), "access-denied")
    captured = capsys.readouterr()
    assert "registry_credential_refused" in captured.err
    for text in (message, captured.out, captured.err):
        assert not any(value in text for value in (secret, basic, "opened-by-s3cret"))


@pytest.mark.parametrize("before", ["x" * 180, "x" * 1990], ids=len)
def test_no_part_of_a_secret_is_left_where_a_long_answer_is_cut(web: respx.MockRouter, before: str) -> None:
    secret = "s3cret-of-the-test-that-is-rather-long"
    web.get(GHCR_TOKEN_URL).respond(403, json={"errors": [{"code": "DENIED", "message": f"{before} {secret}"}]})
    message = expect(resolve(opened(environ={"GHCR_TOKEN": secret}), lookup(known=[OLD])), "access-denied")
    assert "s3cret" not in message
