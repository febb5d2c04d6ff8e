"""The rules of registries and their token servers, without I/O: where to ask, whom to trust, when to ask again.

A credential goes to the origin that it was meant for and nowhere else; what breaks that is refused here, by raising
`RegistryError`. No text of a registry is passed on unchecked, and no query string is ever shown.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from bot.errors import RegistryError
from bot.image import DOCKER_HUB, Repository
from bot.log import redact
from bot.planning.environment import RegistryRule

GHCR: Final = "ghcr.io"
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_HUB_ORIGIN: Final = "https://registry-1.docker.io"
_HUB_REALM: Final = "https://auth.docker.io"
_NAME: Final = re.compile(r"[a-z0-9.:_-]+")
_PLAIN: Final = re.compile(r"[!-\[\]-~]+")  # what a URL is made of: no blank, no control character, no backslash
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_HEADER: Final = 8192
_LONGEST_READ: Final = 2000  # of foreign text, before any pattern sees it
_LONGEST_TEXT: Final = 200
_LONGEST_ANSWER: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a registry wants before it answers: `scheme` is `basic` or `bearer`."""

    scheme: str
    realm: str = ""
    service: str = ""


# https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry:
# the answer never changes, so nobody has to be asked for it first.
KNOWN_CHALLENGES: Final[Mapping[str, Challenge]] = {
    "https://ghcr.io": Challenge(scheme="bearer", realm="https://ghcr.io/token", service="ghcr.io")
}


# ---- where ----------------------------------------------------------------------------------------------------------


def is_loopback(name: str) -> bool:
    """Whether `name`, a host without its port, is this machine, whatever a resolver says.

    Only the three usual names: these, and no range of addresses, can be kept from a proxy of the surroundings.
    """
    return name.strip("[]") in LOOPBACK


def origin(url: str) -> str:
    """Return `scheme://host[:port]` of `url`, comparable as text; raises ValueError for what is no plain http URL."""
    parts = urlsplit(url)
    name, port = (parts.hostname or "").lower(), parts.port
    if parts.scheme not in _PORTS or not _NAME.fullmatch(name) or "@" in parts.netloc or not _PLAIN.fullmatch(url):
        raise ValueError("expected http(s)://host/path")
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, _PORTS[parts.scheme]} else "")


def endpoint(host: str, rule: RegistryRule | None, endpoints: Mapping[str, str]) -> str:
    """Return the origin at which the registry `host` is asked: https, but on loopback and where a rule says `insecure`.

    There is no falling back from one to the other (CVE-2019-10214).
    """
    if host in endpoints:
        return origin(endpoints[host])
    if host == DOCKER_HUB:
        return _HUB_ORIGIN
    plain = rule is not None and rule.insecure
    private = rule is not None and rule.ca_file is not None
    scheme = "http" if plain or (is_loopback(urlsplit(f"//{host}").hostname or "") and not private) else "https"
    try:
        return origin(f"{scheme}://{host}")
    except ValueError as error:
        raise RegistryError("registry-unreachable", f"{host} is no host that can be asked") from error


def may_carry_credentials(at: str) -> bool:
    """Whether a credential may be sent to the origin `at`: encrypted, or it stays on this machine."""
    parts = urlsplit(at)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def redirect_target(current: str, location: str | None) -> str:
    """Return where a blob's redirect leads; raises `RegistryError`: https stays https, and nobody is named in a URL.

    Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
    """
    if not location or len(location) > _LONGEST_HEADER:
        raise RegistryError("redirect-refused", "a redirect of a blob that leads nowhere")
    try:
        target = urljoin(current, location)
        leads_to = origin(target)
    except ValueError as error:
        raise RegistryError("redirect-refused", "a redirect of a blob that is not a plain URL") from error
    if current.startswith("https:") and not leads_to.startswith("https:"):
        raise RegistryError("redirect-refused", f"a redirect of a blob from https to {leads_to}")
    return target


# ---- who ------------------------------------------------------------------------------------------------------------

