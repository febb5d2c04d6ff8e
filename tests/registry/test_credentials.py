"""Which credential is found, where it may go, and that it is never shown."""

import asyncio
import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.errors import CredentialError
from bot.log import redact
from bot.planning.environment import RegistryRule
from bot.registry.credentials import Anonymous, Credential, Identity, credential_for


def find(
    host: str, environ: Mapping[str, str], *, at: str = "", token_env: str | None = None, username: str | None = None
) -> Identity:
    rule = RegistryRule(host=host, token_env=token_env, username=username)
    return asyncio.run(credential_for(host, at=at or f"https://{host}", rule=rule, environ=environ))


def source(identity: Identity) -> str:
    return identity.source


def docker(folder: Path, document: object) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps(document))
    return {"DOCKER_CONFIG": str(folder), "PATH": str(folder)}


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


EVERYTHING = {
    "BUMP_REGISTRY_CORP": "corp-secret",
    "GHCR_TOKEN": "ghcr-secret",
    "GITHUB_TOKEN": "github-secret",
    "GITHUB_ACTIONS": "true",
}


@pytest.mark.parametrize(
    ("host", "environ", "rule", "expected"),
    [
        ("ghcr.io", EVERYTHING, {}, "GHCR_TOKEN"),
        ("ghcr.io", EVERYTHING, {"token_env": "BUMP_REGISTRY_CORP"}, "BUMP_REGISTRY_CORP"),
        ("ghcr.io", EVERYTHING | {"GHCR_TOKEN": " "}, {}, "GITHUB_TOKEN"),
        ("ghcr.io", {"GITHUB_TOKEN": "github-secret"}, {}, "no credential"),
        ("ghcr.io", {"GITHUB_TOKEN": "github-secret", "GITHUB_ACTIONS": "false"}, {}, "no credential"),
        ("ghcr.io", {}, {}, "no credential"),
        ("quay.io", EVERYTHING, {}, "no credential"),
        ("ghcr.io:8443", EVERYTHING, {}, "no credential"),
        ("quay.io", EVERYTHING, {"token_env": "GHCR_TOKEN"}, "GHCR_TOKEN"),
    ],
)
def test_the_order_in_which_credentials_are_found(
    host: str, environ: Mapping[str, str], rule: dict[str, str], expected: str
) -> None:
    assert source(find(host, environ, **rule)) == expected


def test_the_docker_config_comes_between(tmp_path: Path) -> None:
    environ = docker(tmp_path, {"auths": {"ghcr.io": auth("me:stored-secret")}})
    assert source(find("ghcr.io", EVERYTHING | environ)) == "GHCR_TOKEN"
    without = {name: value for name, value in EVERYTHING.items() if name != "GHCR_TOKEN"}
    assert find("ghcr.io", without | environ) == Credential(
        source="Docker config (auths)", username="me", secret="stored-secret"
    )


@pytest.mark.parametrize(
    ("environ", "rule", "username"),
    [
        ({}, {}, "x-access-token"),
        ({"GITHUB_ACTOR": "octocat"}, {}, "octocat"),
        ({"GITHUB_ACTOR": "octocat"}, {"token_env": "GHCR_TOKEN", "username": "bot"}, "bot"),
    ],
)
def test_the_user_of_a_token(environ: Mapping[str, str], rule: dict[str, str], username: str) -> None:
    found = find("ghcr.io", {"GHCR_TOKEN": "ghcr-secret", **environ}, **rule)
    assert isinstance(found, Credential)
    assert found.username == username


@pytest.mark.parametrize("environ", [{}, {"BUMP_REGISTRY_CORP": ""}, {"BUMP_REGISTRY_CORP": " \n"}])
def test_a_named_variable_that_is_empty_is_an_error_that_names_it(environ: Mapping[str, str]) -> None:
    with pytest.raises(CredentialError, match=r"^registries\.registry\.corp\.token_env: BUMP_REGISTRY_CORP is empty"):
        find("registry.corp", environ, token_env="BUMP_REGISTRY_CORP")


@pytest.mark.parametrize(
    "name", ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "BUMP_GITHUB_TOKEN", "BUMP_REGISTRY_", "GHCR_TOKEN\n"]
)
def test_a_configuration_cannot_send_any_other_variable(name: str) -> None:
    with pytest.raises(CredentialError) as refused:
        find("registry.corp", {name: "s3cret"}, token_env=name)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "at"), [("registry.corp", "http://registry.corp"), ("10.0.0.1:5000", "http://10.0.0.1:5000")]
)
def test_nothing_is_sent_in_clear_text(host: str, at: str) -> None:
    found = find(host, EVERYTHING, at=at, token_env="BUMP_REGISTRY_CORP")
    assert found == Anonymous(reason="credentials are not sent in clear text")


def test_plain_http_on_loopback_gets_one() -> None:
    found = find("localhost:5000", EVERYTHING, at="http://localhost:5000", token_env="BUMP_REGISTRY_CORP")
    assert source(found) == "BUMP_REGISTRY_CORP"


def test_a_credential_is_never_shown() -> None:
    found = find("ghcr.io", {"GHCR_TOKEN": "s3cret-value"})
    assert isinstance(found, Credential)
    for shown in (repr(found), str(found), f"{found!r:>200}", repr([found])):
        assert "s3cret-value" not in shown
    for secret in ("s3cret-value", found.basic, base64.b64encode(b"s3cret-value").decode()):
        assert redact(f"<{secret}>") in {"<***>", "<Basic ***>"}


def test_basic_is_user_colon_secret() -> None:
    assert Credential(source="x", username="bot", secret="pässword").basic == "Basic Ym90OnDDpHNzd29yZA=="


@pytest.mark.parametrize(
    ("host", "rule", "environ", "named"),
    [
        ("quay.io", {"token_env": "BUMP_REGISTRY_CORP"}, {"BUMP_REGISTRY_CORP": "s3cret\udcff"}, "BUMP_REGISTRY_CORP"),
        ("ghcr.io", {}, {"GHCR_TOKEN": "s3cret\udcff"}, "GHCR_TOKEN"),
        ("ghcr.io", {}, {"GITHUB_TOKEN": "s3cret\udcff", "GITHUB_ACTIONS": "true"}, "GITHUB_TOKEN"),
        ("ghcr.io", {}, {"GHCR_TOKEN": "s3cret", "GITHUB_ACTOR": "\udcff"}, "GITHUB_ACTOR"),
    ],
)
def test_bytes_that_are_no_text_are_refused_by_their_variables_name(
    host: str, rule: dict[str, str], environ: Mapping[str, str], named: str
) -> None:
    with pytest.raises(CredentialError, match=named) as raised:
        find(host, environ, **rule)
    assert "s3cret" not in str(raised.value)


def test_what_is_stored_and_no_text_cannot_be_used(tmp_path: Path) -> None:
    environ = docker(tmp_path, {"auths": {"ghcr.io": {"username": "me", "password": "s3cret\ud800"}}})
    assert source(find("ghcr.io", environ)) == (
        "no credential (Docker config (auths) cannot be used: it holds no plain text)"
    )
    actions = {"GITHUB_TOKEN": "github-secret", "GITHUB_ACTIONS": "true"}
    assert source(find("ghcr.io", environ | actions)) == "GITHUB_TOKEN"
