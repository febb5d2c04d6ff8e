"""Recognises references in one YAML tree, and in the YAML texts that stand in its scalars, to any depth.

Image mappings come first (`mappings`); every other string is a reference when it reads as one and its repository is
first-party, whatever its key is called. Nothing is reported twice.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, cast

from bot.errors import UnreadableFile
from bot.pins.frame import EMPTY, Entry, Frame, Inner, Path, Written, masked, written
from bot.pins.groups import names_image, role, says_image, text_of
from bot.pins.layers import Prefix
from bot.pins.mappings import images
from bot.pins.nodes import COLD, Alias, Mapping, Node, Scalar, TooMuch, compose, plain_start
from bot.pins.nodes import Sequence as Items
from bot.pins.object import Object, Pull
from bot.pins.objects import objects
from bot.pins.pin import Illegible, Orphan, Override, Pin, Refusal
from bot.pins.strings import in_string

One = Pin | Orphan | Override | Illegible | Object | Pull
Found = list[One]

_NAMES = frozenset({"registry", "repository"})
_NONE: Final[frozenset[str]] = frozenset()
_OF_IMAGES: Final = frozenset({"", "image", "container", "docker"})
_WITHIN_GLOBAL: Final = frozenset({"image", "images"})
# What has nothing to report; never added to.
_NOTHING: Final[Found] = []

# What in a line of text makes it more than a word: JSON, or a mapping or an item of YAML.
_DATA: Final = re.compile(r"^\s*[\[{]|: |^\s*- ")

_BLOCK = Refusal(code="block-scalar", reason="it stands in a folded text; write that as a literal block (|)")
_QUOTED = Refusal(code="escaped", reason="it stands in a quoted text; write that as a literal block (|)")
_ANCHORED = Refusal(code="anchored", reason="an anchor stands on the text around it; write the text itself here")


def in_document(frame: Frame, node: Node, path: Path = ()) -> Found:
    """Return every pin, every digest without a repository, and the objects, in one document or tree of values."""
    found = references(_rooted(frame, node), node, path)
    return [*found, *seen] if (seen := objects(frame, node, path)) else found


def references(frame: Frame, node: Node, path: Path) -> Found:
    """Return what is in `node`, an image mapping's own before those inside it."""
    if isinstance(node, Mapping):
        return _in_mapping(frame, node, path)
    if isinstance(node, Items):
        return _in_sequence(frame, node, path)
    if isinstance(node, Scalar) and not frame.hot(node.value):
        return _NOTHING
    if (pin := in_string(frame, node, path)) is not None:
        return [pin]
    if isinstance(node, Scalar) and (node.style in {"|", ">"} or "\n" in node.value):
        return _in_text(frame, node, path)
    if isinstance(node, Scalar) and node.style and frame.named(node.value) and _DATA.search(node.value):
        return [one for one in _in_text(frame, node, path) if isinstance(one, Pin)]
    return _NOTHING


# ---- mappings -------------------------------------------------------------------------------------------------------


def _in_mapping(frame: Frame, node: Mapping, path: Path) -> Found:
    keys, values = node.parts[::2], node.parts[1::2]
    names = [text_of(key) for key in keys]
    repeated = _repeated(names) if len(set(names)) < len(names) else _NONE
    found: Found = []
    read: set[int] = set()
    if any(name is not None and role(name) for name in names):
        entries = [
            Entry(name, key if isinstance(key, Scalar) else None, value, (name,))
            for name, key, value in zip(names, keys, values, strict=True)
            if name is not None
        ]
        for pin, used in images(frame, _with_merged(entries) if "<<" in names else entries, path, flow=node.flow):
            read.update(id(entry.value) for entry in used)
            if pin is not None:
                found.append(_refuse_repeated(pin, repeated.intersection(entry.name for entry in used)))
    for name, value in zip(names, values, strict=True):
        if value is COLD or id(value) in read:
            continue
        if frame.everyone and not isinstance(value, Mapping | Items) and names_image(path, name):
            here = _of_anyone(frame, value, (*path, cast("str", name)))
            found += [_refuse_repeated(one, repeated & {cast("str", name)}) for one in here]
            continue
        if isinstance(value, Scalar) and not frame.hot(value.value):
            continue
        # The values of a chart have a root of their own, with their own `global.imageRegistry`.
        inside = in_document if name == "valuesObject" else references
        below = inside(frame, value, (*path, "?" if name is None else name))
        found += [_refuse_repeated(one, repeated & {name}) for one in below] if name in repeated else below
    return found


