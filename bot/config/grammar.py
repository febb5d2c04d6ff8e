"""The shape of environments.yaml: one class per mapping, one field per key, and the words an editor shows for them.

Fields hold domain values already. What two keys say about each other is not here but in `coherence`. Null is allowed
where leaving the key out means something of its own.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from bot.config.kinds import (
    Branch,
    Channel,
    CheckName,
    EnvironmentName,
    FileInside,
    GitHubRepository,
    Host,
    ImagePattern,
    Label,
    Login,
    Pattern,
    PlatformName,
    Realm,
    RevisionTag,
    Seconds,
    SourcePattern,
    Team,
    Username,
    Variable,
    worded,
)
from bot.config.policy_grammar import PolicySection
from bot.config.section import Section


def _none_word(value: object) -> object:
    if value == "none":
        return None
    if isinstance(value, str):
        raise worded(f"got {value[:80]!r}, expected none, or a mapping such as {{method: squash, by: github}}")
    return value


class GitOpsSection(Section):
    """The GitOps repository at GitHub, and where the bot's branches stand in it."""

    model_config = ConfigDict(title="GitOps repository")

    repository: GitHubRepository | None = Field(
        default=None, description="owner/name at GitHub. Default: the checkout's origin, else $GITHUB_REPOSITORY."
    )
    base: Branch | None = Field(
        default=None, description="The branch that pull requests go to. Default: the repository's default branch."
    )
    branch_prefix: Branch = Field(
        default="bump",
        description="Branches are <prefix>/<env>, <prefix>/promote/<to> and <prefix>/rollback/<env>.",
    )


class RegistrySection(Section):
    """How one registry is reached. Nothing is needed for ghcr.io and docker.io."""

    model_config = ConfigDict(title="Registry")

    token_env: Variable | None = Field(
        default=None, description="The environment variable that holds the token: BUMP_REGISTRY_… or GHCR_TOKEN."
    )
    username: Username | None = Field(default=None, description="The user name that goes with the token.")
    token_realm: Realm | None = Field(
        default=None,
        description="Where the registry may send us for a token, when that is another origin than its own.",
    )
    ca_file: FileInside | None = Field(
        default=None, description="A PEM file of this repository with the authorities to trust for this registry."
    )
    insecure: bool = Field(default=False, description="Plain http. Credentials are then sent on loopback alone.")


class ImageSection(Section):
    """What holds for the images that match. The first rule that matches an image wins."""

    model_config = ConfigDict(title="Image rule")

    match: ImagePattern = Field(
        description="A pattern over host/path: * within a segment, ** any number of segments, ? one character."
    )
    move: bool = Field(default=True, description="false: checked, but never moved (mirrors, for example).")
    platforms: tuple[PlatformName, ...] = Field(
        default=(),
        description="All of them must be in the image. With two or more, only an image index will do.",
    )
    source: SourcePattern | None = Field(
        default=None,
        description=(
            "Where the image's source label may point; upper and lower case are the same here. "
            "Default: the same owner on github.com."
        ),
    )
    channel: Channel | None = Field(
        default=None, description="The tag to follow, only to override what the environment follows."
    )
    first_pin: Literal["ask", "digest-key", "tag-suffix"] = Field(
        default="ask",
        description=(
            "How a mapping with a tag and no digest gets its first one: ask (hold it back and say so), digest-key "
            "(a digest: line after the tag: line), tag-suffix (tag: x@sha256:…)."
        ),
    )
    revision_tag: RevisionTag = Field(
        default="{revision}",
        description=(
            "The immutable tag that the build also pushes; {revision} is the commit of the image's label, {revision:7} "
            "its first digits. It takes the place of an old build's tag beside a digest, when it is the new digest."
        ),
    )
    allow_single_arch: bool = Field(
        default=False, description="Accept one platform's manifest where an image index is required."
    )
    allow_lost_platforms: bool = Field(
        default=False, description="Accept a new digest that lacks a platform which the old one had."
    )


class AutoMergeSection(Section):
    """The pull request merges by itself, once its checks have passed."""

    model_config = ConfigDict(title="Auto-merge")

    method: Literal["merge", "squash", "rebase"] = Field(default="squash", description="How the commit gets to base.")
    by: Literal["github", "bump"] = Field(
        default="github",
        description="github: its auto-merge, under the branch's rules. bump: a later run, after required_checks.",
    )
    required_checks: tuple[CheckName, ...] = Field(
        default=(),
        description="Checks that must have passed on the head for bump to merge it; at least one with by: bump.",
    )


