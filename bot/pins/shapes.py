"""Recognises references in one YAML tree. The names of keys do not matter, except inside an image mapping.

A mapping with a `repository` is one reference, however far apart and in whatever order its keys stand; every other
string is a reference when it reads as one and its repository is first-party. Nothing is reported twice.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from bot.errors import InvalidReference
from bot.image import Digest, Reference, Repository, Tag
from bot.pins.nodes import Alias, Mapping, Node, Scalar, Sequence
from bot.pins.pin import Pin, Refusal, Shape, Token

_IMAGE_KEYS: Final = ("registry", "repository", "tag", "digest")
_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})
_LONGEST: Final = 600  # host and path 255, tag 128, digest 135, and the signs between them

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the recognisers know about where they are: the file, its text as parsed, and who is first-party."""

    path: str
    document: int
    text: str
    offset: int
    owned: Callable[[Repository], bool]
    mentions: Callable[[str], bool]


class _Written(NamedTuple):
    """One scalar that takes part in a pin: what it says, its token, and why it could not be edited, if so."""

    value: str
    token: Token
    line: int
    column: int
    refusal: Refusal | None


def references(frame: Frame, node: Node, path: Path = ()) -> Iterator[Pin]:
    """Yield every first-party pin in `node`, an image mapping's own before those inside it."""
    if isinstance(node, Mapping):
        yield from _in_mapping(frame, node, path)
    elif isinstance(node, Sequence):
        for position, item in enumerate(node.items):
            yield from references(frame, item, (*path, position))
    elif isinstance(node, Scalar):
        yield from _in_string(frame, node, path)
    elif node.target is not None:
        yield from _in_string(frame, node.target, path, alias=node)


def _in_mapping(frame: Frame, node: Mapping, path: Path) -> Iterator[Pin]:
    keys = [key.value for key, _ in node.entries if isinstance(key, Scalar)]
    repeated = {key for key in keys if keys.count(key) > 1} if len(set(keys)) != len(keys) else set()
    image = {
        key.value: part
        for key, value in node.entries
        if isinstance(key, Scalar) and key.value in _IMAGE_KEYS and (part := _part(frame, value)) is not None
    }
    pin = _image_mapping(frame, image, path) if "repository" in image else None
    if pin is not None:
        yield _refuse_repeated(pin, repeated & set(_IMAGE_KEYS))
    # Beside a `registry` the repository is half a name, and not another image on Docker Hub.
    halves = {"repository"} if "registry" in image and image["registry"].value not in _EMPTY else set()
    read = halves if pin is None else image.keys()
    for key, value in node.entries:
        name = key.value if isinstance(key, Scalar) else "?"
        if name in read:
            continue
        for found in references(frame, value, (*path, name)):
            yield _refuse_repeated(found, repeated & {name})


def _refuse_repeated(pin: Pin, repeated: set[str]) -> Pin:
    if not repeated or pin.refusal is not None:
        return pin
    keys = ", ".join(repr(key) for key in sorted(repeated))
    refusal = Refusal(code="duplicate-key", reason=f"the key {keys} stands twice in one mapping; keep one")
    return replace(pin, refusal=refusal)


def _part(frame: Frame, node: Node) -> _Written | None:
    if isinstance(node, Scalar):
        return _written(frame, node)
    return _aliased(frame, node, node.target) if isinstance(node, Alias) and node.target is not None else None


def _image_mapping(frame: Frame, image: dict[str, _Written], path: Path) -> Pin | None:
    """Read `{registry, repository, tag, digest}`; None when it names no first-party repository on its own."""
    name = image["repository"].value
    registry = image["registry"].value if "registry" in image else ""
    name = f"{registry}/{name}" if registry and registry not in _EMPTY else name
    bare = _parse(frame, name)
    if bare is None or bare.tag is not None or bare.digest is not None:
        return None
    tag = image["tag"] if "tag" in image and image["tag"].value not in _EMPTY else None
    digest = image.get("digest")
    if digest is not None and digest.value not in _EMPTY:
        return _pin(frame, path, "digest", Shape.DIGEST_KEY, bare, digest, tag)
    if tag is None:
        return None
    shape = Shape.TAG_SUFFIX if "@" in tag.value else Shape.TAG_KEY
    return _pin(frame, path, "tag", shape, bare, tag, tag)


