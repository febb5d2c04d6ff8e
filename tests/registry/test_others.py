"""Other registries than GHCR: where each wants its tokens from, which helper knows its password, and proxies."""

import asyncio
import base64
import json
import shutil
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from bot.errors import ConfigError
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Current, Resolution, Unresolved
from bot.registry import Registries
from tests.registry.asking import OLD, lookup, opened, resolve
from tests.registry.listening import Proxy, certified, listening, proxying
from tests.registry.test_registries import current

TOKEN = "t0ken-opened"


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=True, assert_all_mocked=True) as router:
        yield router


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Write a Docker config with its helpers: program to user name and secret; gives the environment."""

    def write(helpers: dict[str, str], programs: dict[str, tuple[str, str]]) -> dict[str, str]:
        (tmp_path / "config.json").write_text(json.dumps({"credHelpers": helpers}))
        for name, (username, secret) in programs.items():
            program = tmp_path / f"docker-credential-{name}"
            answer = json.dumps({"ServerURL": "x", "Username": username, "Secret": secret})
            program.write_text(
                f"#!{shutil.which('sh')}\ntest \"$1\" = get || exit 9\ncat > {tmp_path}/asked\necho '{answer}'\n"
            )
            program.chmod(0o755)
        return {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}

    return write


def basic(username: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()


def challenging(challenge: str, opens: str) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == opens:
            return httpx.Response(200, headers={"Docker-Content-Digest": str(OLD)})
        return httpx.Response(401, headers={"WWW-Authenticate": challenge})

    return answer


# ---- token realms ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    """Where a repository lies, and what its registry's challenge says."""

    reference: str
    at: str
    realm: str
    service: str
    scope: str
    token_realm: str | None = None


HUB = ("https://auth.docker.io/token", "registry.docker.io")
HOMES = [
    Home("redis", "registry-1.docker.io/v2/library/redis", *HUB, "repository:library/redis:pull"),
    Home("grafana/loki", "registry-1.docker.io/v2/grafana/loki", *HUB, "repository:grafana/loki:pull"),
    Home("quay.io/acme/api", "quay.io/v2/acme/api", "https://quay.io/v2/auth", "quay.io", "repository:acme/api:pull"),
    Home(
        "registry.gitlab.com/acme/api",
        "registry.gitlab.com/v2/acme/api",
        "https://gitlab.com/jwt/auth",
        "container_registry",
        "repository:acme/api:pull",
        token_realm="https://gitlab.com",
    ),
    Home(
        "public.ecr.aws/acme/api",
        "public.ecr.aws/v2/acme/api",
        "https://public.ecr.aws/token/",
        "public.ecr.aws",
        "repository:acme/api:pull",
    ),
]


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.reference)
@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "with a credential"])
def test_tokens_come_from_the_realm_of_each(web: respx.MockRouter, home: Home, anonymous: bool) -> None:
    asked = lookup(f"{home.reference}:main", known=[OLD])
    rule = RegistryRule(
        host=asked.repository.host,
        token_realm=home.token_realm,
        token_env=None if anonymous else "BUMP_REGISTRY_X",
        username="bot",
    )
    main = web.head(f"https://{home.at}/manifests/main").mock(
        side_effect=challenging(f'Bearer realm="{home.realm}",service="{home.service}",scope="x"', f"Bearer {TOKEN}")
    )
    tokens = web.get(url__startswith=home.realm).respond(json={"token": TOKEN})
    assert resolve(opened(rule, environ={"BUMP_REGISTRY_X": "s3cret"}), asked) == Current(digest=OLD)
    assert dict(tokens.calls.last.request.url.params) == {"service": home.service, "scope": home.scope}
    sent = tokens.calls.last.request.headers.get("Authorization")
    assert sent == (None if anonymous else basic("bot", "s3cret"))
    assert [call.request.headers.get("Authorization") for call in main.calls] == [None, f"Bearer {TOKEN}"]


def test_gitlab_without_its_realm_says_what_to_set(web: respx.MockRouter) -> None:
    challenge = 'Bearer realm="https://gitlab.com/jwt/auth",service="container_registry"'
    web.head("https://registry.gitlab.com/v2/acme/api/manifests/main").respond(
        401, headers={"WWW-Authenticate": challenge}
    )
    answer = resolve(opened(), lookup("registry.gitlab.com/acme/api:main", known=[OLD]))
    assert isinstance(answer, Unresolved)
    assert answer.code == "realm-refused"
    assert answer.message.endswith("set registries.registry.gitlab.com.token_realm: https://gitlab.com/jwt/auth")


# ---- helpers of the clouds ------------------------------------------------------------------------------------------


