"""The kinds of text in environments.yaml: what each is read as, and what an editor and the documents say of it."""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.config import fields
from bot.errors import BumpError
from bot.image import Platform, Tag
from bot.planning.glob import Glob

T = TypeVar("T")

WORDED: Final = "worded"  # the type of an error whose reason is already in the user's words


def worded(reason: str) -> PydanticCustomError:
    """An error that is told in these words."""
    return PydanticCustomError(WORDED, "{reason}", {"reason": reason})


def _read(parse: Callable[[str], T], *, expected: str = "text; quote it") -> PlainValidator:
    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "{expected}", {"expected": expected})
        try:
            return parse(value)
        except BumpError as error:
            raise worded(str(error)) from error

    return PlainValidator(validate)


def _shown(pattern: str = "", *, examples: tuple[str, ...] = (), **more: object) -> WithJsonSchema:
    shape: dict[str, Any] = {"type": "string", **more}
    if pattern:
        shape["pattern"] = f"^(?:{pattern})$"
    if examples:
        shape["examples"] = list(examples)
    return WithJsonSchema(shape)


Pattern = Annotated[
    Glob,
    _read(Glob.parse),
    _shown(
        title="path pattern",
        description="From the repository's root: * within a segment, ** any number of whole segments, ? one character.",
        examples=("sources/values/env/dev/**",),
        minLength=1,
        maxLength=500,
    ),
]
ImagePattern = Annotated[
    Glob,
    _read(fields.image_pattern),
    _shown(
        title="image pattern",
        description="host/path in lower case, without tag or digest; *, ** and ? as in a path pattern.",
        examples=("ghcr.io/acme/*",),
        minLength=1,
    ),
]
SourcePattern = Annotated[
    Glob,
    _read(fields.source_pattern),
    _shown(
        title="source pattern",
        description="host/owner/name without https://, the host in full; *, ** and ? as in a path pattern.",
        examples=("github.com/acme/*",),
    ),
]
Channel = Annotated[
    Tag,
    _read(fields.tag),
    _shown(
        r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}",
        title="tag",
        description="A tag without its repository: up to 128 letters, digits, '_', '.' and '-'.",
        examples=("main",),
    ),
]
PlatformName = Annotated[
    Platform,
    _read(fields.platform),
    _shown(
        title="platform",
        description="os/arch or os/arch/variant; arm64 and arm64/v8 are the same.",
        examples=("linux/amd64", "linux/arm64", "linux/arm/v7"),
    ),
]
EnvironmentName = Annotated[
    str,
    _read(fields.environment),
    _shown(
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
    _read(fields.rule),
    _shown(fields.RULE, title="rule", description="A policy rule's name: lower-case words joined by '-'."),
]
RevisionTag = Annotated[
    str,
    _read(fields.revision_tag),
    _shown(
        rf"[^{{}}]*{fields.REVISION}[^{{}}]*",
        title="tag template",
        description="A tag with {revision} in it exactly once, or {revision:7} for its first 7 (to 64) digits.",
        examples=("sha-{revision:7}",),
    ),
]
Seconds = Annotated[
    int,
    _read(fields.seconds, expected="a duration such as 30m"),
    _shown(
        fields.DURATION,
        title="duration",
        description="A whole number and one unit of s, m, h, d; at most 365d.",
        examples=("30m", "0h", "2d"),
    ),
]
Host = Annotated[
    str,
    _read(fields.host),
    _shown(
        title="registry",
        description="A registry's host, with its port if it has one.",
        examples=("registry.corp:5000",),
    ),
]
Variable = Annotated[
    str,
    _read(fields.variable),
    _shown(
        fields.VARIABLE,
        title="variable",
        description="The name of an environment variable: BUMP_REGISTRY_…, or GHCR_TOKEN. Never the token itself.",
        examples=("BUMP_REGISTRY_CORP",),
    ),
]
Username = Annotated[
    str,
    _read(fields.username),
    _shown(title="user name", description="1 to 255 characters without ':'.", minLength=1, maxLength=255),
]
Realm = Annotated[
    str,
    _read(fields.realm),
    _shown(
        "https?://.+",
        title="realm",
        description="An https URL without user name and query; plain http on loopback alone.",
        examples=("https://auth.corp",),
    ),
]
FileInside = Annotated[
    str,
    _read(fields.file_inside),
    _shown(
        title="file",
        description="A file within the repository, by its path from the root.",
        examples=("certs/ca.pem",),
    ),
]
GitHubRepository = Annotated[
    str,
    _read(fields.github_repository),
    _shown(fields.REPOSITORY, title="repository", description="owner/name at GitHub.", examples=("acme/gitops",)),
]
Branch = Annotated[
    str,
    _read(fields.branch),
    _shown(title="branch", description="A branch's name, as git allows it.", examples=("main",), minLength=1),
]
Label = Annotated[
    str,
    _read(fields.label),
    _shown(
        title="label",
        description="A label at GitHub. bump:retry is not allowed: a person sets it.",
        examples=("image-bump",),
        minLength=1,
        maxLength=fields.LONGEST_LABEL,
    ),
]
Login = Annotated[
    str,
    _read(fields.login),
    _shown(fields.LOGIN, title="user", description="A user's name at GitHub, without @.", examples=("octocat",)),
]
Team = Annotated[
    str,
    _read(fields.team),
    _shown(fields.TEAM, title="team", description="A team's slug, without its organisation.", examples=("platform",)),
]
CheckName = Annotated[
    str,
    _read(fields.check_name),
    _shown(
        title="check",
        description="The name of a check run or commit status, as the pull request lists it.",
        examples=("gate",),
        minLength=1,
        maxLength=255,
    ),
]
