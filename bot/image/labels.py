"""What an image's labels say about its build. Labels are untrusted text: what does not fully match counts as absent.

Source of the names: https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from bot.errors import InvalidContent, InvalidReference
from bot.image.platform import Platform

_PREFIX: Final = "org.opencontainers.image."
_LEGACY: Final = {"revision": "vcs-ref", "source": "vcs-url", "created": "build-date", "version": "version"}
_REVISION: Final = re.compile(r"[0-9a-f]{7,64}")
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")
_PATH: Final = re.compile(r"/[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]*[A-Za-z0-9_-]")
_HOST: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?")
_CREATED: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build: the commit, the `https://host/owner/name` of its repository, when, and which version it says it is."""

    revision: str | None = None
    source: str | None = None
    created: datetime | None = None
    version: str | None = None


def parse_config(body: bytes) -> Build:
    """Read the labels of a config blob; raises `InvalidContent` when it is not a JSON object.

    Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties (`config.Labels`)
    """
    config = _document(body).get("config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    if not isinstance(labels, dict):
        return Build()

    def label(name: str) -> str:
        text = labels.get(_PREFIX + name) or labels.get(f"org.label-schema.{_LEGACY[name]}")
        return text if isinstance(text, str) else ""

    return Build(
        revision=label("revision") if _REVISION.fullmatch(label("revision")) else None,
        source=_source(label("source")),
        created=_created(label("created")),
        version=label("version") if _VERSION.fullmatch(label("version")) else None,
    )


def parse_platform(body: bytes) -> Platform | None:
    """Read which platform a config blob was built for; None when it does not say; raises `InvalidContent`.

    Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties (`os`, `architecture`)
    """
    document = _document(body)
    parts = [document.get("os"), document.get("architecture"), document.get("variant") or ""]
    if not all(isinstance(part, str) for part in parts) or not parts[0] or not parts[1]:
        return None
    try:
        return Platform.parse("/".join(str(part) for part in parts if part))
    except InvalidReference as error:
        raise InvalidContent("invalid-config", f"the image config's platform: {error}") from error


def _document(body: bytes) -> Mapping[str, object]:
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidContent("invalid-config", "the image config is not JSON") from error
    if not isinstance(document, dict):
        raise InvalidContent("invalid-config", "the image config is not a JSON object")
    return document


def _source(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    path = parts.path.removesuffix("/").removesuffix(".git")
    # urlsplit drops line ends and tabs, and an empty query: what it gave must be what stood there.
    plain = text.isascii() and text[len("https") :] == f"://{parts.netloc}{parts.path}" and parts.scheme == "https"
    if not plain or not _HOST.fullmatch(parts.netloc.lower()) or not _PATH.fullmatch(path) or ".." in path:
        return None
    return f"https://{parts.netloc.lower()}{path}"


def _created(text: str) -> datetime | None:
    if not _CREATED.fullmatch(text):
        return None
    try:
        created = datetime.fromisoformat(text.upper()[:19] + _zone(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return created if created >= _EARLIEST else None


def _zone(text: str) -> str:
    return "+00:00" if text[-1] in "Zz" else text[-6:]
