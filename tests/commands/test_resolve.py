"""`bump resolve`: what it shows of one reference, for people, for scripts, and as JSON."""

import json
from pathlib import Path

import pytest

from tests.commands.terminal import Done, bump
from tests.doubles.registry import PASSWORD, Pushed, RegistryServer, images

BOTH = ("linux/amd64", "linux/arm64")
LABELS = {
    "org.opencontainers.image.revision": "a1b2c3d" + "0" * 33,
    "org.opencontainers.image.source": "https://github.com/acme/api",
    "org.opencontainers.image.created": "2026-01-06T09:30:00Z",
    "org.opencontainers.image.version": "1.2.3",
}


@pytest.fixture
def pushed(registry: RegistryServer) -> Pushed:
    found = registry.push("acme/api", "main", labels=LABELS)
    registry.forget()
    return found


def resolved(
    registry: RegistryServer, folder: Path, *options: str, reference: str = "acme/api:main", named: bool = True,
    terminal: bool = False,
) -> Done:  # fmt: skip
    (folder / "config").mkdir(exist_ok=True)
    rule = f'registries: {{"{registry.host}": {{token_env: BUMP_REGISTRY_TESTS}}}}' if named else "registries: {}"
    (folder / "config/environments.yaml").write_text(f"version: 1\n{rule}\nenvironments: {{dev: {{paths: []}}}}\n")
    return bump(
        "resolve",
        f"{registry.host}/{reference}",
        *options,
        folder=folder,
        environ={"BUMP_REGISTRY_TESTS": PASSWORD},
        terminal=terminal,
    )


def size_of(platform: str) -> int:
    image = images.image(platform, LABELS)
    return len(image.manifest.body) + sum(len(blob.body) for blob in image.blobs)


def test_as_json_it_is_everything(registry: RegistryServer, pushed: Pushed, tmp_path: Path) -> None:
    done = resolved(registry, tmp_path, "--platform", "linux/amd64", "--platform", "linux/arm64", "--format", "json")
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    assert document.pop("size") > 0
    assert document == {
        "version": 1,
        "command": "resolve",
        "reference": f"{registry.host}/acme/api:main",
        "repository": f"{registry.host}/acme/api",
        "digest": str(pushed.digest),
        "media_type": images.INDEX["oci"],
        "index": True,
        "platforms": [
            {"platform": platform, "digest": str(pushed.platforms[platform]), "size": size_of(platform)}
            for platform in BOTH
        ],
        "labels": {
            "revision": "a1b2c3d" + "0" * 33,
            "source": "https://github.com/acme/api",
            "created": "2026-01-06T09:30:00+00:00",
            "version": "1.2.3",
        },
        "credential": "BUMP_REGISTRY_TESTS",
        "requests": len(registry.exchanges),
        "warnings": [],
    }
    assert len(registry.exchanges) == 2 + 1 + 2 * 2  # the challenge, the token, the index, two of each platform


def test_as_text_it_is_one_line_each_with_tabs(registry: RegistryServer, pushed: Pushed, tmp_path: Path) -> None:
    done = resolved(registry, tmp_path, "--platform", "linux/arm64")
    assert done.code == 0
    assert [line.split("\t") for line in done.out.splitlines()] == [
        ["reference", f"{registry.host}/acme/api:main"],
        ["pin", f"{registry.host}/acme/api@{pushed.digest}"],
        ["digest", str(pushed.digest)],
        ["media type", images.INDEX["oci"]],
        ["platform", "linux/amd64", str(pushed.platforms["linux/amd64"]), "-"],
        ["platform", "linux/arm64", str(pushed.platforms["linux/arm64"]), f"{size_of('linux/arm64')} bytes"],
        ["revision", "a1b2c3d" + "0" * 33],
        ["source", "https://github.com/acme/api"],
        ["created", "2026-01-06T09:30:00+00:00"],
        ["version", "1.2.3"],
        ["credential", "BUMP_REGISTRY_TESTS"],
        ["requests", str(2 + 1 + 2)],
    ]


def test_on_a_terminal_it_is_lined_up_and_nothing_is_cut(
    registry: RegistryServer, pushed: Pushed, tmp_path: Path
) -> None:
    done = resolved(registry, tmp_path, terminal=True)
    assert done.code == 0
    assert "\t" not in done.out
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert lines["digest"].index("sha256:") == lines["credential"].index("BUMP_")
    assert str(pushed.digest) in lines["digest"]
    assert f"asking {registry.host}" in done.err


def test_a_platform_that_is_not_there_is_one_line(registry: RegistryServer, pushed: Pushed, tmp_path: Path) -> None:
    done = resolved(registry, tmp_path, "--platform", "linux/s390x")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"bump: {registry.host}/acme/api:main: no linux/s390x in the index (has linux/amd64, linux/arm64); "
        "publish it, or drop it from --platform\n"
    )


def test_what_was_refused_is_said_with_the_credential_and_not_its_value(
    registry: RegistryServer, pushed: Pushed, tmp_path: Path
) -> None:
    done = resolved(registry, tmp_path, named=False)
    assert (done.code, done.out) == (1, "")
    assert "access denied with no credential: 403 (DENIED: denied)" in done.err
    registry.close("acme/api")
    done = resolved(registry, tmp_path)
    assert "access denied with the credential from BUMP_REGISTRY_TESTS: 403 (DENIED: denied)" in done.err
    assert PASSWORD not in done.err


def test_a_named_variable_that_is_empty_is_a_setting(registry: RegistryServer, pushed: Pushed, tmp_path: Path) -> None:
    resolved(registry, tmp_path)
    registry.forget()
    done = bump("resolve", f"{registry.host}/acme/api:main", folder=tmp_path)
    assert (done.code, done.out, registry.exchanges) == (2, "", ())
    assert "BUMP_REGISTRY_TESTS is empty or not set" in done.err


def test_without_a_configuration_it_works_too(registry: RegistryServer, pushed: Pushed, tmp_path: Path) -> None:
    registry.publish("acme/api")
    done = bump("resolve", f"{registry.host}/acme/api@{pushed.digest}", "--format", "json", folder=tmp_path)
    assert done.code == 0
    document = json.loads(done.out)
    assert (document["digest"], document["credential"]) == (str(pushed.digest), "no credential")
