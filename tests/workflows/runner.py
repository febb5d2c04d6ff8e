"""Runs the workflows that users copy under `act`: on this machine, without an engine, and without GitHub.

What is real: the examples, the workflows that they call, the action with its installation from the lock, the program,
the registry, git. What stands in: the two pinned actions that check out and find Python (`stand_ins/`), and GitHub's
API. act knows neither the filters of events nor concurrency nor `job.workflow_sha`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.image import Digest
from tests.doubles.github_api.double import APP, GitHubDouble
from tests.doubles.registry.server import PASSWORD, RegistryServer

ROOT = Path(__file__).parent.parent.parent
STAND_INS = Path(__file__).parent / "stand_ins"
ACTIONS_TOKEN = "actions-token"
CONFIG = "config/environments.yaml"
_CALLED = re.compile(r"uses: (\S+?)(?:/\.github/workflows/\S+?\.yml)?@(\S+)")
_SCREEN = re.compile(r"\x1b\[[0-9;]*m")


def act() -> str:
    """The program, where `make test` installs it."""
    found = shutil.which("act", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, "act is not installed: requirements/test.txt holds it"
    return found


@dataclass(frozen=True)
class Ran:
    """How a workflow ended, and all that its runner showed."""

    code: int
    log: str


@dataclass
class Workspace:
    """A GitOps repository at the double with the users' workflows in it, and its images in the registry."""

    registry: RegistryServer
    double: GitHubDouble
    folder: Path
    cache: Path  # of act; the action's installation lies there, too
    environments: tuple[str, ...] = ("dev", "local")

    def __post_init__(self) -> None:
        self.old = self.push("1")
        self.double.seed(self.files())
        self.new = self.push("2")

    def push(self, build: str) -> Digest:
        return self.registry.push("acme/api", "main", seed=build).digest

    def files(self) -> dict[str, bytes]:
        host = self.registry.host
        environments = "".join(f"  {one}: {{paths: [env/{one}/**], follow: main}}\n" for one in self.environments)
        configuration = (
            f'version: 1\nregistries: {{"{host}": {{token_env: GHCR_TOKEN, username: bot}}}}\n'
            f'images: [{{match: "{host}/acme/*", platforms: [linux/amd64, linux/arm64]}}]\n'
            f"environments:\n{environments}"
        )
        values = {f"env/{one}/api.yaml": f"ref: {host}/acme/api@{self.old}\n".encode() for one in self.environments}
        return {CONFIG: configuration.encode(), **values}

    def run(
        self,
        workflow: str,
        event: str,
        payload: Mapping[str, object],
        *,
        secrets: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        branch: str = "main",
    ) -> Ran:
        """Run a workflow's text for an event, as GitHub does for what is on the branch."""
        here = self.folder / "caller"
        shutil.rmtree(here, ignore_errors=True)
        (here / ".github/workflows").mkdir(parents=True)
        (here / ".github/workflows/called.yml").write_text(workflow)
        (here / "event.json").write_text(json.dumps(payload))
        commands: tuple[tuple[str, ...], ...] = (
            ("init", "--quiet", "--initial-branch", branch),
            ("remote", "add", "origin", "https://github.com/acme/gitops.git"),
            ("add", "."),
            ("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "x"),
        )
        for words in commands:
            subprocess.run(["git", "-C", here, *words], check=True, capture_output=True)
        given = {"GHCR_TOKEN": PASSWORD, "BUMP_GITHUB_TOKEN": APP, "GITHUB_TOKEN": ACTIONS_TOKEN, **(secrets or {})}
        shown = {
            "GITHUB_API_URL": self.double.url,
            "TEST_BUMP": str(ROOT),
            "TEST_GITOPS": self.double.clone_url,
            "TEST_BRANCH": branch,
            "TEST_PYTHON": sys.executable,
            "DOCKER_CONFIG": str(self.folder / "no-docker"),
        }
        command = [act(), event, "--directory", str(here), "--eventpath", str(here / "event.json")]
        command += ["--platform", "ubuntu-latest=-self-hosted", "--action-cache-path", str(self.cache)]
        command += ["--no-skip-checkout", "--action-offline-mode", "--no-cache-server", "--defaultbranch", "main"]
        for name, value in _local_repositories(workflow).items():
            command += ["--local-repository", f"{name}={value}"]
        for option, values in (("--secret", given), ("--env", shown), ("--var", variables or {})):
            for name, value in values.items():
                command += [option, f"{name}={value}"]
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, timeout=900, stdin=subprocess.DEVNULL
        )
        return Ran(done.returncode, _SCREEN.sub("", done.stdout + done.stderr))

    @property
    def proposed(self) -> Mapping[str, str]:
        """Branch → its author, of the open pull requests; each must hold the new digest, and nothing else new."""
        for pull in self.double.pulls:
            name = pull.head_branch.removeprefix("bump/")
            old, new = self.files()[f"env/{name}/api.yaml"], self.double.read(pull.head_branch, f"env/{name}/api.yaml")
            assert new == old.replace(str(self.old).encode(), str(self.new).encode())
        return {pull.head_branch: pull.author for pull in self.double.pulls}


def _local_repositories(workflow: str) -> Mapping[str, str]:
    """Who stands in for every action and workflow that is named by repository and commit."""
    texts = [workflow, *(path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml"))]
    texts.append((ROOT / "action.yml").read_text())
    found = {f"{name}@{ref}": name for text in texts for name, ref in _CALLED.findall(text)}
    places = {"actions/checkout": STAND_INS / "checkout", "actions/setup-python": STAND_INS / "setup-python"}
    places["acme/bump"] = ROOT
    return {key: str(places[name]) for key, name in found.items() if name in places}
