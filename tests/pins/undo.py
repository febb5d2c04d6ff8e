"""Edits that take edits back, and the text before them."""

from collections.abc import Iterable

from bot.pins import Edit, Token


def taken_back(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that undo `edits`, for the text that they have led to."""
    undo: list[Edit] = []
    shift = 0
    for edit in sorted(edits, key=lambda edit: edit.token.start):
        start = edit.token.start + shift
        undo.append(Edit(token=Token(start=start, end=start + len(edit.text), text=edit.text), text=edit.token.text))
        shift += len(edit.text) - len(edit.token.text)
    return undo


def restored(after: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes before `edits`, by text alone: `splice` does not take a key away again."""
    text = after.decode()
    for edit in reversed(taken_back(edits)):
        assert text[edit.token.start : edit.token.end] == edit.token.text
        text = text[: edit.token.start] + edit.text + text[edit.token.end :]
    return text.encode()
