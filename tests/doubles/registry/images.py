"""Small valid images: a layer, a config per platform, manifests, an index, with or without build attestations.

The same arguments give the same bytes. Source: https://github.com/opencontainers/image-spec/tree/v1.1.1
"""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.image import Digest, Platform

Kind = Literal["oci", "docker"]

INDEX = {
    "oci": "application/vnd.oci.image.index.v1+json",
    "docker": "application/vnd.docker.distribution.manifest.list.v2+json",
}
MANIFEST = {
    "oci": "application/vnd.oci.image.manifest.v1+json",
    "docker": "application/vnd.docker.distribution.manifest.v2+json",
}
CONFIG = {
    "oci": "application/vnd.oci.image.config.v1+json",
    "docker": "application/vnd.docker.container.image.v1+json",
}
LAYER = {
    "oci": "application/vnd.oci.image.layer.v1.tar+gzip",
    "docker": "application/vnd.docker.image.rootfs.diff.tar.gzip",
}


@dataclass(frozen=True)
class Part:
    """Bytes with their media type: a manifest to put, or a blob to upload."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> Digest:
        """The hash of the bytes."""
        return Digest.of(self.body)

    @property
    def descriptor(self) -> dict[str, object]:
        """What points at it."""
        return {"mediaType": self.media_type, "digest": str(self.digest), "size": len(self.body)}


@dataclass(frozen=True)
class Image:
    """One manifest with the blobs that it names."""

    manifest: Part
    blobs: tuple[Part, ...]


@dataclass(frozen=True)
class Pushed:
    """What was pushed: the digest that the tag now means, and the manifest of each platform."""

    digest: Digest
    platforms: Mapping[str, Digest]


def encoded(document: Mapping[str, object]) -> bytes:
    """JSON as the tools write it."""
    return json.dumps(document, indent=2).encode()


def image(platform: str, labels: Mapping[str, str], *, kind: Kind = "oci", seed: str = "") -> Image:
    """Build one platform's image. `seed` makes its layer differ from other builds'."""
    parsed = Platform.parse(platform)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        content = f"{platform} {seed}".encode()
        member = tarfile.TarInfo("app")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    layer = Part(LAYER[kind], gzip.compress(tar.getvalue(), mtime=0))
    config = Part(
        CONFIG[kind],
        encoded(
            {
                "architecture": parsed.architecture,
                "os": parsed.os,
                **({"variant": parsed.variant} if parsed.variant else {}),
                "config": {"Labels": dict(labels)},
                "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(tar.getvalue()))]},
            }
        ),
    )
    return Image(manifest(config, (layer,), kind=kind), (config, layer))


def manifest(config: Part, layers: Sequence[Part], *, kind: Kind = "oci") -> Part:
    """Build a manifest over blobs."""
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST[kind],
        "config": config.descriptor,
        "layers": [layer.descriptor for layer in layers],
    }
    return Part(MANIFEST[kind], encoded(document))


def attestation(about: Part) -> Image:
    """Build what buildx adds for each platform by default."""
    statement = Part("application/vnd.in-toto+json", encoded({"subject": str(about.digest)}))
    config = Part(CONFIG["oci"], encoded({"architecture": "unknown", "os": "unknown", "rootfs": {}}))
    return Image(manifest(config, (statement,)), (config, statement))


def entry(part: Part, platform: str | None) -> dict[str, object]:
    """Build an index's entry for a manifest or a nested index."""
    if platform is None:
        return part.descriptor
    parsed = Platform.parse(platform)
    stated = {"os": parsed.os, "architecture": parsed.architecture}
    return {**part.descriptor, "platform": stated | ({"variant": parsed.variant} if parsed.variant else {})}


def attestation_entry(part: Part, about: Part) -> dict[str, object]:
    """Build an index's entry for an attestation."""
    return {
        **part.descriptor,
        "annotations": {
            "vnd.docker.reference.digest": str(about.digest),
            "vnd.docker.reference.type": "attestation-manifest",
        },
        "platform": {"architecture": "unknown", "os": "unknown"},
    }


def index(entries: Sequence[Mapping[str, object]], *, kind: Kind = "oci") -> Part:
    """Build an index over entries."""
    return Part(INDEX[kind], encoded({"schemaVersion": 2, "mediaType": INDEX[kind], "manifests": list(entries)}))
