"""Reads scalars as references: whole, or what stands behind the last `=` of one, templates in them or not."""

import re
from typing import Final

from bot.errors import InvalidReference
from bot.image import Digest, Reference
from bot.pins.frame import TEMPLATE, Frame, Path, Written, filled, hides, masked, render, written
from bot.pins.groups import LONGEST, owned_reference, text_of
from bot.pins.nodes import Node
from bot.pins.pin import Illegible, Pin, Refusal, Shape, Token

# An argument's or an image's name holds no blank; a web address with a query is none.
_NO_NAME: Final = re.compile(r"\s|://")
_ALGORITHM: Final = re.compile(r"[A-Za-z0-9+._-]+:")


def _said(frame: Frame, text: str, *, whoever: bool = False) -> tuple[Reference | None, Refusal | None]:
    """Read a first-party reference; where its end is none, what it names, and why it cannot be edited.

    Where a template makes the name it is not known, and so none of ours.
    """
    reference = owned_reference(frame, filled(text), whoever=whoever)
    if reference is not None and hides(text):
        known = not hides(text[: len(reference.name)])
        return Reference(repository=reference.repository, name=reference.name) if known else None, TEMPLATE
    if reference is not None:
        return reference, None
    name, _, digest = text.partition("@")
    if not (hides(digest) or _ALGORITHM.match(digest)) or (named := _said(frame, name, whoever=whoever)[0]) is None:
        return None, None
    try:
        Digest.parse(digest)
    except InvalidReference as error:
        reason = str(error)
        bare = Reference(repository=named.repository, name=named.name)
        return bare, TEMPLATE if hides(digest) else Refusal(code="invalid-reference", reason=reason)
    return None, None


def in_string(frame: Frame, node: Node, path: Path, *, whoever: bool = False) -> Pin | Illegible | None:
    """Read a scalar as a first-party reference, or what stands behind its last `=` (`api=ghcr.io/acme/api:main`).

    `whoever`: its key says that it names an image, so anybody's counts, and what is none is told.
    """
    said = text_of(node)
    if said is None or not (whoever or frame.named(said)) or (text := written(frame, node)) is None:
        return None
    value = masked(text.value) if "{{" in text.value and len(text.value) <= LONGEST else text.value
    before, equals, last = value.rpartition("=")
    if equals and _NO_NAME.search(before):
        return None
    reference, refusal = _said(frame, last, whoever=whoever)
    if reference is None:
        return _illegible(frame, text, path) if whoever else None
    refusal = text.refusal or refusal
    token, column = text.token, text.column
    if equals:
        quote = text.end + frame.root.shift - token.end
        token = Token(start=token.end - len(last), end=token.end, text=last)
        column += 0 if frame.fixed else quote + len(before) + 1
    return Pin(
        path=frame.path,
        document=frame.document,
        key=render(path),
        line=text.line,
        column=column,
        shape=Shape.STRING,
        reference=reference,
        value=token,
        refusal=refusal,
        kind=frame.kind,
    )


def _illegible(frame: Frame, text: Written, path: Path) -> Illegible | None:
    """Say why a text that could only be meant as a reference of ours is none; others' keys may mean anything."""
    value = text.value
    first = next(iter(value.split()), "")
    if hides(value) or "/" not in first or "://" in first or not frame.named(first.lower()):
        return None
    try:
        Reference.parse(value)
    except InvalidReference as error:
        return Illegible(
            path=frame.path,
            key=render(path),
            line=text.line,
            column=text.column,
            text=value[:LONGEST],
            reason=str(error),
        )
    return None
