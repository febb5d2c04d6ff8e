"""`bump check --base` with `--online` and `--fix`: a change does not decide who is asked."""

from pathlib import Path

import pytest

from tests.commands.repository import CONFIG, Repository
from tests.commands.terminal import Done, bump
from tests.doubles.registry import PASSWORD, RegistryServer

ENVIRON = {"BUMP_REGISTRY_TESTS": PASSWORD}
PATH = "env/staging/api.yaml"
CONFIGURATION = """\
version: 1
registries: {{"{host}": {{token_env: BUMP_REGISTRY_TESTS}}}}
images:
  - match: "{host}/acme/*"
environments:
  staging: {{paths: ["env/staging/**"]}}
"""
NOBODY = "127.0.0.1:1"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.begin(tmp_path / "gitops")


def merge(repository: Repository, configuration: str | None) -> None:
    """Have that configuration on the base, or none."""
    if configuration is None:
        (repository.root / CONFIG).unlink()
    else:
        repository.write({CONFIG: configuration})
    repository.commit()
    repository.git("branch", "-f", "main")


def check(repository: Repository, *words: str) -> Done:
    return bump("check", "--base", "main", *words, folder=repository.root, environ=ENVIRON)


@pytest.mark.parametrize(
    "base", [CONFIGURATION.format(host=NOBODY), None], ids=["names another", "has no configuration"]
)
def test_a_host_that_only_the_change_names_is_not_asked(
    registry: RegistryServer, repository: Repository, base: str | None
) -> None:
    merge(repository, base)
    pushed = registry.push("acme/api", "1.4.0")
    image = f"{registry.host}/acme/api"
    text = f"a: {{image: '{image}@{pushed.digest}'}}\nb: {{image: '{image}:1.4.0'}}\n"
    repository.write({CONFIG: CONFIGURATION.format(host=registry.host), PATH: text})
    done = check(repository, "--online", "--fix")

    assert registry.exchanges == ()
    assert (repository.root / PATH).read_text() == text
    assert f"not fixed: {registry.host} is not asked" in done.err
    assert f"reference not checked: {registry.host} in neither images nor registries" in done.err


def test_a_host_that_the_base_names_is_asked_though_the_change_does_not(
    registry: RegistryServer, repository: Repository
) -> None:
    merge(repository, CONFIGURATION.format(host=registry.host))
    digest = f"sha256:{'a' * 64}"
    repository.write({CONFIG: CONFIGURATION.format(host=NOBODY), PATH: f"a: {registry.host}/acme/api@{digest}\n"})
    done = check(repository, "--online")

    assert f"{PATH}:1:4 digest-missing {registry.host}/acme/api: " in done.out
    assert done.code == 1


def test_only_what_was_changed_is_fixed_and_told(registry: RegistryServer, repository: Repository) -> None:
    host = registry.host
    pushed = registry.push("acme/api", "1.4.0")
    repository.write({PATH: f"a: {host}/acme/api:1.4.0\nb: {host}/acme/api@sha256:{'a' * 64}\n"})
    merge(repository, CONFIGURATION.format(host=host))
    text = (repository.root / PATH).read_text()
    repository.write({PATH: f"{text}c: {host}/acme/api:1.4.0\nd: {host}/acme/api@sha256:{'b' * 64}\n"})
    done = check(repository, "--changed", "--online", "--fix")

    assert (repository.root / PATH).read_text().splitlines()[0] == f"a: {host}/acme/api:1.4.0"
    assert (repository.root / PATH).read_text().splitlines()[2] == f"c: {host}/acme/api:1.4.0@{pushed.digest}"
    assert [line.split(" ")[:2] for line in done.out.splitlines() if "drift" not in line] == [
        [f"{PATH}:4:4", "digest-missing"]
    ]
