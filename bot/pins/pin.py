"""A pin: a reference together with its place in a file, and the tokens that an update rewrites.

Offsets are code points of the decoded file, a byte order mark included; lines and columns count from 1.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.image import Digest, Reference


class Shape(StrEnum):
    """How the reference is written; docs/shapes.md shows each."""

    STRING = "string"
    DIGEST_KEY = "digest-key"
    TAG_SUFFIX = "tag-suffix"
    TAG_KEY = "tag-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A stretch of a file's text, without quotes: what stands there, from where to where, and whether it has none."""

    start: int
    end: int
    text: str
    plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where a mapping's first digest goes: in the place of `token`, between `before` and `after`.

    `adds` is the key that comes with it; None where the key is there and has no value yet.
    """

    token: Token
    before: str = ""
    after: str = ""
    adds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a place is left alone; `code` is listed in docs/codes.md."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One place where an image is named. `document` counts from 0; `key` is a path in it, as `spec.images[0].ref`.

    `value` is the token that holds the digest (or would, in a string); `tag` is a tag in a token of its own.
    `slot` is where a first digest would go as a key of its own. `named_in` is the place of the repository where that
    is another file, or a registry prefix elsewhere; `sure` is False when only a layer speaks for it that could be
    another app's. `refusal` says why it cannot be edited safely; it is still a pin, so that the image does not look
    covered. `kind` is what the document around it says that it is.
    """

    path: str
    document: int
    key: str
    line: int
    column: int
    shape: Shape
    reference: Reference
    value: Token
    tag: Token | None = None
    slot: Slot | None = None
    named_in: str | None = None
    sure: bool = True
    refusal: Refusal | None = None
    kind: str | None = None

    @property
    def place(self) -> str:
        """`path:line:column`, as editors open it."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A digest whose repository stands nowhere, neither beside it nor at the same key path in the layers."""

    path: str
    key: str
    line: int
    column: int
    digest: Digest
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A repository that an overlay puts in the place of a layer's, whose digest it leaves: that of another image.

    `name` is the repository as written, `digest` what stands in the layer, at `named_in`.
    """

    path: str
    key: str
    line: int
    column: int
    name: str
    digest: str
    named_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegible:
    """A text that stands where an image is named, and is no reference; `reason` says why."""

    path: str
    key: str
    line: int
    column: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that mentions first-party images and cannot be read for pins; `line` is 0 when none is known."""

    path: str
    line: int
    code: str
    reason: str
