"""What `docker login` stored: for exactly that host, and through helpers that may be slow, missing or broken."""

import asyncio
import base64
import json
import shutil
import time
from pathlib import Path

import pytest

from bot.registry.docker_config import Stored, from_docker_config


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def find(folder: Path, document: object, host: str = "ghcr.io", *, seconds: float = 20, **environ: str) -> Stored | str:
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "config.json").write_text(text)
    surroundings = {"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:/usr/bin:/bin", **environ}
    return asyncio.run(from_docker_config(host, surroundings, helper_seconds=seconds))


def helper(folder: Path, name: str, script: str) -> None:
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    program.chmod(0o755)


STORED = Stored(source="Docker config (auths)", username="me", secret="stored")


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://ghcr.io", "ghcr.io"),
        ("https://ghcr.io/", "ghcr.io"),
        ("https://ghcr.io/v2/", "ghcr.io"),
        ("https://GHCR.io", "ghcr.io"),
        ("registry.corp:5000", "registry.corp:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
    ],
)
def test_an_entry_counts_for_its_host(tmp_path: Path, key: str, host: str) -> None:
    assert find(tmp_path, {"auths": {key: auth("me:stored")}}, host) == STORED


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("ghcr.io", "ghcr.io:8443"),
        ("ghcr.io:8443", "ghcr.io"),
        ("ghcr.io", "evil-ghcr.io"),
        ("ghcr.io.evil.example", "ghcr.io"),
        ("https://user@ghcr.io", "ghcr.io"),
        ("https://ghcr.io/acme", "ghcr.io"),
        ("https://[/", "ghcr.io"),
        ("", "ghcr.io"),
    ],
)
def test_and_for_no_other(tmp_path: Path, key: str, host: str) -> None:
    assert find(tmp_path, {"auths": {key: auth("me:stored")}}, host) == ""


@pytest.mark.parametrize(
    "entry",
    [auth("me:stored"), auth("me:stored\0\0"), {"username": "me", "password": "stored"}],
)
def test_an_entry_is_one_text_or_two(tmp_path: Path, entry: dict[str, str]) -> None:
    assert find(tmp_path, {"auths": {"ghcr.io": entry}}) == STORED


def test_a_secret_may_hold_colons(tmp_path: Path) -> None:
    found = find(tmp_path, {"auths": {"ghcr.io": auth("me:a:b")}})
    assert isinstance(found, Stored)
    assert (found.username, found.secret) == ("me", "a:b")


@pytest.mark.parametrize(
    "entry",
    [{}, {"auth": ""}, {"auth": "not base64!"}, auth("only-a-user"), auth(":secret"), {"auth": 7}, None, "text"],
)
def test_an_entry_without_a_credential_is_none(tmp_path: Path, entry: object) -> None:
    assert find(tmp_path, {"auths": {"ghcr.io": entry}}) == ""


def test_an_identity_token_is_one_wherever_it_is_stored(tmp_path: Path) -> None:
    """As `az acr login` stores it, and as Azure's helper gives it out."""
    stored = find(
        tmp_path, {"auths": {"acme.azurecr.io": {**auth("0000:"), "identitytoken": "idt"}}}, "acme.azurecr.io"
    )
    helper(tmp_path, "test", """echo '{"Username": "<token>", "Secret": "idt"}'""")
    given = find(tmp_path, {"credsStore": "test"}, "acme.azurecr.io")
    for found in (stored, given):
        assert isinstance(found, Stored)
        assert (found.identity_token, found.secret) == (True, "idt")
    assert isinstance(usual := find(tmp_path, {"auths": {"ghcr.io": auth("me:stored")}}), Stored)
    assert not usual.identity_token


@pytest.mark.parametrize("document", ["", "[]", "{", "[" * 100_000, '"text"', json.dumps("x" * 1024 * 1024)])
def test_a_broken_file_is_a_reason_not_a_crash(tmp_path: Path, document: str) -> None:
    assert find(tmp_path, document) == "the Docker config file cannot be read"


def test_no_file_and_no_home_are_nothing(tmp_path: Path) -> None:
    assert asyncio.run(from_docker_config("ghcr.io", {})) == ""
    assert asyncio.run(from_docker_config("ghcr.io", {"HOME": str(tmp_path)})) == ""


def test_the_file_is_found_below_home(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"auths": {"ghcr.io": auth("me:stored")}}))
    assert asyncio.run(from_docker_config("ghcr.io", {"HOME": str(tmp_path)})) == STORED


# ---- helpers --------------------------------------------------------------------------------------------------------

ANSWERS = """test "$1" = get || exit 9
read -r server
echo "{\\"ServerURL\\": \\"$server\\", \\"Username\\": \\"$server\\", \\"Secret\\": \\"from-helper\\"}\""""


