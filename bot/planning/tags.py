"""What becomes of a tag that stands beside a digest, so that it does not lie about the new build."""

import re
from typing import Final

from bot.image import Tag
from bot.pins import Pin, Shape

# https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string, with an optional `v`;
# a tag cannot hold the `+` of build metadata.
_SEMANTIC: Final = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


def is_semantic(tag: Tag) -> bool:
    """Whether `tag` is a semantic version, with or without `v`."""
    return _SEMANTIC.fullmatch(tag.text) is not None


def tag_beside(pin: Pin, channel: Tag) -> tuple[Tag | None, tuple[str, ...]]:
    """Return the tag to write beside the new digest (None drops it, or leaves it in its own token), and notes."""
    tag = pin.reference.tag
    if tag is None:
        return None, ()
    if is_semantic(tag) and tag != channel:
        return tag, ("semantic-tag",)
    if pin.shape is Shape.STRING:
        return None, ()
    return (None, ()) if tag == channel else (None, ("stale-tag",))
