"""Finds the pins of one file. A file that mentions nothing of ours is not even parsed.

A Git LFS pointer mentions nothing, whatever the file holds that it stands for, nor does UTF-16 in these bytes: each is
a problem, always.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from bot.errors import UnreadableFile
from bot.image import Repository
from bot.pins.frame import EMPTY, Entry, Frame, Path, Root, Written, hides, written
from bot.pins.groups import grouped, role
from bot.pins.layers import NO_LAYERS, Layers, Named, Owners
from bot.pins.mappings import layer_key
from bot.pins.nodes import COLD, Budget, Node, Scalar, compose
from bot.pins.nodes import Mapping as Keys
from bot.pins.pin import Illegible, Orphan, Override, Pin, Problem
from bot.pins.sections import compose_sections
from bot.pins.shapes import One, in_document, prefixes

MOST_BYTES: Final = 4 * 1024 * 1024
BOM: Final = "\ufeff"
_LFS: Final = b"version https://git-lfs.github.com/spec/"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# What names nothing that could be searched for, whatever it stands for.
_UNREADABLE: Final = (_LFS, *_UTF_16)
_LINE: Final = re.compile(r"line (\d+): ")
# What stands in every key that says that it names an image.
_IMAGE: Final = "mage"
# What a layer must hold to name anything; the last for checks alone.
_LAYER_WORDS: Final = ("egistry", "epository", "igest")
_DIGESTS: Final = ("sha256:", "sha512:")
# Any of these words can be written otherwise in double quotes: https://yaml.org/spec/1.2.2/#57-escaped-characters
_ESCAPES: Final = ("\\x", "\\u", "\\U")
_FOLDED: Final = re.compile(rb"\\[\r\n]")
NOWHERE: Final[Mapping[str, Collection[str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FirstParty:
    """Which repositories are ours. `needles`: texts of which every one of our references, or its parts, holds one.

    No needles means that nothing can be skipped. `everyone`: other people's images count too, where a key says that
    it names an image, or a repository stands beside a tag or digest; that is for checks, which move nothing.
    """

    owns: Callable[[Repository], bool]
    needles: tuple[str, ...]
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The pins of a file in the order of its text, digests without a repository, and what could not be read.

    `overrides` and `illegible` are looked for with everyone's images alone.
    """

    pins: tuple[Pin, ...] = ()
    problems: tuple[Problem, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    overrides: tuple[Override, ...] = ()
    illegible: tuple[Illegible, ...] = ()


def discover(path: str, content: bytes, ours: FirstParty, layers: Layers = NO_LAYERS) -> Found:
    """Return the pins in `content`; never raises: what cannot be read is a problem of this file alone."""
    hot = _hot(ours, content, layers)
    if hot is not None and not (
        re.search(hot.pattern.encode(), content)
        or content.startswith(_UNREADABLE)
        or (ours.everyone and _FOLDED.search(content))
    ):
        return Found()
    try:
        found = list(_read(path, content, ours, layers, hot.search if hot else _everything))
    except UnreadableFile as error:
        return Found(problems=(_problem(path, error),))
    pins = [one for one in found if isinstance(one, Pin)]
    return Found(
        pins=tuple(sorted(pins, key=lambda pin: pin.value.start)),
        orphans=tuple(one for one in found if isinstance(one, Orphan)),
        overrides=tuple(one for one in found if isinstance(one, Override)),
        illegible=tuple(one for one in found if isinstance(one, Illegible)),
    )


@dataclass(frozen=True, slots=True)
class Below:
    """What one lower value file names: repositories and digests by what they are and their key, prefixes of registries.

    Nothing is known yet of how high it lies.
    """

    names: tuple[tuple[str, str, Named], ...] = ()
    prefixes: tuple[Named, ...] = ()
    problem: Problem | None = None


def read_below(path: str, content: bytes, ours: FirstParty) -> Below:
    """Read the names in a lower value file: repositories and registries; and, to check everyone's images, digests."""
    words = _LAYER_WORDS[: 3 if ours.everyone else 2]
    if not any(word.encode() in content for word in words) and not content.startswith(_UNREADABLE):
        return Below()
    try:
        trees, frame = _trees(path, content, ours, NO_LAYERS, _any_of(words).search)
    except UnreadableFile as error:
        return Below(problem=_problem(path, error))
    return Below(
        names=tuple(one for tree in trees for one in _names(frame, tree, ())),
        prefixes=tuple(
            Named(text=one.value.rstrip("/"), path=path, line=one.line, order=0, everywhere=everywhere)
            for tree in trees
            for one, everywhere in prefixes(frame, tree)
        ),
    )


def read_layers(
    files: Iterable[tuple[str, bytes, int]],
    ours: FirstParty,
    above: Iterable[str],
    relative: Mapping[str, Collection[str]] = NOWHERE,
    known: MutableMapping[str, Below] | None = None,
) -> tuple[Layers, tuple[Problem, ...]]:
    """Read lower value files, each with its path, content and order (higher wins), for the overlays at `above`.

    Only names are taken from them: which repository stands at which key path, and which registry before all.
    `relative` has the paths of both without what their patterns begin with; where it says nothing, nothing is sure.
    `known` has the files that were read before, for other overlays, and takes in what is read now.
    """
    named: dict[str, dict[str, list[Named]]] = {"repository": {}, "registry": {}, "digest": {}}
    found_prefixes: list[Named] = []
    problems: list[Problem] = []
    known = {} if known is None else known
    for path, content, order in files:
        below = known.get(path)
        if below is None:
            below = known[path] = read_below(path, content, ours)
        problems += [] if below.problem is None else [below.problem]
        found_prefixes += [replace(one, order=order) for one in below.prefixes]
        for what, key, one in below.names:
            named[what].setdefault(key, []).append(replace(one, order=order))
    owners = Owners(above)
    layers = Layers(
        repositories={key: owners.given(names) for key, names in named["repository"].items()},
        registries={key: owners.given(names) for key, names in named["registry"].items()},
        digests={key: owners.given(names) for key, names in named["digest"].items()} if ours.everyone else {},
        prefixes=owners.given(found_prefixes),
        relative=relative,
    )
    return layers, tuple(problems)


def decode(content: bytes) -> str:
    """Return a file's text as it stands, a byte order mark and line ends included; raises `UnreadableFile`."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"{len(content)} bytes; the limit is {MOST_BYTES}; split the file")
    if content.startswith(_LFS):
        raise UnreadableFile("a Git LFS pointer, not the file itself; keep values files out of LFS")
    if content.startswith(_UTF_16):
        raise UnreadableFile("UTF-16, not UTF-8; save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _hot(ours: FirstParty, content: bytes, layers: Layers) -> re.Pattern[str] | None:
    """Return what a scalar, or a whole file, must hold to matter; None when everything may."""
    if not ours.needles:
        return None
    words = [*ours.needles, *_DIGESTS]
    if ours.everyone:
        words += [_IMAGE, "epository", "newName", "newTag", *_ESCAPES]
    if layers.repositories or b"parameters" in content:  # there a tag may stand apart from everything that is ours
        words += ["tag", "Tag", "TAG"]
    if b"parameters" in content:  # whose names stand in values, one mapping each
        words += ["digest", "Digest", "DIGEST"]
    if layers.prefixes or layers.registries or b"egistry" in content:
        words += ["egistry", "epository"]
    return _any_of(tuple(words))


@lru_cache(maxsize=256)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words))


def _everything(_: str) -> bool:
    return True


def _trees(
    path: str, content: bytes, ours: FirstParty, layers: Layers, hot: Callable[[str], object]
) -> tuple[list[Node], Frame]:
    text = decode(content)
    plain = text.removeprefix(BOM)
    budget = Budget(characters=4 * MOST_BYTES)
    opens = _IMAGE if ours.everyone else None
    if opens is None:
        trees = compose(plain, hot=hot, budget=budget)
    else:
        trees = compose_sections(plain, hot=hot, budget=budget, opens=opens)
    frame = Frame(
        path=path,
        document=0,
        root=Root(plain, shift=len(text) - len(plain), budget=budget),
        text=plain,
        owned=ours.owns,
        named=_any_of(ours.needles).search if ours.needles else _everything,
        hot=hot,
        opens=opens,
        layers=layers,
        prefix=layers.prefix(path),
    )
    return trees, frame


def _read(path: str, content: bytes, ours: FirstParty, layers: Layers, hot: Callable[[str], object]) -> Iterable[One]:
    trees, frame = _trees(path, content, ours, layers, hot)
    for document, tree in enumerate(trees):
        if tree is not COLD:
            yield from in_document(replace(frame, document=document), tree)


def _names(frame: Frame, node: Node, path: Path) -> Iterator[tuple[str, str, Named]]:
    """Yield every repository, registry and digest below `node`: which of them, the key that an overlay has, the name.

    None in a list: an overlay's list takes the place of the layer's, and the same position means nothing.
    """
    if not isinstance(node, Keys):
        return
    entries = [Entry(key.value, key, value, (key.value,)) for key, value in node.entries if isinstance(key, Scalar)]
    for roles in grouped(frame, entries, path):
        texts = {one: text for one, entry in roles.items() if (text := written(frame, entry.value))}
        repository, registry = texts.get("repository"), texts.get("registry")
        if repository is not None and repository.value not in EMPTY:
            registry_text = "" if registry is None or registry.value in EMPTY else registry.value.rstrip("/")
            key = layer_key(path, roles["repository"].name)
            yield "repository", key, _named(frame, repository, registry_text)
        digest = texts.get("digest")
        if digest is not None and digest.value not in EMPTY:
            yield "digest", layer_key(path, roles["digest"].name), _named(frame, digest)
    for entry in entries:
        registry = written(frame, entry.value) if (role(entry.name) or ("", ""))[1] == "registry" else None
        if registry is not None and registry.value not in EMPTY and not hides(registry.value):
            named = _named(frame, registry)
            yield "registry", layer_key(path, entry.name), replace(named, text=named.text.rstrip("/"))
        yield from _names(frame, entry.value, (*path, entry.name))


def _named(frame: Frame, text: Written, registry: str = "") -> Named:
    return Named(text=text.value, path=frame.path, line=text.line, order=0, registry=registry)


def _problem(path: str, error: UnreadableFile) -> Problem:
    line = _LINE.match(str(error))
    number, reason = (int(line[1]), str(error)[line.end() :]) if line else (0, str(error))
    return Problem(path=path, line=number, code="unreadable-file", reason=reason)
