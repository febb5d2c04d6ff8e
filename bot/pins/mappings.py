"""Reads image mappings: what the keys that belong together say, and where their parts are to be edited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidReference
from bot.image import Digest, Reference, Tag
from bot.pins.frame import EMPTY, TEMPLATE, Entry, Frame, Path, Written, hides, render, written
from bot.pins.groups import grouped, is_hosted, is_image, owned_reference, role, text_of
from bot.pins.layers import Layers, Prefix
from bot.pins.pin import Orphan, Override, Pin, Refusal, Shape
from bot.pins.slots import empty_value, new_key

_NOWHERE: Final = Refusal(code="escaped", reason="the value is empty, and nothing says where it ends; write '' there")
_NAMES: Final = frozenset({"chart", "image", "name", "repo", "url", "version"})


@dataclass(frozen=True, slots=True)
class Group:
    """The entries that make up one image, by role; `flow` is whether their mapping is written in braces.

    `whoever`: it counts, whoever's it is.
    """

    roles: Mapping[str, Entry]
    flow: bool
    path: Path
    whoever: bool = False

    @property
    def listed(self) -> bool:
        """Whether it stands in a list, which takes the place of a layer's: the same position there is another item."""
        return any(isinstance(step, int) for step in self.path)


def images(
    frame: Frame, entries: Sequence[Entry], path: Path, *, flow: bool
) -> Iterator[tuple[Pin | Orphan | Override | None, tuple[Entry, ...]]]:
    """Yield every image that the entries of one mapping make up, with the entries that it is read from.

    None stands for entries that belong together and are no image of ours.
    """
    for roles in grouped(frame, entries, path):
        named = "repository" in roles
        group = Group(roles, flow, path, whoever=frame.everyone and (not named or is_image(entries, roles, path)))
        if named:
            yield _image(frame, group)
            if frame.layers.digests and (override := _override(frame, group)) is not None:
                yield override, ()
        elif "digest" in roles or "tag" in roles:
            overlay = _overlay(frame, group, named=any(entry.name in _NAMES for entry in entries))
            yield overlay, tuple(roles.values()) if overlay else ()


def _image(frame: Frame, group: Group) -> tuple[Pin | None, tuple[Entry, ...]]:
    roles = group.roles
    name = text_of(roles["repository"].value) or ""
    registry = _registry(roles) or ""
    joined = _registry_below(frame, group, name)
    if joined is not None:
        registry = joined.text
    # Beside a `registry` the repository is half a name, and not another image on Docker Hub.
    below = registry or (frame.prefix is not None and hides(frame.prefix.text) and not is_hosted(name))
    half = (roles["repository"],) if below else ()
    if frame.prefix is None and not (group.whoever or frame.named(f"{registry}/{name}")):
        return None, half
    bare, named_in, sure = _bare(frame, name, registry, whoever=group.whoever)
    if joined is not None:
        named_in, sure = joined.place, joined.sure
    if bare is None:
        return None, half
    tag = written(frame, roles["tag"].value) if "tag" in roles else None
    digest = written(frame, roles["digest"].value) if "digest" in roles else None
    if (tag is None or tag.value in EMPTY) and digest is None:
        return None, ()
    if not (sure or _says(digest)):
        return None, tuple(roles.values())
    pin = _pin(frame, group, bare, tag=tag, digest=digest, named_in=named_in, sure=sure)
    return pin, tuple(roles.values()) if pin else ()


def _registry(roles: Mapping[str, Entry]) -> str | None:
    """Return the registry that stands beside a name, empty where it says that there is none; None for no such key."""
    if "registry" not in roles:
        return None
    text = (text_of(roles["registry"].value) or "").rstrip("/")
    return "" if text in EMPTY else text


def _registry_below(frame: Frame, group: Group, name: str) -> Prefix | None:
    """Return the registry that a layer has at the same key path, where nothing here says one.

    One that is a guess and makes no name of ours hides none that is ours without it.
    """
    if "registry" in group.roles or is_hosted(name) or any(isinstance(step, int) for step in group.path):
        return None
    below = frame.layers.registry(frame.path, layer_key(group.path, group.roles["repository"].name))
    if below is None or below.sure or owned_reference(frame, f"{below.text}/{name}") is not None:
        return below
    return None


def _says(digest: Written | None) -> bool:
    """Whether there is a digest by which the registry can prove a name that is a guess."""
    return digest is not None and digest.value not in EMPTY


def _override(frame: Frame, group: Group) -> Override | None:
    """Find the digest that a layer has for another repository, and that nothing here replaces or unsets."""
    entry, tag = group.roles["repository"], group.roles.get("tag")
    name = written(frame, entry.value)
    if group.listed or "digest" in group.roles or name is None or name.value in EMPTY or "{{" in name.value:
        return None
    key = layer_key(group.path, entry.name)
    digest = frame.layers.digest(frame.path, key)
    if digest is None or (tag is not None and "@" in (text_of(tag.value) or "")):
        return None
    below, _ = frame.layers.repository(frame.path, key)
    if below is not None and (below.registry, below.text) == (_registry(group.roles) or below.registry, name.value):
        return None
    return Override(
        path=frame.path,
        key=render((*group.path, *entry.step)),
        line=name.line,
        column=name.column,
        name=name.value,
        digest=digest.text,
        named_in=digest.place,
    )


