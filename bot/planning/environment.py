"""What the configuration means: environments, image rules, registries. Read by `bot.config`, used everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bot.image import Platform, Repository, Tag
from bot.planning.glob import Glob


class FirstPin(StrEnum):
    """How a mapping without a digest gets its first one."""

    ASK = "ask"
    DIGEST_KEY = "digest-key"
    TAG_SUFFIX = "tag-suffix"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRule:
    """What holds for the images that `match`; `position` is its place in the file's `images` list, for messages."""

    match: Glob
    position: int
    move: bool = True
    platforms: tuple[Platform, ...] = ()
    source: Glob | None = None
    channel: Tag | None = None
    first_pin: FirstPin = FirstPin.ASK
    revision_tag: str = "{revision}"
    allow_single_arch: bool = False
    allow_lost_platforms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMerge:
    """Who merges a pull request once its checks have passed, and how."""

    method: Literal["merge", "squash", "rebase"] = "squash"
    by: Literal["github", "bump"] = "github"
    required_checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestSettings:
    """How an environment's pull request is opened. `settle_seconds`: how long a fresh head is left alone."""

    auto_merge: AutoMerge | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    team_reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    draft: bool = False
    settle_seconds: int = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What a promotion waits for: `soak_seconds` in the environment before, and that the digest ran there."""

    soak_seconds: int = 0
    lineage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where an environment's files are and how its images move: by `follow`, by `promote_from`, or by hand."""

    name: str
    paths: tuple[Glob, ...]
    exclude: tuple[Glob, ...] = ()
    layers: tuple[Glob, ...] = ()
    follow: Tag | None = None
    promote_from: str | None = None
    gates: Gates = field(default_factory=Gates)
    platforms: tuple[Platform, ...] = ()
    pull_request: PullRequestSettings = field(default_factory=PullRequestSettings)

    def covers(self, path: str) -> bool:
        """Whether `path` is one of the environment's values files."""
        return (
            path.endswith((".yaml", ".yml"))
            and any(glob.matches(path) for glob in self.paths)
            and not any(glob.matches(path) for glob in self.exclude)
        )

    def reaches(self, folder: str) -> bool:
        """Whether a values file right in `folder` would be one of the environment's; False for such a file itself."""
        return (
            not folder.endswith((".yaml", ".yml"))
            and self.covers(f"{folder}/values.yaml")
            and not any(glob.matches(folder) for glob in self.exclude)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRule:
    """How one registry host is reached. `token_env` names a variable, never a value."""

    host: str
    token_env: str | None = None
    username: str | None = None
    token_realm: str | None = None
    ca_file: str | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GitOps:
    """The repository that is kept: `owner/name` and base branch, where the file names them."""

    repository: str | None = None
    base: str | None = None
    branch_prefix: str = "bump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One environments.yaml; `path` is its place in the repository."""

    path: str
    gitops: GitOps
    registries: Mapping[str, RegistryRule]
    images: tuple[ImageRule, ...]
    environments: Mapping[str, Environment]

    def rule(self, repository: Repository) -> ImageRule | None:
        """Return the first rule that matches; None means third-party: checked, never moved."""
        text = str(repository)
        return next((rule for rule in self.images if rule.match.matches(text)), None)
