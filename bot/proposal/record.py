"""The trailers of our commits: what was moved, from which base, and the tree that we made.

`Bump-Tag` says which tag stands beside a new digest, so that a run that cannot ask the registry keeps it.
They are the record for auditors, and how a later run tells its own commits from a person's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidReference
from bot.image import Digest, Repository, Tag

_TRAILER: Final = re.compile(r"(Bump-[A-Z][a-z]+): ([!-~]+(?: [!-~]+)*)")
_OBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NONE: Final = "none"


@dataclass(frozen=True, slots=True, order=True)
class Bump:
    """One image that moves from `old` to `new`; `old` is None for a first pin.

    `tag` is the new build's immutable tag, where one was written beside `new`.
    """

    repository: Repository
    old: Digest | None
    new: Digest
    tag: Tag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one of our commits says: `base` is its parent and `tree` its own tree, both object ids in hex."""

    environment: str
    bumps: tuple[Bump, ...]
    fingerprint: str
    base: str
    tree: str

    @classmethod
    def parse(cls, message: str) -> "Record | None":
        """Read the trailers in the last paragraph of a commit message; None when they are not, or not all, there.

        Source: https://git-scm.com/docs/git-interpret-trailers
        """
        found: dict[str, list[str]] = {}
        for line in message.replace("\r\n", "\n").strip().rpartition("\n\n")[2].split("\n"):
            if match := _TRAILER.fullmatch(line):
                found.setdefault(match[1], []).append(match[2])
        single = [found.get(f"Bump-{name}", []) for name in ("Environment", "Fingerprint", "Base", "Tree")]
        if any(len(values) != 1 for values in single):
            return None
        environment, fingerprint, base, tree = (values[0] for values in single)
        if not _OBJECT.fullmatch(base) or not _OBJECT.fullmatch(tree):
            return None
        try:
            tags = dict(_tag(text) for text in found.get("Bump-Tag", []))
            bumps = tuple(_bump(text, tags) for text in found.get("Bump-Image", []))
        except (InvalidReference, ValueError):
            return None
        return cls(environment=environment, bumps=bumps, fingerprint=fingerprint, base=base, tree=tree)

    def trailers(self) -> Iterator[str]:
        """Yield the lines that `parse` reads."""
        yield f"Bump-Environment: {self.environment}"
        for bump in self.bumps:
            yield f"Bump-Image: {bump.repository} {bump.old or _NONE} {bump.new}"
        for line in dict.fromkeys(f"{bump.repository}@{bump.new} {bump.tag}" for bump in self.bumps if bump.tag):
            yield f"Bump-Tag: {line}"
        yield f"Bump-Fingerprint: {self.fingerprint}"
        yield f"Bump-Base: {self.base}"
        yield f"Bump-Tree: {self.tree}"


def _bump(text: str, tags: Mapping[str, Tag]) -> Bump:
    repository, old, new = text.split(" ")
    tag = tags.get(f"{repository}@{new}")
    return Bump(Repository.parse(repository), None if old == _NONE else Digest.parse(old), Digest.parse(new), tag)


def _tag(text: str) -> tuple[str, Tag]:
    image, tag = text.split(" ")
    return image, Tag.parse(tag)