def _bare(frame: Frame, name: str, registry: str, *, whoever: bool) -> tuple[Reference | None, str | None, bool]:
    """Put the name together: a registry beside it, else the prefix of all names that have no host of their own.

    With the place of the prefix, where it is one, and whether it is sure.
    """
    halves: list[tuple[str, str | None, bool]] = [(f"{registry}/{name}" if registry else name, None, True)]
    if frame.prefix is not None and not registry and not is_hosted(name):
        if hides(frame.prefix.text):
            return None, None, True
        halves.insert(0, (f"{frame.prefix.text}/{name}", frame.prefix.place, frame.prefix.sure))
    for text, named_in, sure in halves:
        reference = owned_reference(frame, text, whoever=whoever)
        if reference is not None and reference.tag is None and reference.digest is None:
            return reference, named_in, sure
    return None, None, True


def _overlay(frame: Frame, group: Group, *, named: bool) -> Pin | Orphan | None:
    """Read a tag or digest whose repository stands at the same key path in the layers.

    `named`: something beside it says what the digest is of, so without a repository it is no orphan.
    """
    digest, tag = group.roles.get("digest"), group.roles.get("tag")
    entry = digest or tag
    if entry is None:
        return None
    key = layer_key(group.path, entry.name)
    below, sure = (None, False) if group.listed else frame.layers.repository(frame.path, key)
    if below is not None:
        texts = [written(frame, one.value) if one else None for one in (tag, digest)]
        registry = _registry(group.roles)
        registry = below.registry if registry is None else registry
        bare, _, certain = _bare(frame, below.text, registry, whoever=group.whoever)
        sure = sure and certain
        if bare is None or not (sure or _says(texts[1])):
            return None
        return _pin(frame, group, bare, tag=texts[0], digest=texts[1], named_in=below.place, sure=sure)
    return _orphan(frame, group, key, listed=group.listed) if digest and not named else None


def _orphan(frame: Frame, group: Group, key: str, *, listed: bool) -> Orphan | None:
    entry = group.roles["digest"]
    text = written(frame, entry.value)
    try:
        digest = Digest.parse(text.value if text else "")
    except InvalidReference:
        return None
    if text is None:
        return None
    where = f"{'no layer has one repository' if frame.layers else 'no layers have a repository'} at {key}"
    where = "a list takes none from layers" if listed else where
    reason = f"no repository beside it, and {where}; write `repository` beside the digest"
    return Orphan(
        path=frame.path,
        key=render((*group.path, *entry.step)),
        line=text.line,
        column=text.column,
        digest=digest,
        reason=reason,
    )


def layer_key(path: Path, name: str) -> str:
    """Return the key path by which an overlay finds its repository in a layer."""
    found = role(name)
    return "/".join((render(path), found[0] if found else ""))


def inherits_digest(layers: Layers, pin: Pin) -> bool:
    """Whether a layer may have the digest of a repository that stands alone."""
    parent, _, name = pin.key.rpartition(".")
    found = role(name)
    return found is not None and layers.may_pin(pin.path, f"{parent}/{found[0]}")


def _pin(
    frame: Frame,
    group: Group,
    bare: Reference,
    *,
    tag: Written | None,
    digest: Written | None,
    named_in: str | None,
    sure: bool = True,
) -> Pin | None:
    tag = None if tag is None or tag.value in EMPTY else tag
    slot = None
    if digest is not None and digest.value in EMPTY:
        slot = empty_value(frame, group.roles["digest"], digest, flow=group.flow)
        if slot is None and digest.refusal is None:
            digest = digest._replace(refusal=_NOWHERE)
    if digest is not None and (digest.value not in EMPTY or tag is None or "@" not in tag.value):
        shape, entry, value = Shape.DIGEST_KEY, group.roles["digest"], digest
        if tag is None and digest.value in EMPTY and named_in and "repository" not in group.roles:
            return None
    elif tag is None:
        return None
    else:
        shape, entry, value = (Shape.TAG_SUFFIX if "@" in tag.value else Shape.TAG_KEY), group.roles["tag"], tag
        if shape is Shape.TAG_KEY:
            slot = new_key(frame, entry, tag, flow=group.flow)
    reference, refusal = _read(bare, shape, value, tag)
    line, column = value.line, value.column
    if not value.value and entry.key is not None and frame.fixed is None:  # an empty value is nowhere for sure
        line, column = frame.place(entry.key.start_mark.line, entry.key.start_mark.column)
    return Pin(
        path=frame.path,
        document=frame.document,
        key=render((*group.path, *entry.step)),
        line=line,
        column=column,
        shape=shape,
        reference=reference,
        value=value.token,
        # A tag beside the digest that cannot be edited does not keep the digest from moving.
        tag=tag.token if tag is not None and tag is not value and tag.refusal is None else None,
        slot=slot,
        named_in=named_in,
        sure=sure,
        refusal=value.refusal or refusal,
        kind=frame.kind,
    )


def _read(bare: Reference, shape: Shape, value: Written, tag: Written | None) -> tuple[Reference, Refusal | None]:
    text = value.value
    if shape is Shape.DIGEST_KEY and tag is not None and hides(tag.value):
        tag = None
    tag_text, _, digest_text = text.partition("@") if shape is Shape.TAG_SUFFIX else (tag and tag.value, "", text)
    digest_text = "" if shape is Shape.TAG_KEY or digest_text in EMPTY else digest_text
    try:
        return (
            Reference(
                repository=bare.repository,
                name=bare.name,
                tag=Tag.parse(tag_text) if tag_text else None,
                digest=Digest.parse(digest_text) if digest_text or shape is Shape.TAG_SUFFIX else None,
            ),
            None,
        )
    except InvalidReference as error:
        return bare, TEMPLATE if hides(text) else Refusal(code="invalid-reference", reason=str(error))