def test_ecr_takes_what_its_helper_says_as_basic(
    web: respx.MockRouter, stored: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    environ = stored({host: "ecr-login"}, {"ecr-login": ("AWS", "of-ecr")})
    main = web.head(f"https://{host}/v2/acme/api/manifests/main").mock(
        side_effect=challenging(f'Basic realm="https://{host}/",service="ecr.amazonaws.com"', basic("AWS", "of-ecr"))
    )
    assert resolve(opened(environ=environ), lookup(f"{host}/acme/api:main", known=[OLD])) == Current(digest=OLD)
    assert main.call_count == 2
    assert (tmp_path / "asked").read_text() == host


def test_gar_takes_what_its_helper_says_at_its_token_server(
    web: respx.MockRouter, stored: Callable[..., dict[str, str]]
) -> None:
    host = "europe-docker.pkg.dev"
    environ = stored({host: "gcloud"}, {"gcloud": ("_dcgcloud_token", "of-gar")})
    web.head(f"https://{host}/v2/acme/images/api/manifests/main").mock(
        side_effect=challenging(f'Bearer realm="https://{host}/v2/token",service="{host}"', f"Bearer {TOKEN}")
    )
    tokens = web.get(url__startswith=f"https://{host}/v2/token").respond(json={"token": TOKEN})
    assert resolve(opened(environ=environ), lookup(f"{host}/acme/images/api:main", known=[OLD])) == Current(digest=OLD)
    assert tokens.calls.last.request.headers["Authorization"] == basic("_dcgcloud_token", "of-gar")


ACR = "acme.azurecr.io"
ACR_CHALLENGE = f'Bearer realm="https://{ACR}/oauth2/token",service="{ACR}",scope="x"'


def test_acr_trades_the_identity_token_of_its_helper(
    web: respx.MockRouter, stored: Callable[..., dict[str, str]]
) -> None:
    environ = stored({ACR: "acr-env"}, {"acr-env": ("<token>", "identity/+&=")})
    web.head(f"https://{ACR}/v2/api/manifests/main").mock(side_effect=challenging(ACR_CHALLENGE, f"Bearer {TOKEN}"))
    traded = web.post(f"https://{ACR}/oauth2/token").respond(json={"access_token": TOKEN, "refresh_token": "other"})
    assert resolve(opened(environ=environ), lookup(f"{ACR}/api:main", known=[OLD])) == Current(digest=OLD)
    request = traded.calls.last.request
    assert "Authorization" not in request.headers
    assert {name: value for name, (value,) in parse_qs(request.content.decode()).items()} == {
        "grant_type": "refresh_token",
        "service": ACR,
        "client_id": "bump",
        "scope": "repository:api:pull",
        "refresh_token": "identity/+&=",
    }


def test_an_identity_token_that_is_refused_is_left_out_and_named(
    web: respx.MockRouter, stored: Callable[..., dict[str, str]]
) -> None:
    environ = stored({ACR: "acr-env"}, {"acr-env": ("<token>", "identity-s3cret")})
    web.head(f"https://{ACR}/v2/api/manifests/main").mock(side_effect=challenging(ACR_CHALLENGE, f"Bearer {TOKEN}"))
    echo = {"errors": [{"code": "UNAUTHORIZED", "message": "identity-s3cret is no token"}]}
    web.post(f"https://{ACR}/oauth2/token").respond(401, json=echo)
    web.get(url__startswith=f"https://{ACR}/oauth2/token").respond(401, json=echo)
    answer = resolve(opened(environ=environ), lookup(f"{ACR}/api:main", known=[OLD]))
    assert isinstance(answer, Unresolved)
    assert answer.code == "access-denied"
    assert "with the credential from Docker config (docker-credential-acr-env), and without one" in answer.message
    assert "s3cret" not in answer.message


def test_an_identity_token_is_no_password(web: respx.MockRouter, stored: Callable[..., dict[str, str]]) -> None:
    environ = stored({"registry.corp": "x"}, {"x": ("<token>", "identity")})
    main = web.head("https://registry.corp/v2/a/b/manifests/main").respond(401, headers={"WWW-Authenticate": "Basic"})
    answer = resolve(opened(environ=environ), lookup("registry.corp/a/b:main", known=[OLD]))
    assert isinstance(answer, Unresolved)
    assert answer.code == "access-denied"
    assert not any("Authorization" in call.request.headers for call in main.calls)


# ---- plain http -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("host", "sent"), [("localhost:5000", basic("bot", "s3cret")), ("registry.corp:5000", None)])
def test_plain_http_gets_a_credential_on_loopback_alone(web: respx.MockRouter, host: str, sent: str | None) -> None:
    rule = RegistryRule(host=host, insecure=True, token_env="BUMP_REGISTRY_X", username="bot")
    main = web.head(f"http://{host}/v2/acme/api/manifests/main").mock(
        side_effect=challenging("Basic", basic("bot", "s3cret"))
    )
    resolve(opened(rule, environ={"BUMP_REGISTRY_X": "s3cret"}), lookup(f"{host}/acme/api:main", known=[OLD]))
    assert main.calls.last.request.headers.get("Authorization") == sent
    assert {call.request.url.scheme for call in web.calls} == {"http"}


def test_no_token_server_gets_a_password_in_clear_text(web: respx.MockRouter) -> None:
    rule = RegistryRule(host="registry.corp", insecure=True, token_env="BUMP_REGISTRY_X")
    web.head("http://registry.corp/v2/acme/api/manifests/main").mock(
        side_effect=challenging('Bearer realm="http://registry.corp/auth"', f"Bearer {TOKEN}")
    )
    tokens = web.get(url__startswith="http://registry.corp/auth").respond(json={"token": TOKEN})
    asked = lookup("registry.corp/acme/api:main", known=[OLD])
    assert resolve(opened(rule, environ={"BUMP_REGISTRY_X": "s3cret"}), asked) == Current(digest=OLD)
    assert "Authorization" not in tokens.calls.last.request.headers


# ---- proxies --------------------------------------------------------------------------------------------------------

NEAR = "127.0.0.2"  # is on this machine, and none of the names that are kept from a proxy


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def through(
    surroundings: pytest.MonkeyPatch, root: Path, *, address: str = NEAR, no_proxy: str = "", refuses: bool = False
) -> tuple[Resolution, Proxy, str]:
    context: ssl.SSLContext = certified(root, (NEAR, "127.0.0.1"))

    async def ask() -> tuple[Resolution, Proxy, str]:
        async with listening(current, context, address=address) as host, proxying(refuses=refuses) as proxy:
            surroundings.setenv("HTTPS_PROXY", f"http://user:proxy-s3cret@{proxy.host}")
            surroundings.setenv("NO_PROXY", no_proxy)
            rule = RegistryRule(host=host, ca_file="ca.pem", token_env="BUMP_REGISTRY_X")
            async with opened(rule, environ={"BUMP_REGISTRY_X": "s3cret"}, root=root) as registries:
                return await registries.resolve(lookup(f"{host}/acme/api:main", known=[OLD])), proxy, host

    try:
        return asyncio.run(ask())
    except OSError:
        pytest.skip(f"{NEAR} is no address here")


def test_a_registry_is_asked_through_the_proxy_whatever_its_authority(
    surroundings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer, proxy, host = through(surroundings, tmp_path)
    assert answer == Current(digest=OLD)
    assert proxy.tunnels == [host]
    assert "s3cret" not in proxy.heads[0].replace("proxy-s3cret", "")
    assert basic("user", "proxy-s3cret") in proxy.heads[0]


def test_but_not_where_no_proxy_names_it(surroundings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer, proxy, _ = through(surroundings, tmp_path, no_proxy=f"example.com,{NEAR}")
    assert (answer, proxy.heads) == (Current(digest=OLD), [])


def test_and_never_on_loopback(surroundings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer, proxy, _ = through(surroundings, tmp_path, address="127.0.0.1")
    assert (answer, proxy.heads) == (Current(digest=OLD), [])


def test_a_proxy_that_refuses_is_an_outage(surroundings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer, proxy, host = through(surroundings, tmp_path, refuses=True)
    assert isinstance(answer, Unresolved)
    assert (answer.code, answer.outage, len(proxy.heads)) == ("registry-unreachable", True, 4)
    assert f"{host} cannot be reached through the proxy (4 attempts)" in answer.message
    assert "s3cret" not in answer.message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALL_PROXY", "socks5://user:s3cret@127.0.0.1:1", "a SOCKS proxy is not supported"),
        ("HTTPS_PROXY", "ftp://user:s3cret@127.0.0.1:1", "expected http://host:port"),
        ("HTTPS_PROXY", "http://user:s3cret@[::1", "expected http://host:port"),
        ("NO_PROXY", "[::1", "expected http://host:port, and a list of hosts"),
    ],
)
def test_a_proxy_that_is_none_is_an_error_that_names_the_variables(
    surroundings: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    surroundings.setenv(name, value)

    async def ask() -> None:
        async with Registries({}, {}):
            pass

    with pytest.raises(ConfigError, match=r"^HTTPS_PROXY, HTTP_PROXY, ALL_PROXY") as raised:
        asyncio.run(ask())
    assert said in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None
