"""A GitHub App as a credential: found, narrowed, renewed, kept secret, and told what it lacks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.errors import CredentialError, Outage
from bot.log import redact
from bot.pulls.access import AppKey
from bot.pulls.api import Api
from bot.pulls.app import App
from bot.pulls.credentials import Credentials, open_credentials
from tests.commands.gitops import NO_PAUSE
from tests.doubles.github_api import Answer, GitHubDouble, on_operation
from tests.doubles.github_api.apps import private_pem

WRITES = {"contents": "write", "metadata": "read", "pull_requests": "write"}
HEAD = "/git/ref/heads/main"


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.seed({"a": b"1"})
        yield made


def opened(double: GitHubDouble, repository: str = "acme/gitops", **more: str) -> Credentials:
    environ = {
        "GITHUB_API_URL": double.url,
        "BUMP_GITHUB_APP_ID": "4711",
        "BUMP_GITHUB_APP_PRIVATE_KEY": private_pem(),
        **more,
    }
    return open_credentials(environ, repository=repository, terminal=False, pace=NO_PAUSE)


def made_tokens(double: GitHubDouble) -> list[object]:
    return [one.body for one in double.requests if one.operation == "apps/create-installation-access-token"]


def test_the_token_is_narrowed_to_the_repository_and_to_what_is_needed(double: GitHubDouble) -> None:
    double.add_repository("acme/secrets", private=True)
    installed = double.install("acme/gitops", "acme/secrets")
    installed.permissions = {**WRITES, "issues": "write", "checks": "write", "workflows": "write"}  # type: ignore[dict-item]
    access = opened(double).git
    assert (access.origin, access.kind) == ("the App 4711", "app")

    assert Api(access, "acme/gitops", pace=NO_PAUSE).get(HEAD)

    assert made_tokens(double) == [
        {"permissions": {**WRITES, "issues": "write", "checks": "read"}, "repositories": ["gitops"]}
    ]
    with pytest.raises(Exception, match="check the name, and that the App is installed on it"):
        Api(access, "acme/secrets", pace=NO_PAUSE).get(HEAD)


def test_one_token_serves_until_shortly_before_it_ends(double: GitHubDouble) -> None:
    double.install("acme/gitops")
    clock = Clock()
    double.set_clock(clock)
    app = App(AppKey(id="4711", key=private_pem(), api_url=double.url), pace=NO_PAUSE, now=clock)
    api = Api(app.writing("acme/gitops"), "acme/gitops", pace=NO_PAUSE)
    for minutes, tokens in ((0, 1), (54, 1), (2, 2), (54, 2)):
        clock.time += timedelta(minutes=minutes)
        api.get(HEAD)
        assert len(made_tokens(double)) == tokens


def test_one_that_github_took_back_is_made_again(double: GitHubDouble) -> None:
    double.install("acme/gitops")
    api = Api(opened(double).git, "acme/gitops", pace=NO_PAUSE)
    api.get(HEAD)
    for token in [one for one in double.tokens if one.startswith("ghs_")]:
        del double.tokens[token]
    api.write("POST", "/git/trees", {"tree": [{"path": "x", "mode": "100644", "type": "blob", "content": "1"}]})
    assert len(made_tokens(double)) == 2


def test_nothing_of_it_is_shown(double: GitHubDouble) -> None:
    double.install("acme/gitops")
    access = opened(double).git
    Api(access, "acme/gitops", pace=NO_PAUSE).get(HEAD)
    sent = {one.headers["authorization"].partition(" ")[2] for one in double.requests}
    assert len(sent) >= 2
    assert private_pem() not in redact(f"{private_pem()}{access!r}")
    for line in private_pem().splitlines()[1:-1]:
        assert line not in redact(line) or len(line) < 16
    for secret in sent:
        assert redact(f"<{secret}>") == "<***>"
        assert secret not in repr(access)


def test_another_token_reads_the_sources_of_one_owner(double: GitHubDouble) -> None:
    for name in ("acme/api", "acme/web", "acme/hidden"):
        double.add_repository(name, private=True)
        double.seed({"a": b"1"}, repository=name)
    double.install("acme/gitops", "acme/api", "acme/web")
    credentials = opened(double)
    api, web = credentials.source("acme/api"), credentials.source("Acme/web")
    assert api is web
    for name in ("acme/api", "acme/web"):
        assert Api(api, name, pace=NO_PAUSE).get(HEAD)
    assert made_tokens(double) == [{"permissions": {"contents": "read", "metadata": "read"}}]
    with pytest.raises(Exception, match="not allowed to the token from the App 4711"):
        Api(api, "acme/api", pace=NO_PAUSE).write("POST", "/git/trees", {"tree": []})
    assert credentials.source("other/tool") is credentials.git


def test_a_token_for_sources_comes_first_and_gits_own_last(double: GitHubDouble) -> None:
    double.install("acme/gitops")
    set_for_it = opened(double, BUMP_SOURCE_TOKEN="a-source-token").source("acme/api")
    assert (set_for_it.bearer(), set_for_it.origin) == ("a-source-token", "BUMP_SOURCE_TOKEN")
    double.requests.clear()
    environ = {"BUMP_GITHUB_TOKEN": "a-git-token", "GITHUB_API_URL": double.url}
    plain = open_credentials(environ, repository="acme/gitops", terminal=False, pace=NO_PAUSE)
    assert plain.source("acme/api") is plain.git
    assert double.requests == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"repositories": frozenset({"acme/api"})}, "the App 4711 is not installed there .*Install App"),
        ({"suspended": True}, "installation of the App 4711 is suspended; unsuspend it"),
        (
            {"permissions": {"contents": "write", "metadata": "read", "pull_requests": "read"}},
            "may not do enough there; give the App 'Pull requests: read and write' in its settings",
        ),
        ({"id": "4712"}, "GitHub answered|not installed"),
    ],
    ids=["not installed", "suspended", "a permission is missing", "the key of another App"],
)
def test_what_is_wrong_with_the_installation_is_told(
    double: GitHubDouble, change: dict[str, object], words: str
) -> None:
    installed = double.install("acme/gitops")
    for name, value in change.items():
        setattr(installed, name, value)
    with pytest.raises(CredentialError, match=words):
        opened(double)


def test_a_key_that_is_not_the_apps_is_told(double: GitHubDouble) -> None:
    double.faults = on_operation(
        "apps/get-repo-installation", *[Answer(status=401, body={"message": "could not be decoded"})] * 2
    )
    with pytest.raises(
        CredentialError, match=r"APP_PRIVATE_KEY: GitHub refused it .*one of this App's, and this machine"
    ):
        opened(double)


def test_an_outage_is_one(double: GitHubDouble) -> None:
    double.faults = lambda _: Answer(status=502)
    with pytest.raises(Outage, match="acme/gitops: App installation: GitHub answered 502"):
        opened(double)


@pytest.mark.parametrize("answer", [{"token": "ghs_x"}, {"token": "ghs_x", "expires_at": "soon"}, {"expires_at": "x"}])
def test_a_token_of_no_sense_is_an_outage(double: GitHubDouble, answer: dict[str, str]) -> None:
    double.install("acme/gitops")
    credentials = opened(double)
    double.faults = lambda _: Answer(status=201, body=answer)
    with pytest.raises(Outage, match="in its answer; try again later"):
        credentials.git.bearer()


def _ec() -> str:
    return generate_ec(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("-----BEGIN RSA PRIVATE KEY-----\nbm90IGEga2V5\n-----END RSA PRIVATE KEY-----", id="no key in it"),
        pytest.param("".join(private_pem().splitlines(keepends=True)[:5]) + "-----END RSA PRIVATE KEY-----", id="cut"),
        pytest.param(_ec(), id="another kind of key"),
    ],
)
def test_a_key_that_signs_nothing_is_told(double: GitHubDouble, key: str) -> None:
    with pytest.raises(CredentialError, match="not a whole RSA key") as caught:
        opened(double, BUMP_GITHUB_APP_PRIVATE_KEY=key)
    assert "bm90" not in str(caught.value)
    assert double.requests == []
