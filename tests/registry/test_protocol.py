"""Where a credential may go, and when to ask again: the rules alone, as tables."""

from datetime import UTC, datetime
from time import process_time
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RegistryError
from bot.image import Repository
from bot.log import register_secret
from bot.planning.environment import RegistryRule
from bot.registry.protocol import (
    KNOWN_CHALLENGES,
    Challenge,
    check_realm,
    delay,
    endpoint,
    explain,
    is_loopback,
    is_transient_status,
    may_carry_credentials,
    origin,
    parse_challenge,
    parse_token,
    plain,
    redirect_target,
    stated_delay,
    token_url,
)

NOW = datetime(2026, 11, 2, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "rule", "expected"),
    [
        ("ghcr.io", {}, "https://ghcr.io"),
        ("docker.io", {}, "https://registry-1.docker.io"),
        ("registry.corp:5000", {}, "https://registry.corp:5000"),
        ("registry.corp:443", {}, "https://registry.corp"),
        ("registry.corp:5000", {"insecure": True}, "http://registry.corp:5000"),
        ("localhost:5000", {}, "http://localhost:5000"),
        ("127.0.0.1:5000", {}, "http://127.0.0.1:5000"),
        ("127.8.0.1:5000", {}, "https://127.8.0.1:5000"),
        ("[::1]:5000", {}, "http://[::1]:5000"),
        ("localhost:5000", {"ca_file": "ca.pem"}, "https://localhost:5000"),
        ("localhost.evil.example", {}, "https://localhost.evil.example"),
        ("127.0.0.1.evil.example", {}, "https://127.0.0.1.evil.example"),
    ],
)
def test_a_host_has_one_origin_and_plain_http_only_where_it_was_said(
    host: str, rule: dict[str, object], expected: str
) -> None:
    assert endpoint(host, RegistryRule(host=host, **rule), {}) == expected  # type: ignore[arg-type]


def test_the_demonstration_maps_a_host_to_its_own_registry() -> None:
    assert endpoint("ghcr.io", None, {"ghcr.io": "http://127.0.0.1:5000"}) == "http://127.0.0.1:5000"


def test_a_port_that_is_none_is_an_answer_not_a_crash() -> None:
    with pytest.raises(RegistryError) as refused:
        endpoint("registry.corp:99999", None, {})
    assert refused.value.code == "registry-unreachable"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "[::1]"])
