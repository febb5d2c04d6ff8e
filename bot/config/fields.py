"""What a single text of the configuration may be: each function returns a value, or raises a `BumpError`.

Messages begin with the text as it was written, but never where somebody may have put a secret.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from bot.errors import ConfigError, InvalidReference
from bot.image import DOCKER_HUB, Platform, Repository, Tag
from bot.planning.glob import Glob
from bot.policy import RULES

NAME: Final = r"[a-z0-9][a-z0-9-]{0,38}"
KIND: Final = r"[A-Z][A-Za-z0-9]{0,62}"
VARIABLE: Final = r"BUMP_REGISTRY_[A-Z0-9_]+|GHCR_TOKEN"
REVISION: Final = r"\{revision(?::(?:[7-9]|[1-5][0-9]|6[0-4]))?\}"
DURATION: Final = r"(?:0|[1-9][0-9]{0,7})[smhd]"
LONGEST_LINE: Final = 500
VALUES_KEY: Final = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
API_GROUP: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
LABEL_KEY: Final = r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
LABEL_VALUE: Final = (
    r"(?:[A-Za-z0-9]|\{environment\})(?:(?:[A-Za-z0-9._-]|\{environment\})*(?:[A-Za-z0-9]|\{environment\}))?"
)
RESERVED: Final = ("promote", "rollback")  # they stand where a name stands in branch names
LONGEST_NAME: Final = 39
LONGEST_VALUE: Final = 63  # of a Kubernetes label
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST: Final = 365 * 86400
_PORTS: Final = range(1, 65536)
_LONGEST_TEXT: Final = 255
# https://git-scm.com/docs/git-check-ref-format
_IMAGE_PATH: Final = re.compile(r"[a-z0-9._/*?-]+")
_WILD_PORT: Final = re.compile(r"[0-9*?]{1,5}")
_HOST: Final = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?")
_REALM: Final = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%/-]*)?")


def environment(text: str) -> str:
    """An environment's name, which also stands in branch names."""
    if not re.fullmatch(NAME, text):
        raise ConfigError(
            f"{text[:60]!r}: not an environment's name; expected up to 39 lower-case letters, digits and '-', "
            "not starting with '-'"
        )
    if text in RESERVED:
        raise ConfigError(f"{text!r}: reserved, branches are named so; choose another name")
    return text


def rule(text: str, *, waivable: bool = False) -> str:
    """A policy rule's name; with `waivable` one that a waiver can excuse."""
    known = [name for name, one in RULES.items() if one.waivable or not waivable]
    if text not in known:
        why = "no waiver excuses that" if text in RULES else "no such rule"
        raise ConfigError(f"{text[:60]!r}: {why}; there are {', '.join(known)}")
    return text


def kind(text: str) -> str:
    """The kind of a Kubernetes object."""
    if not re.fullmatch(KIND, text):
        raise ConfigError(
            f"{text[:60]!r}: not a kind; expected one word in capitals as Kubernetes writes it, as in Domain"
        )
    return text


def api_group(text: str) -> str:
    """The API group of custom resources."""
    if not re.fullmatch(API_GROUP, text):
        raise ConfigError(f"{text[:60]!r}: not an API group; expected a domain in lower case, without a version")
    return text


def values_key(text: str) -> str:
    """The path of a value, as templates write it behind `.Values`."""
    if len(text) > LONGEST_LINE or not re.fullmatch(VALUES_KEY, text):
        raise ConfigError(
            f"{text[:60]!r}: not a path of keys; expected words with dots between, as in global.pullPolicy"
        )
    return text


def file_path(text: str) -> str:
    """A file of the repository."""
    if len(text) > LONGEST_LINE or not text.isprintable() or not all(part.strip(".") for part in text.split("/")):
        raise ConfigError(f"{text[:60]!r}: not a file's path; write it from the repository's root, as in docs/a.md")
    return text


def line(text: str) -> str:
    """A text of one line."""
    if not text.strip() or len(text) > LONGEST_LINE or not text.isprintable():
        raise ConfigError(f"expected one line of 1 to {LONGEST_LINE} characters, without control characters")
    return text.strip()


def tag(text: str) -> Tag:
    """A channel: one tag, without its repository."""
    return Tag.parse(text)


def platform(text: str) -> Platform:
    """A platform that can be required."""
    parsed = Platform.parse(text)
    if not parsed.known:
        raise ConfigError(f"{text!r}: build attestations say this, no image; name a real platform, as in linux/amd64")
    return parsed


def image_pattern(text: str) -> Glob:
    """A pattern over `host/path`; one that no image can ever match is refused, with the reason."""
    glob = Glob.parse(text)
    first, slash, rest = text.partition("/")
    wild = "*" in first or "?" in first
    if not wild:
        normal = Repository.parse(f"{first}/name/name")
        if normal.path != "name/name":
            raise ConfigError(f"{text!r}: {first!r} is no host; begin with the registry, as in {DOCKER_HUB}/acme/*")
        if normal.host != first:
            raise ConfigError(f"{text!r}: matches nothing, the host is written {normal.host!r}; write it so")
        if not slash:
            raise ConfigError(f"{text!r}: a host alone matches no image; write {first}/** for all of them")
    name, colon, port = first.partition(":") if wild and slash else (first, "", "")
    if colon and not _WILD_PORT.fullmatch(port):
        raise ConfigError(f"{text!r}: matches nothing, {port!r} is no port; write digits, or * for any port")
    if not _IMAGE_PATH.fullmatch(rest if not wild else f"{name}{slash}{rest}"):
        raise ConfigError(f"{text!r}: matches nothing; write host/path in lower case, without tag or digest")
    return glob


