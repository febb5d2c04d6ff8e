"""What becomes of a tag that stands beside a digest, so that it does not lie about the new build."""

import re
from typing import Final

from bot.errors import InvalidReference
from bot.image import Tag
from bot.pins import Pin, Shape

# https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string, with an optional `v`;
# a tag cannot hold the `+` of build metadata.
SEMANTIC: Final = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


def is_semantic(tag: Tag) -> bool:
    """Whether `tag` is a semantic version, with or without `v`."""
    return SEMANTIC.fullmatch(tag.text) is not None


_REVISION: Final = re.compile(r"\{revision(?::(\d+))?\}")


def revision_tag(pattern: str, revision: str | None) -> Tag | None:
    """Fill `pattern` with a build's commit, `{revision}` whole or `{revision:7}` its beginning; None without a tag."""
    if revision is None:
        return None
    try:
        return Tag.parse(_REVISION.sub(lambda match: revision[: int(match[1] or len(revision))], pattern))
    except InvalidReference:
        return None


def names_build(pin: Pin, channel: Tag) -> bool:
    """Whether a tag stands beside the pin's digest that names the old build, and so would lie about a new one."""
    tag = pin.reference.tag
    return pin.reference.digest is not None and tag is not None and tag != channel and not is_semantic(tag)


def tag_beside(pin: Pin, channel: Tag, new: Tag | None = None) -> tuple[Tag | None, tuple[str, ...]]:
    """Return the tag to write beside the new digest (None drops it, or leaves it in its own token), and notes.

    `new` is a tag that the registry says is the new digest.
    """
    tag = pin.reference.tag
    if tag is None:
        return None, ()
    if is_semantic(tag) and tag != channel:
        return tag, ("semantic-tag",)
    writable = pin.shape is not Shape.DIGEST_KEY or pin.tag is not None
    if new is not None and writable and names_build(pin, channel):
        return new, ()
    if pin.shape is Shape.STRING:
        return None, ()
    return (None, ()) if tag == channel else (None, ("stale-tag",))
