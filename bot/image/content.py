"""What a registry's manifest bytes say, after the checks that the specifications ask for.

Size, hash and media type come first, then the JSON: an index or a manifest, never something that is both
(CVE-2021-41190), never schema 1. Sizes are bytes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidContent, InvalidReference
from bot.image.digest import Digest
from bot.image.platform import Platform

MANIFEST_LIMIT: Final = 8 * 1024 * 1024
ATTESTATION_ARTIFACT: Final = "application/vnd.docker.attestation.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
# All four go into every Accept header: with fewer a registry may answer 404, or silently one platform's manifest.
MEDIA_TYPES: Final = (OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST)
_INDEXES: Final = frozenset({OCI_INDEX, DOCKER_LIST})
_MANIFESTS: Final = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
_LONGEST_SAID: Final = 80  # what the errors of this room leave whole
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")
_REFERENCE_TYPE: Final = "vnd.docker.reference.type"
_MOST_ENTRIES: Final = 1000
_SIZES_END: Final = 2**63  # an int64 of the specification; thousands of digits could not even be printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A pointer to content: its media type, digest, size in bytes and, in an index, its platform."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    artifact_type: str = ""
    attestation: bool = False

    @property
    def is_index(self) -> bool:
        """Whether it points at an index."""
        return self.media_type in _INDEXES

    @property
    def is_manifest(self) -> bool:
        """Whether it points at an image manifest."""
        return self.media_type in _MANIFESTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One manifest per platform. `size` is that of its own bytes."""

    media_type: str
    digest: Digest
    size: int
    manifests: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One platform's image: its config blob and layers. `size` is that of its own bytes."""

    media_type: str
    digest: Digest
    size: int
    config: Descriptor
    layers: tuple[Descriptor, ...]


Content = Index | Manifest


def parse_content(body: bytes, *, content_type: str, expected: Digest | None) -> Content:
    """Check and read the bytes of a manifest; raises `InvalidContent`.

    `content_type` is the answer's header; `expected` is the digest that was asked for or that the header named.
    The digest of the result is always the hash of `body`.
    Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md and image-index.md
    """
    if len(body) > MANIFEST_LIMIT:
        raise InvalidContent("manifest-too-large", f"manifest of {len(body)} bytes; the limit is {MANIFEST_LIMIT}")
    digest = Digest.of(body, algorithm=expected.algorithm if expected else "sha256")
    if expected is not None and digest != expected:
        raise InvalidContent("digest-mismatch", f"the bytes hash to {digest}, expected {expected}")
    named = content_type.partition(";")[0].strip()
    media_type = named.lower()
    document = _document(body)
    stated = document.get("mediaType", media_type)
    if stated != media_type:
        raise InvalidContent("media-type-mismatch", f"body says {_said(str(stated))}, Content-Type {_said(named)}")
    if "manifests" in document and ("layers" in document or "config" in document):
        raise InvalidContent("ambiguous-manifest", "both an index and an image manifest (CVE-2021-41190)")
    if document.get("schemaVersion") != 2 or "fsLayers" in document or "history" in document:  # noqa: PLR2004 - the schema's number
        raise InvalidContent("unsupported-schema", "not a version 2 manifest; push the image again with a current tool")
    if media_type in _INDEXES:
        entries = _descriptors(document, "manifests")
        return Index(media_type=media_type, digest=digest, size=len(body), manifests=entries)
    if media_type in _MANIFESTS:
        return Manifest(
            media_type=media_type,
            digest=digest,
            size=len(body),
            config=_descriptor(document.get("config"), "config"),
            layers=_descriptors(document, "layers"),
        )
    raise InvalidContent("unsupported-media-type", f"{_said(named)} is neither an image index nor a manifest")


def _said(text: str, why: object = None) -> str:
    """Show foreign text as it stands, or `why` it is wrong, or not at all: a part of a secret is known to nobody."""
    return str(why or repr(text)) if len(text) <= _LONGEST_SAID else f"a text of {len(text)} characters"


def _document(body: bytes) -> Mapping[str, object]:
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidContent("invalid-manifest", "the manifest is not JSON") from error
    if not isinstance(document, dict):
        raise InvalidContent("invalid-manifest", "the manifest is not a JSON object")
    return document


def _descriptors(document: Mapping[str, object], key: str) -> tuple[Descriptor, ...]:
    entries = document.get(key)
    if not isinstance(entries, list):
        raise InvalidContent("invalid-manifest", f"{key!r} is not a list")
    if len(entries) > _MOST_ENTRIES:
        raise InvalidContent("invalid-manifest", f"{len(entries)} entries in {key!r}; the limit is {_MOST_ENTRIES}")
    return tuple(_descriptor(entry, f"{key}[{position}]") for position, entry in enumerate(entries))


def _descriptor(entry: object, where: str) -> Descriptor:
    if not isinstance(entry, dict):
        raise InvalidContent("invalid-manifest", f"{where} is not an object")
    media_type, digest, size = entry.get("mediaType"), entry.get("digest"), entry.get("size")
    if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type):
        raise InvalidContent("invalid-manifest", f"{where}.mediaType is not a media type")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < _SIZES_END:
        raise InvalidContent("invalid-manifest", f"{where}.size is not a number of bytes")
    try:
        parsed = Digest.parse(digest if isinstance(digest, str) else "")
    except InvalidReference as error:
        raise InvalidContent("invalid-manifest", f"{where}.digest: {_said(str(digest), error)}") from error
    annotations = entry.get("annotations")
    referrer = isinstance(annotations, dict) and _REFERENCE_TYPE in annotations
    artifact = entry.get("artifactType")
    artifact_type = artifact if isinstance(artifact, str) and _MEDIA_TYPE.fullmatch(artifact) else ""
    return Descriptor(
        media_type=media_type.lower(),
        digest=parsed,
        size=size,
        platform=_platform(entry.get("platform"), where),
        artifact_type=artifact_type,
        # buildx: `unknown/unknown` with the annotation, and since 2026-08 also by artifactType.
        attestation=referrer or artifact_type == ATTESTATION_ARTIFACT,
    )


def _platform(entry: object, where: str) -> Platform | None:
    if entry is None:
        return None
    if not isinstance(entry, dict):
        raise InvalidContent("invalid-manifest", f"{where}.platform is not an object")
    parts = [entry.get("os"), entry.get("architecture"), entry.get("variant") or ""]
    if not all(isinstance(part, str) for part in parts) or not parts[0] or not parts[1]:
        return None  # what does not say its platform stands for none, and satisfies none
    if any("/" in str(part) for part in parts):  # joined, it would read as another platform
        raise InvalidContent("invalid-manifest", f"{where}.platform: a '/' within os, architecture or variant")
    text = "/".join(str(part) for part in parts if part)
    try:
        return Platform.parse(text)
    except InvalidReference as error:
        raise InvalidContent("invalid-manifest", f"{where}.platform: {_said(text, error)}") from error