def test_loopback_is_told_by_its_address(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["", "localhost.", "local", "0.0.0.0", "10.0.0.1", "127.1.2.3", "127.0.0.1.nip.io", "::2", "2130706433"]
)
def test_nothing_else_is_loopback(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("https://ghcr.io", True),
        ("http://127.0.0.1:5000", True),
        ("http://localhost", True),
        ("http://registry.corp", False),
        ("http://10.0.0.1:5000", False),
    ],
)
def test_a_credential_travels_encrypted_or_not_at_all(at: str, allowed: bool) -> None:
    assert may_carry_credentials(at) is allowed


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"',
            Challenge(scheme="bearer", realm="https://ghcr.io/token", service="ghcr.io"),
        ),
        (
            'bearer   Realm = "https://a/t" , SERVICE=b',
            Challenge(scheme="bearer", realm="https://a/t", service="b"),
        ),
        ('Bearer realm="a \\"quoted\\" realm"', Challenge(scheme="bearer", realm='a "quoted" realm')),
        ('Basic realm="Registry"', Challenge(scheme="basic", realm="Registry")),
        (
            'Basic realm="x", Bearer realm="https://a/t",service="b"',
            Challenge(scheme="bearer", realm="https://a/t", service="b"),
        ),
        ('Negotiate, Basic realm="x"', Challenge(scheme="basic", realm="x")),
        (
            'Bearer realm="https://a/t",scope="repository:a:pull,push",service="b"',
            Challenge(scheme="bearer", realm="https://a/t", service="b"),
        ),
        ("Bearer", Challenge(scheme="bearer")),
        ("Digest realm=x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_challenge_is_read_as_it_is_written(header: str | None, expected: Challenge | None) -> None:
    assert parse_challenge(header) == expected


@given(st.text(max_size=200))
def test_any_text_is_a_challenge_or_none(header: str) -> None:
    found = parse_challenge(header)
    assert found is None or found.scheme in {"basic", "bearer"}


REALMS = [
    ("ghcr.io", "https://ghcr.io", None, "https://ghcr.io/token"),
    ("ghcr.io", "https://ghcr.io", None, "https://GHCR.io:443/token"),
    ("docker.io", "https://registry-1.docker.io", None, "https://auth.docker.io/token"),
    ("registry.gitlab.com", "https://registry.gitlab.com", "https://gitlab.com", "https://gitlab.com/jwt/auth"),
    (
        "registry.gitlab.com",
        "https://registry.gitlab.com",
        "https://gitlab.com/jwt/auth",
        "https://gitlab.com/jwt/auth?a=b",
    ),
    ("localhost:5000", "http://localhost:5000", None, "http://localhost:5000/token"),
    ("localhost:5000", "http://localhost:5000", "http://localhost:5001", "http://localhost:5001/token"),
]


@pytest.mark.parametrize(("host", "at", "allowed", "realm"), REALMS)
def test_tokens_are_fetched_where_the_credential_was_meant_for(
    host: str, at: str, allowed: str | None, realm: str
) -> None:
    check_realm(realm, host=host, at=at, rule=RegistryRule(host=host, token_realm=allowed))


@pytest.mark.parametrize(
    ("host", "at", "allowed", "realm"),
    [
        ("ghcr.io", "https://ghcr.io", None, "https://evil.example/token"),
        ("ghcr.io", "https://ghcr.io", None, "http://ghcr.io/token"),
        ("ghcr.io", "https://ghcr.io", None, "https://ghcr.io:8443/token"),
        ("ghcr.io", "https://ghcr.io", None, "https://ghcr.io.evil.example/token"),
        ("ghcr.io", "https://ghcr.io", None, "https://ghcr.io@evil.example/token"),
        ("ghcr.io", "https://ghcr.io", None, "https://user:pw@ghcr.io/token"),
        ("ghcr.io", "https://ghcr.io", None, "https://evil.example\\@ghcr.io/token"),
        ("ghcr.io", "https://ghcr.io", None, "https://ghcr.io\n.evil.example/token"),
        ("ghcr.io", "https://ghcr.io", None, "//ghcr.io/token"),
        ("ghcr.io", "https://ghcr.io", None, "/token"),
        ("ghcr.io", "https://ghcr.io", None, "file:///etc/passwd"),
        ("ghcr.io", "https://ghcr.io", None, "https://[::1/token"),
        ("ghcr.io", "https://ghcr.io", None, ""),
        ("ghcr.io", "https://ghcr.io", None, "https://auth.docker.io/token"),
        ("docker.io", "http://127.0.0.1:1", None, "https://auth.docker.io/token"),
        ("docker.io", "https://registry-1.docker.io", None, "http://auth.docker.io/token"),
        ("registry.corp", "https://registry.corp", "https://auth.corp", "https://auth.corp:1/token"),
        ("registry.corp", "https://registry.corp", "https://auth.corp/token", "https://auth.corp/other"),
        ("localhost:5000", "http://localhost:5000", None, "http://localhost:5001/token"),
        ("registry.corp", "https://registry.corp", "http://auth.corp", "http://auth.corp/token"),
    ],
)
def test_a_realm_anywhere_else_is_refused(host: str, at: str, allowed: str | None, realm: str) -> None:
    with pytest.raises(RegistryError) as refused:
        check_realm(realm, host=host, at=at, rule=RegistryRule(host=host, token_realm=allowed))
    assert refused.value.code == "realm-refused"
    assert not refused.value.outage
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("before", range(150, 200, 7))
def test_a_secret_in_a_refused_realm_is_not_shown_in_part(before: int) -> None:
    secret = "s3cr3t-" + "x" * 40
    register_secret(secret)
    realm = f"https://auth.corp/{'p' * before}{secret}"
    with pytest.raises(RegistryError) as refused:
        check_realm(realm, host="registry.corp", at="https://registry.corp", rule=None)
    assert "s3c" not in str(refused.value)


def test_a_refused_realm_is_shown_without_its_query_and_with_what_to_do() -> None:
    with pytest.raises(RegistryError) as refused:
        check_realm("https://auth.corp/token?secret=1", host="registry.corp", at="https://registry.corp", rule=None)
    assert str(refused.value).endswith("set registries.registry.corp.token_realm: https://auth.corp/token")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        (KNOWN_CHALLENGES["https://ghcr.io"], "https://ghcr.io/token?service=ghcr.io&scope=repository:acme/api:pull"),
        (Challenge(scheme="bearer", realm="https://a/t"), "https://a/t?scope=repository:acme/api:pull"),
        (
            Challenge(scheme="bearer", realm="https://a/t?x=y#z", service="s p"),
            "https://a/t?x=y&service=s%20p&scope=repository:acme/api:pull",
        ),
        (
            Challenge(
                scheme="bearer",
                realm="https://a/t?scope=repository:acme/api:push&x=y&service=b&offline_token=true&client_id=c&SCOPE=d",
                service="s",
            ),
            "https://a/t?x=y&service=s&scope=repository:acme/api:pull",
        ),
    ],
)
def test_the_scope_is_ours_and_asks_for_pull_alone(challenge: Challenge, expected: str) -> None:
    assert token_url(challenge, Repository.parse("ghcr.io/acme/api")) == expected


@given(service=st.text(max_size=40))
def test_a_service_stays_one_parameter(service: str) -> None:
    url = token_url(Challenge(scheme="bearer", realm="https://a/t", service=service), Repository.parse("a.b/c"))
    assert [value for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if name == "scope"] == [
        "repository:c:pull"
    ]


