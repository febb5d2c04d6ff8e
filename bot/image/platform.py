"""Platforms, compared after normalisation, as container runtimes do."""

import re
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidReference

_PART: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_PARTS: Final = (2, 3)  # os/architecture, or os/architecture/variant
# https://github.com/containerd/platforms/blob/main/database.go: normalizeArch, normalizeOS
_ARCHITECTURES: Final = {
    "i386": "386",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
}


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """An operating system, an architecture and, where it means something, a variant; always normalised."""

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def of(cls, os: str, architecture: str, variant: str = "") -> "Platform":
        """Normalise the three parts: `arm64/v8` is `arm64`, `amd64/v1` is `amd64`, `arm` is `arm/v7`."""
        os, architecture, variant = os.lower(), architecture.lower(), variant.lower()
        if os == "macos":
            os = "darwin"
        if architecture == "armel":
            variant = "v6"
        elif architecture == "armhf":
            variant = "v7"
        elif architecture == "i386":
            variant = ""
        architecture = _ARCHITECTURES.get(architecture, architecture)
        if (architecture == "amd64" and variant == "v1") or (architecture == "arm64" and variant in {"8", "v8"}):
            variant = ""
        elif architecture == "arm":
            variant = {"": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8"}.get(variant, variant)
        return cls(os, architecture, variant)

    @classmethod
    def parse(cls, text: str) -> "Platform":
        """Read `os/architecture[/variant]`; raises `InvalidReference`."""
        parts = text.split("/")
        if len(parts) not in _PARTS or not all(_PART.fullmatch(part) for part in parts):
            raise InvalidReference(f"{text[:80]!r}: not a platform; expected os/architecture, as in linux/arm64")
        return cls.of(*parts)

    @property
    def known(self) -> bool:
        """Whether it is a real platform; build attestations carry `unknown/unknown`."""
        return self.os not in {"", "unknown"} and self.architecture not in {"", "unknown"}

    def __str__(self) -> str:
        """Give the text that `parse` reads."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)
