"""The shape of environments.yaml: one class per mapping, one field per key, and the words an editor shows for them.

Fields hold domain values already. What two keys say about each other is not here but in `coherence`. Null is allowed
where leaving the key out means something of its own.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.config import fields
from bot.errors import BumpError
from bot.image import Platform, Tag
from bot.planning.glob import Glob
from bot.policy import RULES
from bot.policy.admission.settings import HOLE, LABELS, OBSERVED, Action
from bot.policy.settings import EVERYWHERE, KINDS, OPERATOR_IMAGES

T = TypeVar("T")

WORDED: Final = "worded"  # the type of an error whose reason is already in the user's words


def _worded(reason: str) -> PydanticCustomError:
    return PydanticCustomError(WORDED, "{reason}", {"reason": reason})


def read_text(parse: Callable[[str], T], *, expected: str = "text; quote it") -> PlainValidator:
    """Read a text by `parse`, whose `BumpError` becomes what is told about the key."""

    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "{expected}", {"expected": expected})
        try:
            return parse(value)
        except BumpError as error:
            raise _worded(str(error)) from error

    return PlainValidator(validate)


def shown(pattern: str = "", *, examples: tuple[str, ...] = (), **more: object) -> WithJsonSchema:
    """Say what an editor is told about a text."""
    shape: dict[str, Any] = {"type": "string", **more}
    if pattern:
        shape["pattern"] = f"^(?:{pattern})$"
    if examples:
        shape["examples"] = list(examples)
    return WithJsonSchema(shape)


def _none_word(value: object) -> object:
    if value == "none":
        return None
    if isinstance(value, str):
        raise _worded(f"got {value[:80]!r}, expected none, or a mapping such as {{method: squash, by: github}}")
    return value


def _by_environment(value: object) -> object:
    return value if isinstance(value, dict) else {EVERYWHERE: value}


def _actions_by_environment(value: object) -> object:
    by_environment = _by_environment(value)
    if not isinstance(by_environment, dict):
        return by_environment
    found = {name: (one,) if isinstance(one, str) else one for name, one in by_environment.items()}
    for actions in found.values():
        if isinstance(actions, tuple) and Action.DENY in actions and Action.WARN in actions:
            raise _worded("Deny and Warn at once; Kubernetes takes one of them, and what is denied is told anyway")
    return found


Pattern = Annotated[Glob, read_text(Glob.parse), shown(minLength=1, maxLength=500)]
ImagePattern = Annotated[Glob, read_text(fields.image_pattern), shown(examples=("ghcr.io/acme/*",), minLength=1)]
SourcePattern = Annotated[Glob, read_text(fields.source_pattern), shown(examples=("github.com/acme/*",))]
Channel = Annotated[Tag, read_text(fields.tag), shown(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", examples=("main",))]
PlatformName = Annotated[
    Platform, read_text(fields.platform), shown(examples=("linux/amd64", "linux/arm64", "linux/arm/v7"))
]
EnvironmentName = Annotated[
    str, read_text(fields.environment), shown(fields.NAME, **{"not": {"enum": list(fields.RESERVED)}})
]
RuleName = Annotated[str, read_text(fields.rule), shown(enum=list(RULES))]
Kind = Annotated[str, read_text(fields.kind), shown(fields.KIND, examples=("Domain",))]
RevisionTag = Annotated[str, read_text(fields.revision_tag), shown(rf"[^{{}}]*{fields.REVISION}[^{{}}]*")]
Seconds = Annotated[
    int,
    read_text(fields.seconds, expected="a duration such as 30m"),
    shown(fields.DURATION, examples=("30m", "0h", "2d")),
]
Host = Annotated[str, read_text(fields.host), shown(examples=("registry.corp:5000",))]
Variable = Annotated[str, read_text(fields.variable), shown(fields.VARIABLE, examples=("BUMP_REGISTRY_CORP",))]
Username = Annotated[str, read_text(fields.username), shown(minLength=1, maxLength=255)]
Realm = Annotated[str, read_text(fields.realm), shown("https?://.+", examples=("https://auth.corp",))]
FileInside = Annotated[str, read_text(fields.file_inside), shown(examples=("certs/ca.pem",))]
GitHubRepository = Annotated[
    str, read_text(fields.github_repository), shown(fields.REPOSITORY, examples=("acme/gitops",))
]
Branch = Annotated[str, read_text(fields.branch), shown(minLength=1)]
Label = Annotated[str, read_text(fields.label), shown(minLength=1, maxLength=fields.LONGEST_LABEL)]
Login = Annotated[str, read_text(fields.login), shown(fields.LOGIN)]
Team = Annotated[str, read_text(fields.team), shown(fields.TEAM)]
CheckName = Annotated[str, read_text(fields.check_name), shown(minLength=1, maxLength=255)]
ActionOrActions = Literal["Deny", "Warn", "Audit"] | list[Literal["Deny", "Warn", "Audit"]]
Level = Literal["error", "warning", "ignore"]
Levels = Annotated[
    dict[str, Level], BeforeValidator(_by_environment, json_schema_input_type=Level | dict[EnvironmentName, Level])
]
Actions = Annotated[
    dict[str, tuple[Literal["Deny", "Warn", "Audit"], ...]],
    BeforeValidator(
        _actions_by_environment,
        json_schema_input_type=ActionOrActions | dict[EnvironmentName, ActionOrActions],
    ),
]
LabelKey = Annotated[str, read_text(fields.namespace_label), shown(fields.LABEL_KEY)]
LabelValue = Annotated[str, read_text(fields.label_value), shown(fields.LABEL_VALUE)]


class Section(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


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
    """Merge the pull request by itself, once its checks have passed."""

    model_config = ConfigDict(title="Auto-merge")

    method: Literal["merge", "squash", "rebase"] = Field(default="squash", description="How the commit gets to base.")
    by: Literal["github", "bump"] = Field(
        default="github",
        description="github: its auto-merge, under the branch's rules. bump: a later run, after required_checks.",
    )
    required_checks: tuple[CheckName, ...] = Field(
        default=(), description="Checks that must have passed on the head; at least one with by: bump."
    )


class PullRequestSection(Section):
    """How the environment's one pull request is opened."""

    model_config = ConfigDict(title="Pull request")

    auto_merge: Annotated[
        AutoMergeSection | None,
        BeforeValidator(_none_word, json_schema_input_type=AutoMergeSection | Literal["none"] | None),
    ] = Field(default=None, description="none: a person merges. Otherwise who merges it, and how.")
    labels: tuple[Label, ...] = Field(default=(), description="Labels that the pull request gets.")
    reviewers: tuple[Login, ...] = Field(default=(), description="Users who are asked for a review.")
    team_reviewers: tuple[Team, ...] = Field(default=(), description="Teams (slugs) that are asked for a review.")
    assignees: tuple[Login, ...] = Field(default=(), max_length=10, description="Users it is assigned to, at most 10.")
    draft: bool = Field(default=False, description="Open it as a draft.")
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
    """What a promotion waits for."""

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
    follow: Channel | None = Field(default=None, description="The channel tag whose digest is pinned.")
    promote_from: EnvironmentName | None = Field(
        default=None, description="The environment whose exact digests `bump promote` copies."
    )
    gates: GatesSection = Field(default_factory=GatesSection, description="What a promotion waits for.")
    platforms: tuple[PlatformName, ...] = Field(default=(), description="Required here, beside those of the image.")
    pull_request: PullRequestSection = Field(
        default_factory=PullRequestSection, description="Merged over defaults.pull_request."
    )


