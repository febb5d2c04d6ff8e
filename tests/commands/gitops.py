"""A GitOps repository for tests: its files, a registry by table, and a run of the main job against the double."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.update import Request, update
from bot.planning.environment import Configuration
from bot.planning.resolution import Current, Lookup, Resolution, Resolved, Unresolved
from bot.pulls.access import Access, Pace
from bot.pulls.repository import GitHubRepository
from bot.pulls.waiting import Allowance
from bot.report.result import EnvironmentResult
from tests.builders import digest, resolved
from tests.doubles.github_api.double import ACTIONS, GitHubDouble

CONFIG = "config/environments.yaml"
NO_PAUSE = Pace(
    retries=0, backoff=0, between_requests=0, between_writes=0, allowance=Allowance(0, sleep=lambda _: None)
)

CONFIGURATION = b"""\
version: 1
images:
  - match: "ghcr.io/acme/*"
    platforms: [linux/amd64, linux/arm64]
environments:
  dev:
    paths: ["env/dev/**"]
    follow: main
    pull_request: {labels: [image-bump]}
  local:
    paths: ["env/local/**"]
    follow: main
  staging:
    paths: ["env/staging/**"]
    promote_from: dev
"""

API = "env/dev/api.yaml"
WEB = "env/dev/web.yaml"
JOBS = "env/dev/jobs.yaml"


def files(old: str = "a") -> dict[str, bytes]:
    """The three shapes, one file each, all images at the digest of the name `old`."""
    return {
        CONFIG: CONFIGURATION,
        API: f"# the API\r\nimage:\r\n  ref: ghcr.io/acme/api@{digest(old)}  # moved by bump\r\n".encode(),
        WEB: f'web:\n  image:\n    repository: ghcr.io/acme/web\n    pull: x\n    digest: "{digest(old)}"\n'.encode(),
        JOBS: f"image: {{repository: ghcr.io/acme/jobs, tag: 'main@{digest(old)}'}}\n".encode(),
        "env/local/api.yaml": f"ref: ghcr.io/acme/api@{digest(old)}\n".encode(),
        "env/staging/api.yaml": f"ref: ghcr.io/acme/api@{digest(old)}\n".encode(),
        "README.md": b"not touched\n",
    }


@dataclass
class Shelf:
    """What the channel of each image means: a name of a digest, or why nothing is known. Answers as a registry does."""

    builds: dict[str, str | Unresolved] = field(default_factory=dict)
    asked: list[Lookup] = field(default_factory=list)

    def resolve(self, _: Configuration, lookups: Sequence[Lookup]) -> Mapping[Lookup, Resolution]:
        self.asked.extend(lookups)
        return {lookup: self._answer(lookup) for lookup in lookups}

    def _answer(self, lookup: Lookup) -> Resolution:
        build = self.builds.get(lookup.repository.last, "a")
        if isinstance(build, Unresolved):
            return build
        return Current(digest=digest(build)) if lookup.known == {digest(build)} else _resolved(build)


def _resolved(build: str) -> Resolved:
    return resolved(build, revision=digest(build).encoded[:40], source="https://github.com/acme/api")


def failed(name: str, code: str = "platform-missing") -> Unresolved:
    return Unresolved(code=code, message=f"ghcr.io/acme/{name}:main: no linux/arm64 in the index")


def hub(double: GitHubDouble, *, on_disk: Path | None = None, token: str = ACTIONS) -> GitHubRepository:
    access = Access(token=token, origin="BUMP_GITHUB_TOKEN", api_url=double.url)
    return GitHubRepository(access, "acme/gitops", base=None, pace=NO_PAUSE, on_disk=on_disk)


def bump(
    double: GitHubDouble,
    shelf: Shelf,
    *,
    images: Sequence[str] = (),
    dry_run: bool = False,
    env: str = "dev",
    again: bool = False,
    on_disk: Path | None = None,
    token: str = ACTIONS,
    now: datetime | None = None,
) -> EnvironmentResult:
    """Run the main job for one environment from anew, as the next scheduled run would."""
    request = Request(
        environments=(env,),
        config=CONFIG,
        images=tuple(images),
        dry_run=dry_run,
        again=again,
        now=now or datetime.now(UTC),
    )
    (result,) = update(request, hub(double, on_disk=on_disk, token=token), shelf.resolve).environments
    return result
