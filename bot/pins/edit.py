"""Rewrites pins by splicing their tokens. Outside the tokens every byte stays as it was, or nothing is written.

There is no fallback that dumps the file: see docs/adr/0001-splice-not-dump.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from bot.errors import EditRefused
from bot.image import Digest, Tag
from bot.pins.discover import BOM, decode
from bot.pins.frame import EMPTY, masked
from bot.pins.nodes import NOT_YAML, SCALAR, Meaning, events
from bot.pins.pin import Pin, Shape, Slot, Token
from bot.pins.plain import reads_as_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put `text` in the place of `token`. `adds` is the key that comes with it, where it brings one."""

    token: Token
    text: str
    adds: str | None = None


def rewrite(pin: Pin, *, digest: Digest, tag: Tag | None, slot: Slot | None = None) -> tuple[Edit, ...]:
    """Return the edits after which `pin` names `digest`, with `tag` beside it.

    `tag` None drops the tag from a string; where it stands in a token of its own, or cannot go, it is left. A first
    digest goes into `slot`; without one, into the tag's value. An empty `digest` key is filled in any case. A plain tag
    becomes one in quotes where its text would be read as a number, a date or a word such as `on`.
    """
    if slot is None and pin.slot is not None and pin.slot.adds is None:
        slot = pin.slot
    if slot is not None and pin.reference.digest is None:
        return (Edit(token=slot.token, text=f"{slot.before}{digest}{slot.after}", adds=slot.adds),)
    match pin.shape:
        case Shape.STRING:
            beside = f":{tag}" if tag else ""
            return (Edit(token=pin.value, text=f"{pin.reference.name}{beside}@{digest}"),)
        case Shape.TAG_SUFFIX | Shape.TAG_KEY:
            return (Edit(token=pin.value, text=f"{tag or pin.reference.tag or ''}@{digest}"),)
        case Shape.DIGEST_KEY:
            edit = Edit(token=pin.value, text=str(digest))
            if tag and pin.tag and tag != pin.reference.tag:
                quote = '"' if pin.tag.plain and not reads_as_text(str(tag)) else ""
                return (edit, Edit(token=pin.tag, text=f"{quote}{tag}{quote}"))
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
        changes = _Changes(edits)
        sound = changes.explain(before.removeprefix(BOM), after.removeprefix(BOM)) and not changes.left
    except NOT_YAML as error:
        raise EditRefused("the edit would leave something that is not YAML") from error
    if not sound:
        raise EditRefused("the edit would change more than the values that it names, or not all of them")


class _Changes:
    """Compares two texts as streams of events: what differs must be the scalars that were edited, or a key added.

    `left` counts the edits that nothing has shown yet.
    """

    def __init__(self, edits: list[Edit]) -> None:
        self.left = sum(edit.text != edit.token.text for edit in edits)
        self._keys = {edit.adds for edit in edits if edit.adds is not None}
        self._quoted = {edit.text for edit in edits if edit.token.plain and edit.text.startswith('"')}

    def explain(self, before: str, after: str) -> bool:
        """Whether the edits explain every difference; each explains one."""
        old, new = events(before, after)
        position = number = 0
        while number < len(new):
            there = old[position] if position < len(old) else None
            if there is not None and there == new[number]:
                position, number = position + 1, number + 1
            elif new[number].value in self._keys and [one.kind for one in new[number : number + 2]] == [SCALAR, SCALAR]:
                self.left -= 1
                number += 2
            elif there is not None and self._is_edited(there, new[number]):
                position, number = position + 1, number + 1
            else:
                return False
        return position == len(old) and self.left >= 0

    def _is_edited(self, old: Meaning, new: Meaning) -> bool:
        if old.kind != SCALAR or new.kind != SCALAR or (old.anchor, old.tag) != (new.anchor, new.tag):
            return False
        if old.style == new.style == "|":
            return self._is_edited_within(str(old.value), str(new.value))
        self.left -= 1
        return old.style == new.style or old.value in EMPTY or self._is_quoted(old, new)

    def _is_quoted(self, old: Meaning, new: Meaning) -> bool:
        """Whether a plain value got quotes without which its new text would not be one."""
        text = str(new.value)
        return old.style == "" and new.style == '"' and f'"{text}"' in self._quoted and not reads_as_text(text)

    def _is_edited_within(self, before: str, after: str) -> bool:
        try:
            return self.explain(before, after)
        except NOT_YAML:
            return self.explain(masked(before), masked(after))