class PullRequestSection(Section):
    """How the environment's one pull request is opened."""

    model_config = ConfigDict(title="Pull request")

    auto_merge: Annotated[
        AutoMergeSection | None,
        BeforeValidator(_none_word, json_schema_input_type=AutoMergeSection | Literal["none"] | None),
    ] = Field(
        default=None,
        json_schema_extra={"default": "none"},
        description="none: a person merges. Otherwise who merges it, and how.",
    )
    labels: tuple[Label, ...] = Field(
        default=(), description="Labels that the pull request gets, and loses with this line."
    )
    reviewers: tuple[Login, ...] = Field(default=(), description="Users who are asked for a review.")
    team_reviewers: tuple[Team, ...] = Field(default=(), description="Teams (slugs) that are asked for a review.")
    assignees: tuple[Login, ...] = Field(default=(), max_length=10, description="Users it is assigned to.")
    draft: bool = Field(
        default=False, description="Open it as a draft; it merges by itself once a person marks it ready."
    )
    settle: Seconds = Field(
        default=1800,
        json_schema_extra={"default": "30m"},
        description="How long an armed or approved pull request is left alone when only newer digests came.",
    )


class DefaultsSection(Section):
    """What every environment gets unless it says otherwise: mappings merge, everything else is replaced."""

    model_config = ConfigDict(title="Defaults")

    pull_request: PullRequestSection = Field(
        default_factory=PullRequestSection, description="Merged below each environment's pull_request."
    )


class GatesSection(Section):
    """What a promotion waits for. Only where promote_from is set."""

    model_config = ConfigDict(title="Gates")

    soak: Seconds = Field(
        default=0,
        json_schema_extra={"default": "0s"},
        description="How long a digest must have stood in the environment before.",
    )
    lineage: bool = Field(
        default=False, description="Promote only a digest that the history of the environment before has held."
    )


class EnvironmentSection(Section):
    """Where an environment's values files are, and how its images move: follow, promote_from, or by hand."""

    model_config = ConfigDict(title="Environment")

    paths: tuple[Pattern, ...] = Field(
        description="Patterns of its .yaml and .yml files, from the repository's root. [] keeps the place free."
    )
    exclude: tuple[Pattern, ...] = Field(default=(), description="Patterns of files to leave out again.")
    layers: tuple[Pattern, ...] = Field(
        default=(),
        description="Lower value files, read only: for pins whose repository stands there.",
    )
    follow: Channel | None = Field(
        default=None, description="The channel tag whose digest is pinned. Not beside promote_from."
    )
    promote_from: EnvironmentName | None = Field(
        default=None,
        description="The environment whose exact digests `bump promote` copies. Not beside follow; no circles.",
    )
    gates: GatesSection = Field(
        default_factory=GatesSection, description="What a promotion waits for; with promote_from."
    )
    platforms: tuple[PlatformName, ...] = Field(default=(), description="Required here, beside those of the image.")
    pull_request: PullRequestSection = Field(
        default_factory=PullRequestSection, description="Merged over defaults.pull_request."
    )


class File(Section):
    """Which images of this GitOps repository move, how, and where."""

    model_config = ConfigDict(title="environments.yaml of bump")

    version: Literal[1] = Field(description="The version of this file's format: 1.")
    gitops: GitOpsSection = Field(default_factory=GitOpsSection, description="The GitOps repository at GitHub.")
    registries: dict[Host, RegistrySection] = Field(
        default_factory=dict, description="Per host[:port]; nothing is needed for ghcr.io and docker.io."
    )
    images: tuple[ImageSection, ...] = Field(
        default=(), description="The first match wins. An image without a match is third-party: checked, never moved."
    )
    defaults: DefaultsSection = Field(default_factory=DefaultsSection, description="What environments start from.")
    environments: dict[EnvironmentName, EnvironmentSection] = Field(
        min_length=1, description="By name, in the order that output lists them."
    )
    policy: PolicySection = Field(default_factory=PolicySection, description="The checks of `bump check`.")
