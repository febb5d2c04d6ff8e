"""Our globs and forms of tags as RE2 expressions over a whole reference, `host/path[:tag][@digest]`.

The host is spelled out and in lower case. A port's colon stands before a `/`, a tag's never does: so nothing has to be
cut out of a reference before it is looked at.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from bot.image import Tag
from bot.planning.environment import ImageRule
from bot.planning.glob import Glob
from bot.planning.tags import SEMANTIC
from bot.policy.tags import COMMIT, MOVING, PARTIAL, commits

HOSTED: Final = r"^(?:localhost|[^/@]*[.:A-Z][^/@]*)/"
HUB_ALIAS: Final = r"^(?:index|registry-1)\.docker\.io/"
HUB_OFFICIAL: Final = r"^docker\.io/[^/]*$"
DIGEST: Final = r"@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$"
_SPECIAL: Final = re.compile(r"[.^$*+?()\[\]{}|\\]")
_MANY: Final = "(?:/[^/@]+)*"


def tags(*alternatives: str) -> str:
    """Return the expression for references with a tag that is, as a whole, one of the alternatives."""
    return f"^[^@]*:(?:{'|'.join(alternatives)})(?:@|$)"


TAGGED: Final = tags("[^/@]*")
WITHOUT_DIGITS: Final = tags("[^/@0-9]*")
PARTIAL_VERSION: Final = tags(PARTIAL.pattern.replace(r"\d", "[0-9]"))
BUILD: Final = tags(COMMIT.pattern, SEMANTIC.pattern.replace(r"\d", "[0-9]"))


def moving(channels: Collection[Tag]) -> str:
    """Return the expression for tags that move: words, in any case, and the channels as they are written."""
    words = "|".join(sorted(MOVING))
    others = sorted(_literal(tag.text) for tag in channels if tag.text not in MOVING)
    return tags(*others, f"(?i:{words})")


def revision(rule: ImageRule) -> str:
    """Return the expression for tags that name a commit as the rule says."""
    return tags(commits(rule.revision_tag))


def repositories(globs: Iterable[Glob]) -> str:
    """Return the expression for references whose repository matches one of the globs."""
    found = list(dict.fromkeys(_repository(glob) for glob in globs))
    return f"^(?:{'|'.join(found)})(?::[^/@]*)?(?:@.*)?$"


def _repository(glob: Glob) -> str:
    segments: list[str] = []
    for segment in str(glob).split("/"):
        if segment != "**" or segments[-1:] != ["**"]:
            segments.append(segment)
    if segments == ["**"]:
        return "[^@]*"
    if segments[0] != "**":
        return _path(segments, host=True)
    deeper = f"(?:[^/@]+/)+{_path(segments[1:], host=False)}"
    # A repository has a host and a path: what is alone behind `**` is never the host.
    return deeper if len(segments) == len(("**", "name")) else f"(?:{_path(segments[1:], host=True)}|{deeper})"


def _path(segments: list[str], *, host: bool) -> str:
    text = ""
    for position, segment in enumerate(segments):
        if segment == "**":
            text += _MANY
        else:
            text += ("/" if position else "") + _segment(segment, port=host and position == 0)
    return text


def _segment(text: str, *, port: bool) -> str:
    one = "[^/@]" if port else "[^/:@]"
    return "".join({"*": f"{one}*", "?": one}.get(char) or _literal(char) for char in text)


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
