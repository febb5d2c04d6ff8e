"""Digests: `algorithm:encoded`, and only algorithms that we can hash ourselves."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidReference

# https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms
_HEX_LENGTH: Final = {"sha256": 64, "sha512": 128}
_HEX: Final = re.compile(r"[0-9a-f]+")
_SHORT: Final = 7


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The hash of a manifest's bytes: `algorithm` (`sha256` or `sha512`) and `encoded` (lower-case hex)."""

    algorithm: str
    encoded: str

    @classmethod
    def parse(cls, text: str) -> "Digest":
        """Read `sha256:<64 hex>` or `sha512:<128 hex>`; raises `InvalidReference`."""
        algorithm, colon, encoded = text.partition(":")
        length = _HEX_LENGTH.get(algorithm)
        if not colon or length is None:
            known = ", ".join(sorted(_HEX_LENGTH))
            raise InvalidReference(f"{text[:90]!r}: not a digest; expected <algorithm>:<hex> with one of {known}")
        if len(encoded) != length or not _HEX.fullmatch(encoded):
            raise InvalidReference(f"{text[:150]!r}: {algorithm} takes exactly {length} lower-case hexadecimal digits")
        return cls(algorithm, encoded)

    @classmethod
    def of(cls, content: bytes, *, algorithm: str = "sha256") -> "Digest":
        """Hash `content` with `algorithm`, which must be one that `parse` accepts."""
        return cls(algorithm, hashlib.new(algorithm, content).hexdigest())

    @property
    def short(self) -> str:
        """The first seven digits, for people; never written to a file."""
        return self.encoded[:_SHORT]

    def __str__(self) -> str:
        """Give the text that `parse` reads."""
        return f"{self.algorithm}:{self.encoded}"
