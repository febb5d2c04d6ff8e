"""The words of the OCI specifications as values: parse, or raise `InvalidReference` / `InvalidContent`.

Nothing here talks to a registry. Names and rules follow the OCI image and distribution specifications.
"""

from bot.image.content import (
    ATTESTATION_ARTIFACT,
    MANIFEST_LIMIT,
    MEDIA_TYPES,
    Content,
    Descriptor,
    Index,
    Manifest,
    parse_content,
)
from bot.image.digest import Digest
from bot.image.labels import Build, parse_config, parse_platform
from bot.image.platform import Platform
from bot.image.reference import Reference
from bot.image.repository import DOCKER_HUB, Repository, Tag

__all__ = [
    "ATTESTATION_ARTIFACT",
    "DOCKER_HUB",
    "MANIFEST_LIMIT",
    "MEDIA_TYPES",
    "Build",
    "Content",
    "Descriptor",
    "Digest",
    "Index",
    "Manifest",
    "Platform",
    "Reference",
    "Repository",
    "Tag",
    "parse_config",
    "parse_content",
    "parse_platform",
]
