"""`--repo`: a repository at GitHub is updated from a folder in which there is nothing of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.gitops import CONFIG
from tests.commands.remote import API, remote_files, run_remote
from tests.commands.terminal import bump
from tests.doubles.github_api import ACTIONS, GitHubDouble
from tests.doubles.github_api.apps import private_pem
from tests.doubles.registry.server import RegistryServer


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def double(tmp_path: Path, registry: RegistryServer) -> Iterator[GitHubDouble]:
    registry.push("acme/api", "main", seed="new")
    with GitHubDouble(tmp_path / "github") as made:
        made.seed(remote_files(registry.host))
        yield made


def test_from_an_empty_folder_to_the_pull_request(double: GitHubDouble, empty: Path, registry: RegistryServer) -> None:
    new = registry.push("acme/api", "main", seed="new").digest
    done = run_remote(double, empty, GITHUB_REPOSITORY="acme/other")
    assert done.code == 0, done.err
    assert double.read("bump/dev", API) == f"ref: {registry.host}/acme/api@{new}\n".encode()
    assert [(one.base_branch, one.labels) for one in double.pulls] == [("main", ["image-bump"])]
    assert list(empty.iterdir()) == []
    double.requests.clear()
    assert "unchanged" in run_remote(double, empty).out
    assert (double.writes, len(double.requests) <= 4) == ([], True)


def test_by_an_app(double: GitHubDouble, empty: Path) -> None:
    double.install("acme/gitops")
    environ = {"BUMP_GITHUB_APP_ID": "4711", "BUMP_GITHUB_APP_PRIVATE_KEY": private_pem()}
    done = run_remote(double, empty, "-v", "-v", BUMP_GITHUB_TOKEN="", GITHUB_TOKEN="another", **environ)
    assert done.code == 0, done.err
    assert [one.author for one in double.pulls] == ["bump[bot]"]
    secrets = {one.headers["authorization"].partition(" ")[2] for one in double.requests}
    assert len(secrets) >= 2
    assert not [one for one in (*secrets, *private_pem().splitlines()[1:-1]) if one in done.err + done.out]


def test_the_branch_that_the_configuration_names_is_base(
    double: GitHubDouble, empty: Path, registry: RegistryServer
) -> None:
    double.commit("release", {"env/web.yaml": b"only: here\n", CONFIG: remote_files(registry.host)[CONFIG]})
    double.seed(remote_files(registry.host, gitops="base: release"))
    done = run_remote(double, empty)
    assert done.code == 0, done.err
    assert [one.base_branch for one in double.pulls] == ["release"]
    assert double.read("bump/dev", "env/web.yaml") == b"only: here\n"


def test_it_is_the_configuration_of_that_branch_that_counts(
    double: GitHubDouble, empty: Path, registry: RegistryServer
) -> None:
    there = remote_files(registry.host, gitops="base: release, branch_prefix: pins")
    double.commit("release", there)
    double.seed(remote_files(registry.host, gitops="base: release"))
    assert run_remote(double, empty).code == 0
    assert [(one.head_branch, one.base_branch) for one in double.pulls] == [("pins/dev", "release")]


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        pytest.param("base: release", "base: main", "on release it says gitops.base: main, and this run", id="a ring"),
        pytest.param("base: release", None, "has no branch release; check gitops.base", id="none"),
        pytest.param("repository: acme/other", None, "this run is on acme/gitops; correct it there", id="elsewhere"),
    ],
)
def test_a_configuration_that_leads_nowhere_is_told(
    double: GitHubDouble, empty: Path, registry: RegistryServer, *, here: str, there: str | None, words: str
) -> None:
    if there is not None:
        double.commit("release", remote_files(registry.host, gitops=there))
    double.seed(remote_files(registry.host, gitops=here))
    done = run_remote(double, empty)
    assert done.code == 2
    assert words in done.err
    assert double.pulls == []


def test_the_token_of_another_repository_is_told(double: GitHubDouble, empty: Path) -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/api", "GITHUB_TOKEN": ACTIONS}
    done = run_remote(double, empty, BUMP_GITHUB_TOKEN="", **environ)
    assert done.code == 2
    assert (
        "GITHUB_TOKEN: reaches acme/api only; set BUMP_GITHUB_TOKEN to a token that writes to acme/gitops" in done.err
    )
    assert double.requests == []


def test_a_certificate_that_stands_in_a_checkout_is_told(
    double: GitHubDouble, empty: Path, registry: RegistryServer
) -> None:
    double.seed(remote_files(registry.host, rule=", ca_file: certs/ca.pem"))
    done = run_remote(double, empty)
    assert done.code == 2
    assert "ca_file: certs/ca.pem is read from a checkout, and --repo has none" in done.err


def test_a_configuration_that_is_not_there_is_told(double: GitHubDouble, empty: Path) -> None:
    done = run_remote(double, empty, "--config", "other.yaml")
    assert done.code == 2
    assert f"other.yaml: not found at {(double.head() or '')[:12]}; write one, commit it, or give another" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--repo", "acme"], "--repo 'acme': expected owner/name, as in acme/gitops"),
        (["--repo", "acme/../x"], "expected owner/name"),
        (["--repo", "https://github.com/acme/gitops"], "expected owner/name"),
        (["--repo", ""], "expected owner/name"),
        (["--repo", "a/b", "--into", "files"], "--repo works at GitHub alone; --into files needs a checkout"),
        (["--repo", "a/b", "--into", "branch"], "--into branch needs a checkout"),
        (["--repo", "a/b", "--root", "."], "--root names a checkout, and --repo needs none"),
        (["--repo", "a/b", "--config", "../x.yaml"], "--config ../x.yaml: expected a path from the repository's root"),
        (["--repo", "a/b", "--config", "/x.yaml"], "expected a path from the repository's root"),
        (["--repo", "a/b", "--allow-backwards"], "--allow-backwards needs --image"),
    ],
)
def test_what_it_cannot_mean_is_a_usage_error(empty: Path, arguments: list[str], words: str) -> None:
    done = bump("--env", "dev", *arguments, folder=empty)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_without_an_environment_it_is_said_where_they_stand(empty: Path) -> None:
    done = bump("--repo", "a/b", folder=empty)
    assert done.code == 2
    assert f"update needs --env NAME; {CONFIG} in a/b says which environments follow a channel" in done.err


def test_without_a_credential_it_is_said_what_to_set(empty: Path) -> None:
    done = bump("--env", "dev", "--repo", "a/b", folder=empty)
    assert done.code == 2
    assert "no Git credential: set BUMP_GITHUB_TOKEN, or BUMP_GITHUB_APP_ID and BUMP_GITHUB_APP_PRIVATE_KEY" in done.err