def source_pattern(text: str) -> Glob:
    """A pattern over `host/owner/name` of a source repository; the host is spelled out."""
    if "://" in text:
        raise ConfigError(f"{text!r}: write it without https://, as in github.com/acme/*")
    first, slash, _ = text.partition("/")
    if not slash or not _HOST.fullmatch(first):
        raise ConfigError(f"{text!r}: expected host/owner/name with the host in full, as in github.com/acme/*")
    return Glob.parse(text)


def revision_tag(text: str) -> str:
    """A tag in which `{revision}` stands for the commit, or `{revision:7}` for its first digits (7 to 64)."""
    filled, count = re.subn(REVISION, "0" * 64, text)
    if count != 1:
        raise ConfigError(
            f"{text!r}: expected {{revision}} or {{revision:7}} in it exactly once, as in sha-{{revision}}"
        )
    try:
        Tag.parse(filled)
    except InvalidReference as error:
        raise ConfigError(f"{text[:150]!r}: gives no tag; beside {{revision}} use letters, digits, '_.-'") from error
    return text


def seconds(text: str) -> int:
    """A duration with one unit, in seconds."""
    if not re.fullmatch(DURATION, text):
        raise ConfigError(f"{text[:40]!r}: expected a whole number and one unit of s, m, h, d, as in 30m")
    value = int(text[:-1]) * _SECONDS[text[-1]]
    if value > _LONGEST:
        raise ConfigError(f"{text!r}: longer than a year; expected at most 365d")
    return value


def host(text: str) -> str:
    """A registry's host and port, lower case; Docker Hub's other names become docker.io."""
    expected = "expected the host with its port if it has one, as in registry.corp:5000"
    try:
        parsed = Repository.parse(f"{text}/name/name")
    except InvalidReference as error:
        raise ConfigError(f"not a registry's host; {expected}") from error
    if parsed.path != "name/name":
        raise ConfigError(f"not a registry's host; {expected}; without a dot or a port it reads as a path")
    port = re.search(r":([0-9]+)\Z", text)
    if port and int(port[1]) not in _PORTS:
        raise ConfigError(f"port {port[1]}; expected 1 to 65535")
    return parsed.host


def variable(text: str) -> str:
    """The name of the variable that holds a registry's token; the text is never repeated, it may be the token."""
    if not re.fullmatch(VARIABLE, text):
        raise ConfigError(
            "expected the name of a variable, BUMP_REGISTRY_… in capitals or GHCR_TOKEN; "
            "if this was the token itself, take it out and revoke it"
        )
    return text


def username(text: str) -> str:
    """A user name for Basic authentication, which splits at the first colon (RFC 7617)."""
    if not text or len(text) > _LONGEST_TEXT or ":" in text or not text.isprintable():
        raise ConfigError("expected a user name of 1 to 255 characters without ':'; a token belongs in token_env")
    return text


def realm(text: str) -> str:
    """Where tokens are fetched: https without userinfo; plain http on loopback alone."""
    if "@" in text:
        raise ConfigError("a URL with a user in it; remove it, credentials come from token_env")
    expected = "expected an https URL without query, as in https://auth.corp"
    if not _REALM.fullmatch(text):
        raise ConfigError(f"{text[:100]!r}: {expected}")
    try:
        parts = urlsplit(text)
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"{text[:100]!r}: {expected}") from error
    if port == 0:
        raise ConfigError(f"{text[:100]!r}: port 0; expected 1 to 65535")
    if parts.scheme == "http" and not _is_loopback(name):
        raise ConfigError(f"{text[:100]!r}: credentials would cross the network in clear text; use https")
    return text


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def file_inside(text: str) -> str:
    """A file of the repository, relative to its root."""
    parts = text.split("/")
    plain = text.isprintable() and "\\" not in text and not text.startswith("~") and len(text) <= _LONGEST_TEXT
    if not plain or any(part in {"", ".", "..", ".git"} for part in parts):
        raise ConfigError(f"{text[:100]!r}: expected a path inside the repository from its root, as in certs/ca.pem")
    return text


def namespace_label(text: str) -> str:
    """The key of a label of namespaces."""
    if not re.fullmatch(LABEL_KEY, text):
        raise ConfigError(f"{text[:60]!r}: not a label's key; expected prefix/name, as in ameide.io/environment")
    return text


def label_value(text: str) -> str:
    """The value of a label of namespaces; `{environment}` in it stands for the environment's name."""
    longest = text.replace("{environment}", "e" * LONGEST_NAME)
    if not re.fullmatch(LABEL_VALUE, text) or len(longest) > LONGEST_VALUE:
        raise ConfigError(
            f"{text[:60]!r}: not a label's value; expected up to {LONGEST_VALUE} letters, digits, '-', '_' and '.', "
            f"and {{environment}} for the environment's name (which may have {LONGEST_NAME})"
        )
    return text
