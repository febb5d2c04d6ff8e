"""What a tag's form says about it: a build's commit, a version, something that moves, or something else."""

import re
from collections.abc import Collection
from enum import Enum
from functools import lru_cache
from typing import Final

from bot.image import Tag
from bot.planning.tags import is_semantic

# Words that producers move; a branch is most often named so, too.
MOVING: Final = frozenset(
    re.findall(
        r"\S+",
        "latest main master trunk head dev develop development devel staging stage prod production release stable edge "
        "nightly canary rolling current next snapshot unstable testing alpha beta preview lts mainline",
    )
)
COMMIT: Final = re.compile(r"(?:(?:sha|git|commit|rev)[-_.]?|g)?[0-9a-f]{7,64}")
# `7`, `v1`, `7.2`, `7.2-alpine`: the newest of all that begin so.
PARTIAL: Final = re.compile(r"v?\d{1,4}(?:\.\d+)?(?:[-_][A-Za-z][A-Za-z0-9._-]*)?")
_HOLE: Final = re.compile(r"\\\{revision(?::(\d+))?\\\}")


class Form(Enum):
    """The forms. A channel is moved by its producer; `OTHER` may be, nobody can tell."""

    COMMIT = "the commit of a build"
    VERSION = "a semantic version"
    CHANNEL = "a tag that moves"
    OTHER = "neither a commit nor a version"


def form(tag: Tag, channels: Collection[Tag], revision_tag: str = "{revision}") -> Form:
    """Tell a tag's form; `channels` are the configured ones, `revision_tag` how builds of the image name commits."""
    if tag in channels or tag.text.lower() in MOVING:
        return Form.CHANNEL
    if re.fullmatch(commits(revision_tag), tag.text) or COMMIT.fullmatch(tag.text):
        return Form.COMMIT
    if is_semantic(tag):
        return Form.VERSION
    if not any(char.isdigit() for char in tag.text) or PARTIAL.fullmatch(tag.text):
        return Form.CHANNEL
    return Form.OTHER


@lru_cache(maxsize=256)
def commits(revision_tag: str) -> str:
    """Return the expression for tags that name a commit as `revision_tag` says; RE2 reads it, too."""
    return _HOLE.sub(lambda hole: f"[0-9a-f]{{{hole[1] or '7,64'}}}", re.escape(revision_tag))
