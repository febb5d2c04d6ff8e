"""The rule over documents: that they mention what they must. None is asked for unless the configuration names it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import UnreadableFile
from bot.pins import decode
from bot.policy.finding import Remark

if TYPE_CHECKING:
    from bot.policy.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Lacking:
    """A text that a document does not mention, and why that is known."""

    text: str
    reason: str


def docs_reference(sheet: "Sheet") -> Iterator[Remark]:
    """A document mentions what the configuration says that it must.

    How images are pulled is decided in one place; whoever reads the operators' pages should find the way there.
    Documents and texts are those in `policy.documents`; without any, nothing is asked. A text counts as whole words,
    whatever blanks and line ends stand between them.

    Bad:
        # file: config/environments.yaml
        policy:
          documents:
            backlog/495-ameide-operators.md: [602-image-pull-policy]
        # file: backlog/495-ameide-operators.md
        # Operators
        They are pinned by digest.

    Good:
        # file: config/environments.yaml
        policy:
          documents:
            backlog/495-ameide-operators.md: [602-image-pull-policy]
        # file: backlog/495-ameide-operators.md
        # Operators
        They are pinned by digest: see 602-image-pull-policy.
    """
    for one in sheet.lacking:
        yield Remark(
            path=sheet.path,
            line=0,
            text=one.text,
            message=f"{one.reason} {one.text!r}",
            instead=f"{one.text}, where it belongs",
            key=one.text,
        )


def lacking(content: bytes | None, texts: Iterable[str]) -> tuple[Lacking, ...]:
    """Return which of `texts` a document does not mention; None for a document that there is not."""
    if content is None:
        return tuple(Lacking(one, "no such document, which should mention") for one in texts)
    try:
        shown = " ".join(decode(content).split())
    except UnreadableFile as error:
        return tuple(Lacking(one, f"cannot be read ({error}), and should mention") for one in texts)
    return tuple(Lacking(one, "does not mention") for one in texts if not _mentions(shown, one))


def _mentions(shown: str, text: str) -> bool:
    words = " ".join(text.split())
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", shown) is not None