def _pin(  # noqa: PLR0917 - the parts of one pin
    frame: Frame, path: Path, key: str, shape: Shape, bare: Reference, value: _Written, tag: _Written | None
) -> Pin:
    text, refusal = value.value, value.refusal or (tag.refusal if tag else None)
    tag_text, _, digest_text = text.partition("@") if shape is Shape.TAG_SUFFIX else (tag and tag.value, "", text)
    reference = bare
    try:
        reference = Reference(
            repository=bare.repository,
            name=bare.name,
            tag=Tag.parse(tag_text) if tag_text else None,
            digest=None if shape is Shape.TAG_KEY else Digest.parse(digest_text),
        )
    except InvalidReference as error:
        refusal = Refusal(code="invalid-reference", reason=str(error))
    return Pin(
        path=frame.path,
        document=frame.document,
        key=render((*path, key)),
        line=value.line,
        column=value.column,
        shape=shape,
        reference=reference,
        value=value.token,
        tag=tag.token if tag is not None and tag is not value else None,
        refusal=refusal,
    )


def _in_string(frame: Frame, node: Scalar, path: Path, *, alias: Alias | None = None) -> Iterator[Pin]:
    reference = _parse(frame, node.value)
    if reference is None:
        return
    written = _written(frame, node) if alias is None else _aliased(frame, alias, node)
    yield Pin(
        path=frame.path,
        document=frame.document,
        key=render(path),
        line=written.line,
        column=written.column,
        shape=Shape.STRING,
        reference=reference,
        value=written.token,
        refusal=written.refusal,
    )


def _parse(frame: Frame, text: str) -> Reference | None:
    if len(text) > _LONGEST or not frame.mentions(text):
        return None
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return None
    return reference if frame.owned(reference.repository) else None


def _written(frame: Frame, node: Scalar) -> _Written:
    """Find the scalar's text between its quotes, and check that it is the value letter by letter."""
    start, end = node.start, node.end
    if node.style in {"'", '"'}:
        start, end = start + 1, end - 1
    text = frame.text[start:end]
    refusal = None
    if not node.plainly:
        refusal = Refusal(code="anchored", reason="an anchor or a tag stands on the value; write the value itself here")
    elif node.style in {"|", ">"}:
        refusal = Refusal(code="block-scalar", reason="the value is a block scalar; write it on one line")
    elif text != node.value:
        refusal = Refusal(code="escaped", reason="the value is folded or holds escapes; write it plainly on one line")
    token = Token(start=start + frame.offset, end=end + frame.offset, text=node.value)
    return _Written(node.value, token, node.line, node.column, refusal)


def _aliased(frame: Frame, alias: Alias, target: Scalar) -> _Written:
    text = frame.text[alias.start : alias.end]
    token = Token(start=alias.start + frame.offset, end=alias.end + frame.offset, text=text)
    refusal = Refusal(code="anchored", reason=f"the value is the alias {text}; write the value itself here")
    return _Written(target.value, token, alias.line, alias.column, refusal)


def render(path: Path) -> str:
    """Write a key path as people do: `spec.containers[0].image`; keys that hold dots or brackets are quoted.

    What cannot be printed is written as an escape, a lone surrogate too, which no output could encode.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif not part.isprintable() or not part or any(char in '.[]" ' for char in part):
            text += f"[{json.dumps(part, ensure_ascii=not part.isprintable())}]"
        else:
            text += f".{part}" if text else part
    return text