@pytest.mark.parametrize(("host", "server"), [("ghcr.io", "ghcr.io"), ("docker.io", "https://index.docker.io/v1/")])
@pytest.mark.parametrize("named", ["credsStore", "credHelpers"])
def test_a_helper_is_asked_for_the_host(tmp_path: Path, named: str, host: str, server: str) -> None:
    helper(tmp_path, "test", ANSWERS)
    document: dict[str, object] = {"credsStore": "test"} if named == "credsStore" else {"credHelpers": {host: "test"}}
    assert find(tmp_path, document, host) == Stored(
        source="Docker config (docker-credential-test)", username=server, secret="from-helper"
    )


def test_the_helper_of_the_host_comes_before_the_one_of_all(tmp_path: Path) -> None:
    helper(tmp_path, "mine", ANSWERS)
    helper(tmp_path, "all", "exit 9")
    found = find(tmp_path, {"credsStore": "all", "credHelpers": {"ghcr.io": "mine"}})
    assert isinstance(found, Stored)
    assert found.source == "Docker config (docker-credential-mine)"


def test_an_empty_helper_of_the_host_keeps_the_one_of_all_away(tmp_path: Path) -> None:
    helper(tmp_path, "all", ANSWERS)
    document = {"credsStore": "all", "credHelpers": {"ghcr.io": ""}}
    assert find(tmp_path, document) == ""
    assert find(tmp_path, document | {"auths": {"ghcr.io": auth("me:stored")}}) == STORED
    assert isinstance(find(tmp_path, document, "quay.io"), Stored)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo credentials not found in native keychain; exit 1", ""),
        ("echo broken; exit 1", "docker-credential-test failed with status 1"),
        ("echo nonsense", "docker-credential-test gave no user name and secret"),
        ("""echo '{"Username": "me"}'""", "docker-credential-test gave no user name and secret"),
    ],
)
def test_a_helper_that_does_not_help_is_a_reason(tmp_path: Path, script: str, reason: str) -> None:
    helper(tmp_path, "test", script)
    assert find(tmp_path, {"credsStore": "test"}) == reason


def test_what_a_helper_does_not_have_may_stand_in_the_file(tmp_path: Path) -> None:
    helper(tmp_path, "test", "exit 1")
    assert find(tmp_path, {"credsStore": "test", "auths": {"ghcr.io": auth("me:stored")}}) == STORED


@pytest.mark.parametrize("waits", ["exec sleep 60", "sleep 60", "sleep 60 & wait", "sleep 60 & exit"])
def test_a_helper_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path, waits: str) -> None:
    helper(tmp_path, "test", f"echo $$ > {tmp_path}/pid; {waits}")
    started = time.monotonic()
    assert find(tmp_path, {"credsStore": "test"}, seconds=0.2) == "docker-credential-test did not answer within 0.2 s"
    assert time.monotonic() - started < 10
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


@pytest.mark.parametrize("name", ["../evil", "a b", "", "-x", "a;b", "A", "x\n", 7])
def test_a_helper_is_a_plain_name(tmp_path: Path, name: object) -> None:
    found = find(tmp_path, {"credHelpers": {"ghcr.io": name}})
    assert found in {"", "the Docker config file names a credential helper that is not a plain name"}


def test_a_missing_helper_and_one_that_cannot_start(tmp_path: Path) -> None:
    assert find(tmp_path, {"credsStore": "absent"}) == "docker-credential-absent is not on PATH"
    (tmp_path / "docker-credential-broken").write_bytes(b"\x7fELF")
    (tmp_path / "docker-credential-broken").chmod(0o755)
    assert find(tmp_path, {"credsStore": "broken"}) == "docker-credential-broken cannot be started"


def test_a_helper_of_the_working_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, "test", ANSWERS)
    monkeypatch.chdir(tmp_path)
    assert find(tmp_path, {"credsStore": "test"}, PATH=".:") == "docker-credential-test is not on PATH"


@pytest.mark.parametrize(
    "name",
    [
        "BUMP_GITHUB_TOKEN",
        "BUMP_REGISTRY_CORP",
        "GHCR_TOKEN",
        "GITHUB_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "GH_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ],
)
def test_a_helper_does_not_see_our_variables(tmp_path: Path, name: str) -> None:
    helper(tmp_path, "test", f"env > {tmp_path}/seen; {ANSWERS}")
    find(tmp_path, {"credsStore": "test"}, AWS_PROFILE="prod", **{name: "s3cret"})  # type: ignore[arg-type]
    seen = (tmp_path / "seen").read_text()
    assert "AWS_PROFILE=prod" in seen
    assert "s3cret" not in seen
