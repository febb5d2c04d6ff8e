"""Small whole images: the same repository, build and platforms give the same bytes, and so the same digests, anywhere.

Nothing is compressed: what a compressor writes differs from one version of it to the next.
"""

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.image import Digest, Platform, Repository

AMD64: Final = Platform.parse("linux/amd64")
ARM64: Final = Platform.parse("linux/arm64")
_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
_DAY_BEFORE_THE_FIRST: Final = datetime(2026, 1, 4, 9, 30, tzinfo=UTC)
_REVISION_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes with their media type: a manifest, a config or a layer."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> Digest:
        """The hash of the bytes."""
        return Digest.of(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An index, the manifests that it names, and the blobs that those name."""

    index: Part
    manifests: tuple[Part, ...]
    blobs: tuple[Part, ...]


def build(repository: Repository, number: int, *platforms: Platform) -> Image:
    """Return build `number` (from 1, one a day) of an image, for `platforms`; without any, for the usual two."""
    manifests: list[Part] = []
    blobs: list[Part] = []
    entries: list[Mapping[str, object]] = []
    for platform in platforms or (AMD64, ARM64):
        layer = Part(_LAYER, _tar(f"{repository} {number} {platform}\n".encode()))
        config = Part(_CONFIG, _config(repository, number, platform, layer.digest))
        manifest = Part(_MANIFEST, _manifest(config, (layer,)))
        manifests.append(manifest)
        blobs += (config, layer)
        stated = {"architecture": platform.architecture, "os": platform.os}
        entries.append({**_descriptor(manifest), "platform": stated})
    index = Part(_INDEX, _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}))
    return Image(index=index, manifests=tuple(manifests), blobs=tuple(blobs))


def _manifest(config: Part, layers: Sequence[Part]) -> bytes:
    return _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(config),
            "layers": [_descriptor(layer) for layer in layers],
        }
    )


def _config(repository: Repository, number: int, platform: Platform, layer: Digest) -> bytes:
    """Labels: https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md."""
    created = (_DAY_BEFORE_THE_FIRST + timedelta(days=number)).isoformat()
    labels = {
        "org.opencontainers.image.created": created,
        "org.opencontainers.image.revision": Digest.of(f"{repository} {number}".encode()).encoded[:_REVISION_LENGTH],
        "org.opencontainers.image.source": f"https://github.com/{repository.path}",
    }
    return _json(
        {
            "architecture": platform.architecture,
            "os": platform.os,
            "created": created,
            "config": {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [str(layer)]},
        }
    )


def _descriptor(part: Part) -> Mapping[str, object]:
    return {"mediaType": part.media_type, "digest": str(part.digest), "size": len(part.body)}


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, indent=2).encode()


def _tar(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("app")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
