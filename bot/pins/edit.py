"""Rewrites pins by splicing their tokens. Outside the tokens every byte stays as it was, or nothing is written.

There is no fallback that dumps the file: see docs/adr/0001-splice-not-dump.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from ruamel.yaml.error import YAMLError

from bot.errors import EditRefused
from bot.image import Digest, Tag
from bot.pins.discover import BOM, decode
from bot.pins.nodes import events
from bot.pins.pin import Pin, Shape, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put `text` in the place of `token`."""

    token: Token
    text: str


def rewrite(pin: Pin, *, digest: Digest, tag: Tag | None) -> tuple[Edit, ...]:
    """Return the edits after which `pin` names `digest`, with `tag` beside it.

    `tag` None drops the tag from a string; where it stands in a token of its own, or cannot go, it is left.
    """
    match pin.shape:
        case Shape.STRING:
            beside = f":{tag}" if tag else ""
            return (Edit(token=pin.value, text=f"{pin.reference.name}{beside}@{digest}"),)
        case Shape.TAG_SUFFIX | Shape.TAG_KEY:
            return (Edit(token=pin.value, text=f"{tag or pin.reference.tag or ''}@{digest}"),)
        case Shape.DIGEST_KEY:
            edit = Edit(token=pin.value, text=str(digest))
            if tag and pin.tag and tag != pin.reference.tag:
                return (edit, Edit(token=pin.tag, text=str(tag)))
            return (edit,)
        case _:
            assert_never(pin.shape)


def splice(content: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply `edits` to a file's bytes; raises `EditRefused`, and then nothing has happened.

    Before: each token must hold exactly the text that was discovered, and no two may overlap.
    After: the result must read as the same YAML but for the scalars that were edited.
    """
    text = decode(content)
    ordered = sorted(edits, key=lambda edit: edit.token.start)
    _check(text, ordered)
    parts: list[str] = []
    kept = 0
    for edit in ordered:
        parts += (text[kept : edit.token.start], edit.text)
        kept = edit.token.end
    result = "".join((*parts, text[kept:]))
    _check_meaning(text, result, ordered)
    return result.encode("utf-8")


def _check(text: str, ordered: list[Edit]) -> None:
    end = 0
    for edit in ordered:
        if edit.token.start < end:
            raise EditRefused(f"two edits overlap at offset {edit.token.start}")
        end = edit.token.end
        there = text[edit.token.start : end]
        if there != edit.token.text:
            raise EditRefused(f"expected {edit.token.text!r} at offset {edit.token.start}, found {there!r}")


def _check_meaning(before: str, after: str, edits: list[Edit]) -> None:
    try:
        old, new = events(before.removeprefix(BOM), after.removeprefix(BOM))
    except YAMLError as error:
        raise EditRefused("the edit would leave something that is not YAML") from error
    changed = sum(1 for left, right in zip(old, new, strict=False) if left != right)
    same_kinds = len(old) == len(new) and all(
        left[0] == right[0] and left[2:] == right[2:] for left, right in zip(old, new, strict=True)
    )
    if not same_kinds or changed > len(edits):
        raise EditRefused("the edit would change more than the values that it names")
