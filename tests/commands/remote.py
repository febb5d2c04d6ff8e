"""A repository at GitHub of which nothing is on disk, with one image for which the registry has a newer build."""

from pathlib import Path

from tests.builders import digest
from tests.commands.gitops import CONFIG
from tests.commands.terminal import Done, bump
from tests.doubles.github_api import ACTIONS, GitHubDouble
from tests.doubles.registry.server import PASSWORD

API = "env/api.yaml"


def remote_files(host: str, *, gitops: str = "", rule: str = "") -> dict[str, bytes]:
    """Its files; `gitops` is that section, `rule` what is added to the registry's."""
    section = f"gitops: {{{gitops}}}\n" if gitops else ""
    configuration = (
        f"version: 1\n{section}"
        f'registries: {{"{host}": {{token_env: BUMP_REGISTRY_TEST, username: bot{rule}}}}}\n'
        f'images: [{{match: "{host}/acme/*", platforms: [linux/amd64, linux/arm64]}}]\n'
        "environments: {dev: {paths: [env/**], follow: main, pull_request: {labels: [image-bump]}}}\n"
    )
    return {CONFIG: configuration.encode(), API: f"ref: {host}/acme/api@{digest('a')}\n".encode()}


def run_remote(double: GitHubDouble, folder: Path, *more: str, **environ: str) -> Done:
    """Run `bump --env dev --repo acme/gitops` in a folder; a variable that is given empty is left out."""
    given = {"GITHUB_API_URL": double.url, "BUMP_GITHUB_TOKEN": ACTIONS, "BUMP_REGISTRY_TEST": PASSWORD, **environ}
    set_ = {name: value for name, value in given.items() if value}
    return bump("--env", "dev", "--repo", "acme/gitops", *more, folder=folder, environ=set_)
