"""The kinds of text in environments.yaml: what each is read as, and what an editor and the documents say of it."""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.config import fields, github_fields
from bot.errors import BumpError
from bot.image import Platform, Tag
from bot.planning.glob import Glob
from bot.policy import RULES

T = TypeVar("T")

WORDED: Final = "worded"  # the type of an error whose reason is already in the user's words


def worded(reason: str) -> PydanticCustomError:
    """An error that is told in these words."""
    return PydanticCustomError(WORDED, "{reason}", {"reason": reason})


def read_text(parse: Callable[[str], T], *, expected: str = "text; quote it") -> PlainValidator:
    """Read a text by `parse`, whose `BumpError` becomes what is told about the key."""

    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "{expected}", {"expected": expected})
        try:
            return parse(value)
        except BumpError as error:
            raise worded(str(error)) from error

    return PlainValidator(validate)


def shown(pattern: str = "", *, examples: tuple[str, ...] = (), **more: object) -> WithJsonSchema:
    """Say what an editor is told about a text."""
    shape: dict[str, Any] = {"type": "string", **more}
    if pattern:
        shape["pattern"] = f"^(?:{pattern})$"
    if examples:
        shape["examples"] = list(examples)
    return WithJsonSchema(shape)


Pattern = Annotated[
    Glob,
    read_text(Glob.parse),
    shown(
        title="path pattern",
        description="From the repository's root: * within a segment, ** any number of whole segments, ? one character.",
        examples=("sources/values/env/dev/**",),
        minLength=1,
        maxLength=500,
    ),
]
ImagePattern = Annotated[
    Glob,
    read_text(fields.image_pattern),
    shown(
        title="image pattern",
        description="host/path in lower case, without tag or digest; *, ** and ? as in a path pattern.",
        examples=("ghcr.io/acme/*",),
        minLength=1,
    ),
]
SourcePattern = Annotated[
    Glob,
    read_text(fields.source_pattern),
    shown(
        title="source pattern",
        description="host/owner/name without https://, the host in full; *, ** and ? as in a path pattern.",
        examples=("github.com/acme/*",),
    ),
]
Channel = Annotated[
    Tag,
    read_text(fields.tag),
    shown(
        r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}",
        title="tag",
        description="A tag without its repository: up to 128 letters, digits, '_', '.' and '-'.",
        examples=("main",),
    ),
]
PlatformName = Annotated[
    Platform,
    read_text(fields.platform),
    shown(
        title="platform",
        description="os/arch or os/arch/variant; arm64 and arm64/v8 are the same.",
        examples=("linux/amd64", "linux/arm64", "linux/arm/v7"),
    ),
]
EnvironmentName = Annotated[
    str,
    read_text(fields.environment),
    shown(
        fields.NAME,
        title="environment",
        description=(
            "An environment's name: up to 39 lower-case letters, digits and '-', no '-' first; not promote or rollback."
        ),
        examples=("dev",),
        **{"not": {"enum": list(fields.RESERVED)}},
    ),
]
RuleName = Annotated[
    str,
    read_text(fields.rule),
    shown(title="rule", description="The name of a rule of `bump check`.", enum=list(RULES)),
]
Kind = Annotated[
    str,
    read_text(fields.kind),
    shown(fields.KIND, title="kind", description="A Kubernetes kind.", examples=("Domain",)),
]
ApiGroup = Annotated[
    str,
    read_text(fields.api_group),
    shown(fields.API_GROUP, title="group", description="An API group of Kubernetes.", examples=("ameide.io",)),
]
ValuesKey = Annotated[
    str,
    read_text(fields.values_key),
    shown(
        fields.VALUES_KEY,
        title="values key",
        description="A path of keys in a chart's values.",
        examples=("global.ameide.primitives.imagePullPolicy",),
        maxLength=fields.LONGEST_LINE,
    ),
]
FilePath = Annotated[
    str,
    read_text(fields.file_path),
    shown(
        title="file",
        description="A file, from the repository's root.",
        examples=("docs/operators.md",),
        minLength=1,
        maxLength=fields.LONGEST_LINE,
    ),
]
Sentence = Annotated[
    str,
    read_text(fields.line),
    shown(title="line", description="One line of text.", minLength=1, maxLength=fields.LONGEST_LINE),
]
RevisionTag = Annotated[
    str,
    read_text(fields.revision_tag),
    shown(
        rf"[^{{}}]*{fields.REVISION}[^{{}}]*",
        title="tag template",
        description="A tag with {revision} in it exactly once, or {revision:7} for its first 7 (to 64) digits.",
        examples=("sha-{revision:7}",),
    ),
]
Seconds = Annotated[
    int,
    read_text(fields.seconds, expected="a duration such as 30m"),
    shown(
        fields.DURATION,
        title="duration",
        description="A whole number and one unit of s, m, h, d; at most 365d.",
        examples=("30m", "0h", "2d"),
    ),
]
Host = Annotated[
    str,
    read_text(fields.host),
    shown(
        title="registry",
        description="A registry's host, with its port if it has one.",
        examples=("registry.corp:5000",),
    ),
]
Variable = Annotated[
    str,
    read_text(fields.variable),
    shown(
        fields.VARIABLE,
        title="variable",
        description="The name of an environment variable: BUMP_REGISTRY_…, or GHCR_TOKEN. Never the token itself.",
        examples=("BUMP_REGISTRY_CORP",),
    ),
]
Username = Annotated[
    str,
    read_text(fields.username),
    shown(title="user name", description="1 to 255 characters without ':'.", minLength=1, maxLength=255),
]
Realm = Annotated[
    str,
    read_text(fields.realm),
    shown(
        "https?://.+",
        title="realm",
        description="An https URL without user name and query; plain http on loopback alone.",
        examples=("https://auth.corp",),
    ),
]
FileInside = Annotated[
    str,
    read_text(fields.file_inside),
    shown(
        title="file",
        description="A file within the repository, by its path from the root.",
        examples=("certs/ca.pem",),
    ),
]
GitHubRepository = Annotated[
    str,
    read_text(github_fields.github_repository),
    shown(github_fields.REPOSITORY, title="repository", description="owner/name at GitHub.", examples=("acme/gitops",)),
]
Branch = Annotated[
    str,
    read_text(github_fields.branch),
    shown(title="branch", description="A branch's name, as git allows it.", examples=("main",), minLength=1),
]
Label = Annotated[
    str,
    read_text(github_fields.label),
    shown(
        title="label",
        description="A label at GitHub. bump:retry is not allowed: a person sets it.",
        examples=("image-bump",),
        minLength=1,
        maxLength=github_fields.LONGEST_LABEL,
    ),
]
Login = Annotated[
    str,
    read_text(github_fields.login),
    shown(github_fields.LOGIN, title="user", description="A user's name at GitHub, without @.", examples=("octocat",)),
]
Team = Annotated[
    str,
    read_text(github_fields.team),
    shown(
        github_fields.TEAM, title="team", description="A team's slug, without its organisation.", examples=("platform",)
    ),
]
CheckName = Annotated[
    str,
    read_text(github_fields.check_name),
    shown(
        title="check",
        description="The name of a check run or commit status, as the pull request lists it.",
        examples=("gate",),
        minLength=1,
        maxLength=255,
    ),
]
LabelKey = Annotated[
    str,
    read_text(fields.namespace_label),
    shown(fields.LABEL_KEY, title="label", description="The key of a Kubernetes label."),
]
LabelValue = Annotated[
    str,
    read_text(fields.label_value),
    shown(fields.LABEL_VALUE, title="label value", description="The value of a Kubernetes label."),
]
