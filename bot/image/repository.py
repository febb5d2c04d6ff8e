"""Repositories and tags. A repository is a registry's host and a path on it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.errors import InvalidReference

DOCKER_HUB: Final = "docker.io"

# https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
_PATH: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
# https://pkg.go.dev/github.com/distribution/reference: domain, with IPv6 in brackets, and an optional port
_LABEL: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST: Final = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?")
_MOST: Final = 255
_HUB_HOSTS: Final = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A mutable name for a manifest within one repository."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Tag":
        """Read a tag; raises `InvalidReference`."""
        if not _TAG.fullmatch(text):
            raise InvalidReference(
                f"{text[:140]!r}: not a tag; expected up to 128 letters, digits, '_', '.' and '-', not '.' or '-' first"
            )
        return cls(text)

    def __str__(self) -> str:
        """Give the text that `parse` reads."""
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """`host` (lower case, with its port) and `path`; Docker Hub's short names are spelled out."""

    host: str
    path: str

    @classmethod
    def parse(cls, text: str) -> "Repository":
        """Read `[host/]path` as the container tools do; raises `InvalidReference`.

        The first component is a host when it is `localhost`, or holds a `.`, a `:` or an upper-case letter; without
        one the host is docker.io, where a single component gets `library/` before it.
        Source: https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed
        """
        return cls(*_parts(text))

    @property
    def last(self) -> str:
        """The last segment of the path: what people call the image."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        """Give `host/path`, which `parse` reads."""
        return f"{self.host}/{self.path}"


@lru_cache(maxsize=1024)  # a checkout names few repositories, each a thousand times
def _parts(text: str) -> tuple[str, str]:
    """Split what `Repository.parse` reads into host and path."""
    first, slash, rest = text.partition("/")
    host, path = DOCKER_HUB, text
    if slash and (first == "localhost" or any(c in ".:" or c.isupper() for c in first)):
        if not _HOST.fullmatch(first):  # before it is lower-cased: some letters of other scripts become ASCII then
            raise InvalidReference(f"{text[:300]!r}: {first[:200]!r} is not a registry host")
        host, path = first.lower(), rest
        if host != "localhost" and not set(".:") & set(host):
            raise InvalidReference(f"{text[:300]!r}: {first[:200]!r} is a host to no registry; write it in lower case")
    if host in _HUB_HOSTS:
        host = DOCKER_HUB
        path = path if "/" in path else f"library/{path}"
    if not _PATH.fullmatch(path):
        hint = "; write it in lower case" if _PATH.fullmatch(path.lower()) else ""
        raise InvalidReference(f"{text[:300]!r}: {path[:200]!r} is not a repository path{hint}")
    if len(host) + len(path) > _MOST:
        raise InvalidReference(f"{text[:300]!r}: host and path are longer than {_MOST} characters")
    return host, path