def _repeated(names: Sequence[str | None]) -> frozenset[str]:
    return frozenset(name for name, count in Counter(names).items() if count > 1 and name is not None)


def _with_merged(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Add what `<<: *other` brings in below the mapping's own keys: the names, which are read and not edited there."""
    own = {entry.name for entry in entries}
    merges = [entry.value for entry in entries if entry.name == "<<"]
    merged = [one for node in merges for one in (node.items if isinstance(node, Items) else [node])]
    return [
        *entries,
        *(
            Entry(key.value, None, value, (key.value,))
            for one in merged
            if isinstance(one, Alias) and isinstance(one.target, Mapping)
            for key, value in one.target.entries
            if isinstance(key, Scalar) and key.value not in own and (role(key.value) or ("", ""))[1] in _NAMES
        ),
    ]


def _of_anyone(frame: Frame, node: Scalar | Alias, path: Path) -> Found:
    """Return what stands where a key says that an image is named; a text of several lines there is read as any."""
    one = in_string(frame, node, path, whoever=True)
    return [one] if one is not None else references(frame, node, path)


def _refuse_repeated(pin: One, repeated: frozenset[str]) -> One:
    if not repeated or not isinstance(pin, Pin) or pin.refusal is not None:
        return pin
    keys = ", ".join(repr(key) for key in sorted(repeated))
    refusal = Refusal(code="duplicate-key", reason=f"the key {keys} stands twice in one mapping; keep one")
    return replace(pin, refusal=refusal)


# ---- sequences ------------------------------------------------------------------------------------------------------


def _in_sequence(frame: Frame, node: Items, path: Path) -> Found:
    found: Found = []
    read: set[int] = set()
    if path and path[-1] == "parameters":
        for pin, used in _parameters(frame, node, path):
            read.update(id(entry.value) for entry in used)
            found.append(pin)
    names = [_parameter(item)[0] for item in node.items] if path and path[-1] == "parameters" else []
    repeated = _repeated(names)
    anyone = frame.everyone and bool(path) and isinstance(path[-1], str) and says_image(path[-1])
    for position, item in enumerate(node.items):
        if anyone and not isinstance(item, Mapping | Items):
            found += _of_anyone(frame, item, (*path, position))
        elif item is not COLD:
            left = item._replace(parts=_unread(item, read)) if read and isinstance(item, Mapping) else item
            below = references(frame, left, (*path, position))
            twice = repeated & {names[position]} if names else frozenset()
            found += [_refuse_repeated(one, twice) for one in below] if twice else below
    return found


def _unread(item: Mapping, read: set[int]) -> list[Node]:
    return [part for key, value in item.entries if id(value) not in read for part in (key, value)]


def _parameters(frame: Frame, node: Items, path: Path) -> Iterator[tuple[One, tuple[Entry, ...]]]:
    """Read `[{name: image.tag, value: main}, …]` as the mapping that its names describe.

    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-parameters
    """
    groups: dict[str, list[Entry]] = {}
    repeated: set[tuple[str, str]] = set()
    for position, item in enumerate(node.items):
        name, value = _parameter(item)
        if name is not None and value is not None:
            above, _, last = name.rpartition(".")
            if any(entry.name == last for entry in groups.get(above, ())):
                repeated.add((above, last))
            groups.setdefault(above, []).append(Entry(last, None, value, (position, "value")))
            if is_prefix(last):
                frame = _with_parameter(frame, above, value)
    for above, entries in groups.items():
        for pin, used in images(frame, entries, path, flow=False):
            if pin is not None:
                twice = {entry.name for entry in used if (above, entry.name) in repeated}
                yield _refuse_repeated(pin, frozenset(f"{above}.{one}" if above else one for one in twice)), used


def _parameter(item: Node) -> tuple[str | None, Node | None]:
    """Return the name and the value of one parameter."""
    if not isinstance(item, Mapping):
        return None, None
    parts = {key.value: value for key, value in item.entries if isinstance(key, Scalar)}
    name = parts.get("name")
    return name.value if isinstance(name, Scalar) else None, parts.get("value")


def _with_parameter(frame: Frame, above: str, value: Node) -> Frame:
    """Take in `global.imageRegistry`, or the same at the root, as a parameter."""
    text = written(frame, value)
    known = above in {"", "global", *(f"global.{one}" for one in _WITHIN_GLOBAL)}
    if not known or text is None or text.value.rstrip("/") in EMPTY:
        return frame
    return replace(frame, prefix=_prefix(frame, text))


# ---- texts within the text ------------------------------------------------------------------------------------------


def _in_text(frame: Frame, node: Scalar, path: Path) -> Found:
    """Read a scalar of several lines as YAML; what is none holds no references."""
    text: str = node.value
    frame.root.budget.characters -= len(text)
    if frame.root.budget.characters < 0:
        raise TooMuch("too much YAML within YAML; split the file")
    depth = len(path) + 1
    trees = _composed(frame, text, depth)
    hidden = trees is None and "{{" in text
    if hidden:
        text = masked(text)
        trees = _composed(frame, text, depth)
    if trees is None:
        return _NOTHING
    _, line, column = plain_start(node)
    first = line + frame.lines + 1
    folded = node.style != "|"
    inner = replace(
        frame,
        text=text,
        lines=first,
        columns=_indentation(frame, node, first),
        depth=depth,
        refusal=frame.refusal or _reason(node),
        fixed=frame.fixed or (frame.place(line, column) if folded else None),
        masked=frame.masked or hidden,
    )
    return [found for number, tree in enumerate(trees) for found in in_document(inner, tree, (*path, Inner(number)))]


def _composed(frame: Frame, text: str, depth: int) -> list[Node] | None:
    try:
        return compose(text, hot=frame.hot, budget=frame.root.budget, depth=depth, opens=frame.opens)
    except TooMuch:
        raise
    except UnreadableFile:
        return None


def _reason(node: Scalar) -> Refusal | None:
    if node.anchor is not None or node.tag is not None:
        return _ANCHORED
    return {"|": None, ">": _BLOCK}.get(node.style or "", _QUOTED)


def _indentation(frame: Frame, node: Scalar, first: int) -> int:
    """How far right in the file the lines of a literal block start; each token is checked against the file again."""
    for number, line in enumerate(node.value.split("\n")):
        if line.strip():
            return len(frame.root.line(first + number)) - len(line)
    return 0


# ---- registry prefixes ----------------------------------------------------------------------------------------------


def _rooted(frame: Frame, node: Node) -> Frame:
    """Take in the registry that the values at this root put before names (`global.imageRegistry`), and their kind."""
    found, kind = next(prefixes(frame, node), None), _kind(node)
    if found is None and kind == frame.kind:
        return frame
    return replace(frame, kind=kind, prefix=frame.prefix if found is None else _prefix(frame, found[0]))


def _kind(node: Node) -> str | None:
    for key, value in node.entries if isinstance(node, Mapping) else ():
        if isinstance(key, Scalar) and key.value == "kind":
            return text_of(value)
    return None


def _prefix(frame: Frame, text: Written) -> Prefix:
    return Prefix(text.value.rstrip("/"), f"{frame.path}:{text.line}", sure=True)


def prefixes(frame: Frame, node: Node, *, everywhere: bool = False) -> Iterator[tuple[Written, bool]]:
    """Yield each registry at the root of values, or under its `global`, and whether it stands under that."""
    for key, value in node.entries if isinstance(node, Mapping) else ():
        if not isinstance(key, Scalar):
            continue
        if is_prefix(key.value):
            text = written(frame, value)
            if text is not None and text.value.rstrip("/") not in EMPTY:
                yield text, everywhere
        elif key.value == "global" or (everywhere and key.value in _WITHIN_GLOBAL):
            yield from prefixes(frame, value, everywhere=True)


def is_prefix(name: str) -> bool:
    """Whether a key at the root of values names the registry of images, and not that of charts or packages."""
    found = role(name)
    return found is not None and found[1] == "registry" and found[0] in _OF_IMAGES