class OperatorsSection(Section):
    """Which images are held to `operator-pinned`. What stands under a key `operators` always is."""

    model_config = ConfigDict(title="Operators")

    kinds: tuple[Kind, ...] = Field(
        default=KINDS, description="Kinds of custom resources: their spec.image is a primitive's image."
    )
    images: tuple[ImagePattern, ...] = Field(
        default=OPERATOR_IMAGES,
        json_schema_extra={"default": [str(glob) for glob in OPERATOR_IMAGES]},
        description="Patterns over host/path of operators' images, whoever's they are.",
    )
    paths: tuple[Pattern, ...] = Field(default=(), description="Patterns of files in which every image is one.")


class AdmissionSection(Section):
    """What `bump policy render` makes for clusters."""

    model_config = ConfigDict(title="Admission")

    namespace_labels: dict[LabelKey, LabelValue] = Field(
        default=dict(LABELS),
        min_length=1,
        description=f"Which namespaces are an environment's: all of these labels; {HOLE} stands for its name.",
    )
    registries: tuple[ImagePattern, ...] = Field(
        default=(), description="Patterns over host/path of the images that may run; empty: any image may."
    )
    actions: Actions = Field(
        default={EVERYWHERE: ("Warn", "Audit")},
        json_schema_extra={"default": [action.value for action in OBSERVED]},
        description=(
            "What happens to an object that breaks a rule: Deny, Warn, Audit, a list of them ([] makes no policies), "
            "or {environment: one of these}. Rules at the level warning never deny."
        ),
    )


class PolicySection(Section):
    """What `bump check` asks for, and how loudly."""

    model_config = ConfigDict(title="Policy")

    profile: Literal["plan", "strict"] = Field(
        default="plan", description="plan: every documented shape. strict: one string repo@sha256:… alone."
    )
    rules: dict[RuleName, Levels] = Field(
        default_factory=dict, description="Rule: its level, or {environment: level}; error, warning or ignore."
    )
    operators: OperatorsSection = Field(
        default_factory=OperatorsSection, description="Which images are operators' and primitives'."
    )
    admission: AdmissionSection = Field(
        default_factory=AdmissionSection, description="What `bump policy render` makes for clusters."
    )
    max_waiver_days: int = Field(
        default=90, ge=1, le=366, description="How far in the future a waiver may expire, in days."
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