_SCHEME: Final = re.compile(r"[\s,]*([A-Za-z][A-Za-z0-9-]*)(?=[\s,]|$)")
_PARAMETER: Final = re.compile(r'[\s,]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


def parse_challenge(header: str | None) -> Challenge | None:
    """Read `WWW-Authenticate`: Bearer before Basic when both are offered, None when neither is.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 and
    https://distribution.github.io/distribution/spec/auth/token/
    """
    found: dict[str, Challenge] = {}
    text = (header or "")[:_LONGEST_HEADER]
    position = 0
    while match := _SCHEME.match(text, position):
        position = match.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(text, position):
            position = parameter.end()
            quoted = parameter[2]
            value = parameter[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(parameter[1].lower(), value)
        scheme = match[1].lower()
        realm, service = parameters.get("realm", ""), parameters.get("service", "")
        found.setdefault(scheme, Challenge(scheme=scheme, realm=realm, service=service))
    return found.get("bearer") or found.get("basic")


def check_realm(realm: str, *, host: str, at: str, rule: RegistryRule | None) -> None:
    """Refuse to fetch tokens anywhere but where this registry's credential was meant for; raises `RegistryError`.

    That is: the registry's own origin, the rule's `token_realm`, or Docker Hub's known realm. A challenge is text of
    the registry, or of whoever answered in its place (CVE-2026-48978, CVE-2026-33540).
    """
    shown = _shown(realm)
    try:
        asked = origin(realm)
    except ValueError as error:
        raise RegistryError("realm-refused", f"the token realm {shown} is not a plain URL") from error
    if asked == at or (host == DOCKER_HUB and at == _HUB_ORIGIN and asked == _HUB_REALM):
        return
    wanted = rule.token_realm if rule else None
    if wanted is not None and asked == origin(wanted) and may_carry_credentials(asked):
        path = urlsplit(wanted).path
        if path in {"", "/", urlsplit(realm).path}:
            return
    raise RegistryError(
        "realm-refused",
        f"tokens would be fetched from {shown}, which is not the registry's own origin; "
        f"if that is right, set registries.{host}.token_realm: {shown}",
    )


_OURS: Final = frozenset({"scope", "service", "offline_token", "client_id"})


def token_server(challenge: Challenge) -> str:
    """Return the realm without what only we say: a second scope in its query would ask for more, or for another."""
    parts = urlsplit(challenge.realm)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _OURS]
    return parts._replace(query=urlencode(query, quote_via=quote, safe=":/"), fragment="").geturl()


def token_url(challenge: Challenge, repository: Repository) -> str:
    """Return the URL of a token to pull `repository` and nothing else; the scope is ours, not the challenge's.

    Source: https://distribution.github.io/distribution/spec/auth/token/#requesting-a-token
    """
    parts = urlsplit(token_server(challenge))
    query = parse_qsl(parts.query)
    if challenge.service:
        query.append(("service", challenge.service))
    query.append(("scope", f"repository:{repository.path}:pull"))
    return parts._replace(query=urlencode(query, quote_via=quote, safe=":/"), fragment="").geturl()


def token_form(challenge: Challenge, repository: Repository, identity_token: str) -> bytes:
    """Return the body that trades an identity token for a token to pull `repository`, sent to the challenge's realm.

    Source: https://distribution.github.io/distribution/spec/auth/oauth/#refresh-token-format
    """
    fields = {
        "grant_type": "refresh_token",
        "service": challenge.service,
        "client_id": "bump",
        "scope": f"repository:{repository.path}:pull",
        "refresh_token": identity_token,
    }
    return urlencode(fields).encode()


# https://www.rfc-editor.org/rfc/rfc6750#section-2.1, so that a token can break no header
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def parse_token(body: bytes) -> str:
    """Read a token server's answer, `token` or `access_token`; raises `RegistryError`."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RegistryError("registry-error", "the token server's answer is not JSON") from error
    token = (document.get("token") or document.get("access_token")) if isinstance(document, dict) else None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise RegistryError("registry-error", "the token server's answer holds no token")
    return token


# ---- when -----------------------------------------------------------------------------------------------------------

_TOO_MANY: Final = 429
_SERVER_ERRORS: Final = range(500, 600)
_STATED: Final = re.compile(r"retry-after:\s*((?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|μs|ms|s|m|h))+)", re.IGNORECASE)
_GO_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|μs|ms|s|m|h)")
_GO_UNIT: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def is_transient_status(status: int) -> bool:
    """Whether the same request may well succeed in a moment."""
    return status == _TOO_MANY or status in _SERVER_ERRORS


def stated_delay(headers: Mapping[str, str], body: bytes, now: datetime) -> float | None:
    """Return the seconds that the registry asks to wait: `Retry-After` as seconds or a date, or in GHCR's message.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after; GHCR says `retry-after: 1.16676ms, allowed: …`
    """
    header = headers.get("retry-after", "").strip()
    if header.isascii() and header.isdigit():
        return float(header[:9])
    if header:
        try:
            return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None
    stated = _STATED.search(body[:_LONGEST_HEADER].decode(errors="replace"))
    if not stated:
        return None
    return sum(float(number) * _GO_UNIT[unit] for number, unit in _GO_PART.findall(stated[1].lower()))


def delay(attempt: int, stated: float | None, jitter: float) -> float:
    """Return the seconds before attempt `attempt + 1`: what was asked for, or doubling; at least one second.

    `jitter` (0 to 1) is added, so that a whole fleet of waiting requests does not come back at once.
    """
    return max(1.0, stated if stated is not None else 2.0 ** (attempt - 1)) + jitter


# ---- what was said --------------------------------------------------------------------------------------------------


def explain(body: bytes) -> str:
    """Return the first error of a registry's answer as it stands there; empty when it says nothing.

    It may repeat a secret: that is replaced in the whole text, before `plain` makes it short.
    Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
    """
    if len(body) > _LONGEST_ANSWER:
        return ""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    errors = document.get("errors") if isinstance(document, dict) else None
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        said = [errors[0].get("code"), errors[0].get("message")]
    elif isinstance(document, dict):  # token servers of other makes
        said = [document.get("details") or document.get("message") or document.get("error")]
    else:
        return ""
    return ": ".join(part for part in said if isinstance(part, str) and part)


def plain(text: str) -> str:
    """Make foreign text fit for a message: one line, printable, short, and no URL with its query."""
    line = re.sub(r"(https?://[^\s?#]*)[?#]\S*", r"\1", text[:_LONGEST_READ])
    line = "".join(character if character.isprintable() else " " for character in line)
    return " ".join(line.split())[:_LONGEST_TEXT]


def _shown(url: str) -> str:
    """A URL without userinfo, query and fragment. A secret in it is replaced before anything is cut off it."""
    without = re.sub(r"[?#].*", "", redact(url), flags=re.DOTALL)
    return plain(re.sub(r"//[^/]*@", "//", without))