@pytest.mark.parametrize(
    ("body", "token"),
    [(b'{"token": "abc.DEF-_~+/="}', "abc.DEF-_~+/="), (b'{"access_token": "abc", "expires_in": 300}', "abc")],
)
def test_a_token_is_read_from_either_name(body: bytes, token: str) -> None:
    assert parse_token(body) == token


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"token": ""}',
        b'{"token": 1}',
        b'{"token": "a\\r\\nX-Evil: 1"}',
        b'{"token": "a b"}',
        b"[" * 9999,
    ],
)
def test_what_could_break_a_header_is_no_token(body: bytes) -> None:
    with pytest.raises(RegistryError, match="token server"):
        parse_token(body)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://storage.example/blob?signature=1", "https://storage.example/blob?signature=1"),
        ("/v2/other/blobs/x", "https://ghcr.io/v2/other/blobs/x"),
        ("//storage.example/blob", "https://storage.example/blob"),
    ],
)
def test_a_blob_may_lie_elsewhere(location: str, expected: str) -> None:
    assert redirect_target("https://ghcr.io/v2/acme/api/blobs/x", location) == expected


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "http://storage.example/blob?signature=s3cret",
        "ftp://x/y",
        "https://u:s3cret@x/y",
        "https://[/?s3cret",
        "https://x/ y",
        "x" * 9000,
    ],
)
def test_a_redirect_never_leaves_https(location: str | None) -> None:
    with pytest.raises(RegistryError) as refused:
        redirect_target("https://ghcr.io/v2/acme/api/blobs/x", location)
    assert refused.value.code == "redirect-refused"
    assert "s3cret" not in str(refused.value)


def test_on_loopback_a_redirect_may_stay_plain() -> None:
    assert redirect_target("http://127.0.0.1:1/x", "http://127.0.0.1:2/y") == "http://127.0.0.1:2/y"


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"retry-after": "7"}, b"", 7.0),
        ({"retry-after": "0"}, b"", 0.0),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT"}, b"", 30.0),
        ({"retry-after": "Mon, 02 Nov 2026 09:00:00 GMT"}, b"", 0.0),
        ({"retry-after": "soon"}, b"", None),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:30"}, b"", None),
        ({"retry-after": "-7"}, b"", None),
        ({"retry-after": "\u0667"}, b"", None),
        ({}, b'{"errors":[{"message":"retry-after: 1.5s, allowed: 44000/minute"}]}', 1.5),
        ({}, b"retry-after: 1m30s", 90.0),
        ({}, b"retry-after: 250ms", 0.25),
        ({}, "retry-after: 5µs".encode(), 5e-6),
        ({}, b"try again", None),
    ],
)
def test_the_registry_says_how_long_to_wait(headers: dict[str, str], body: bytes, expected: float | None) -> None:
    assert stated_delay(headers, body, NOW) == pytest.approx(expected)


@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_answer_has_a_delay_or_none(header: str, body: bytes) -> None:
    found = stated_delay({"retry-after": header}, body, NOW)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("attempt", "stated", "jitter", "expected"),
    [(1, None, 0.0, 1.0), (2, None, 0.25, 2.25), (3, None, 0.0, 4.0), (1, 0.001, 0.5, 1.5), (3, 20.0, 0.0, 20.0)],
)
def test_a_wait_doubles_or_is_what_was_asked_but_never_less_than_a_second(
    attempt: int, stated: float | None, jitter: float, expected: float
) -> None:
    assert delay(attempt, stated, jitter) == expected


@pytest.mark.parametrize(
    ("status", "passing"),
    [(429, True), (500, True), (503, True), (599, True), (404, False), (401, False), (200, False)],
)
def test_only_what_can_pass_is_transient(status: int, passing: bool) -> None:
    assert is_transient_status(status) is passing


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"errors":[{"code":"DENIED","message":"denied"},{"code":"OTHER"}]}', "DENIED: denied"),
        (b'{"errors":[{"code":"DENIED"}]}', "DENIED"),
        (b'{"errors":[{"code":7}]}', ""),
        (b'{"errors":[]}', ""),
        (b'{"details":"incorrect username or password"}', "incorrect username or password"),
        (b'{"message":"no"}', "no"),
        (b"<html>", ""),
        (b"[]", ""),
        (b'{"errors":[{"message":"see https://s3/blob?X-Amz-Signature=s3cret now"}]}', "see https://s3/blob now"),
        (b'{"errors":[{"message":"two\\nlines \\u001b[31m"}]}', "two lines [31m"),
    ],
)
def test_what_a_registry_says_is_one_plain_line(body: bytes, expected: str) -> None:
    assert plain(explain(body)) == expected


@given(st.text())
def test_foreign_text_is_short_and_printable(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text)) <= 200


def test_long_foreign_text_takes_no_time() -> None:
    before = process_time()
    plain("http://" * 10_000)
    assert process_time() - before < 0.5


def test_an_answer_that_is_too_long_is_not_read() -> None:
    said = b'{"message": "no"}'
    assert explain(said + b" " * (64 * 1024 - len(said))) == "no"
    assert explain(said + b" " * (64 * 1024)) == ""


@pytest.mark.parametrize(
    "url", ["", "ghcr.io", "https://", "https://a b/", "https://a:x/", "ftp://a", "https://u@a", "https://a/\\"]
)
def test_what_is_no_plain_url_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        origin(url)
