"""References: a repository with a tag, a digest, both or neither, and the spelling that they came in."""

from dataclasses import dataclass, field

from bot.errors import InvalidReference
from bot.image.digest import Digest
from bot.image.repository import Repository, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What one reference says. With a tag and a digest the digest decides, and the tag is text.

    `name` is the repository as it was written (`redis` for `docker.io/library/redis`); two references that
    differ in it alone are equal.
    """

    repository: Repository
    tag: Tag | None = None
    digest: Digest | None = None
    name: str = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read `[host/]path[:tag][@digest]`; raises `InvalidReference`. `str()` gives `text` back."""
        rest, at, digest = text.partition("@")
        # The host is split off before a tag is looked for: `localhost:5000/api` has a port and no tag.
        slash = rest.rfind("/")
        colon = rest.find(":", slash + 1)
        name, tag = (rest, None) if colon < 0 else (rest[:colon], rest[colon + 1 :])
        if not name:
            raise InvalidReference(f"{text[:300]!r}: no repository in the reference")
        try:
            return cls(
                repository=Repository.parse(name),
                tag=None if tag is None else Tag.parse(tag),
                digest=Digest.parse(digest) if at else None,
                name=name,
            )
        except InvalidReference as error:
            if str(error).startswith(repr(text[:300])):
                raise
            raise InvalidReference(f"{text[:300]!r}: {error}") from error

    def __str__(self) -> str:
        """Give the text that `parse` reads, spelled as it was."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"
