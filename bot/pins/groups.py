"""Which keys of a mapping make up one image: registry, repository, tag and digest, in any order and however far apart.

The role of a key is told by its end (`tag`, `imageTag`, `image_tag`); keys whose beginnings are equal belong together.
A bare first-party repository under any other key counts as the repository of the tag or digest beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, cast

from bot.errors import InvalidReference
from bot.image import Digest, Reference, Tag
from bot.pins.frame import EMPTY, Entry, Frame, Path, hides
from bot.pins.nodes import Alias, Node, Scalar

_ROLES: Final = ("registry", "repository", "digest", "tag")
_ALGORITHMS: Final = ("sha256:", "sha512:")
_KUSTOMIZE: Final = frozenset({"name", "newName", "newTag", "digest", "tagSuffix"})
_PATHS: Final = ("path", "dir", "directory", "folder", "file", "chart", "url")
# Hosts of source code: what a repository and a tag mean there is no image.
_OF_CODE: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
LONGEST: Final = 600  # host and path 255, tag 128, digest 135, and the signs between them


@lru_cache(maxsize=4096)
def role(name: str) -> tuple[str, str] | None:
    """Return the beginning of a key, in lower case and without its signs, and its role; None when it has none."""
    text = name.lower()
    for one in _ROLES:
        if text.endswith(one):
            return text[: -len(one)].replace("_", "").replace("-", ""), one
    return None


@lru_cache(maxsize=4096)
def says_image(name: str) -> bool:
    """Whether a key says that its value names an image: `image`, `initImage`, `images`."""
    return name.lower().endswith(("image", "images"))


def names_image(path: Path, name: str | None) -> bool:
    """Whether a key says so, or is the `ref` of one that does; `reference`, where a volume is made of an image."""
    if name is None:
        return False
    if says_image(name):
        return True
    return name in {"ref", "reference"} and bool(path) and isinstance(path[-1], str) and says_image(path[-1])


def is_image(entries: Sequence[Entry], roles: Mapping[str, Entry], path: Path) -> bool:
    """Whether a repository with what stands beside it is an image, whoever's it is, and not a chart or source code."""
    name = text_of(roles["repository"].value) or ""
    if name.partition("/")[0] in _OF_CODE or "://" in name:
        return False
    around = next((step for step in reversed(path) if isinstance(step, str)), "")
    if "digest" in roles or says_image(around) or "image" in roles["repository"].name.lower():
        return True
    return "tag" in roles and (
        "registry" in roles or is_hosted(name) or any(entry.name.lower().endswith("pullpolicy") for entry in entries)
    )


def is_hosted(name: str) -> bool:
    """Whether a name begins with a registry's host."""
    first, slash, _ = name.partition("/")
    return bool(slash) and (first == "localhost" or bool(set(".:") & set(first)))


def grouped(frame: Frame, entries: Sequence[Entry], path: Path) -> Iterable[Mapping[str, Entry]]:
    """Return the roles of every image that the entries of one mapping make up."""
    if len(path) > 1 and path[-2] == "images" and isinstance(path[-1], int):
        names = {entry.name: entry for entry in entries}
        if "name" in names and names.keys() <= _KUSTOMIZE and names.keys() & {"newName", "newTag", "digest"}:
            return (_kustomized(names),)
    groups: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        if (found := role(entry.name)) is not None and text_of(entry.value) is not None:
            groups.setdefault(found[0], {}).setdefault(found[1], entry)
    if len(groups) > 1:
        _share(entries, groups)
    if groups and not any(_names_image(roles.get("repository")) for roles in groups.values()):
        _adopt(frame, entries, groups)
    return groups.values()


def _kustomized(names: Mapping[str, Entry]) -> dict[str, Entry]:
    """Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/ ."""
    roles = {"repository": names.get("newName", names["name"]), "name": names["name"]}
    for key, one in (("newTag", "tag"), ("digest", "digest")):
        if key in names:
            roles[one] = names[key]
    return roles


def _share(entries: Sequence[Entry], groups: dict[str, dict[str, Entry]]) -> None:
    """Let `registry`, `tag` and `digest` without a beginning serve the one repository that has one.

    Not where it says its own build, nor beside the name of another image: whose they are could be either then.
    """
    plain = groups.get("", {})
    named = [roles for roles in groups.values() if _names_image(roles.get("repository"))]
    if not plain or "repository" in plain or len(named) != 1 or named[0].keys() & {"tag", "digest"}:
        return
    if any(role(entry.name) is None and _names_image(entry) for entry in entries):
        return
    for one, entry in plain.items():
        named[0].setdefault(one, entry)
    del groups[""]


def _names_image(entry: Entry | None) -> bool:
    """Whether a value reads as the name of an image, whoever owns it.

    A single word does so only under a key that says `image` or `repository`, and a path under one that says path not
    at all. What a template makes of it is not known, so it does.
    """
    text = entry and text_of(entry.value)
    if entry is None or not text or len(text) > LONGEST:
        return False
    key = entry.name.lower()
    said = key.endswith(("image", "repository"))
    if hides(text) and said:
        return True
    if key.endswith(_PATHS) or not (said or set("/:@") & set(text)):
        return False
    try:
        return Reference.parse(text) is not None
    except InvalidReference:
        return False


def _adopt(frame: Frame, entries: Sequence[Entry], groups: dict[str, dict[str, Entry]]) -> None:
    """Take a bare first-party repository under any key for the one of the tag or digest beside it.

    A `registry` may hold its beginning: `{registry: ghcr.io, name: acme/api, tag: main}`.
    A name of somebody else's image beside it makes that as unclear as one of ours would.
    """
    said = [entry for roles in groups.values() for one, entry in roles.items() if one in {"digest", "tag"}]
    if not all(_names_build(text_of(entry.value) or "") for entry in said):
        return
    registry = text_of(groups[""]["registry"].value) if "registry" in groups.get("", {}) else None
    before = f"{registry.rstrip('/')}/" if registry and registry not in EMPTY else ""
    bare = [
        entry
        for entry in entries
        if role(entry.name) is None
        and (text := text_of(entry.value))
        and (_is_bare(frame, entry.name, text) or (before and _is_bare(frame, entry.name, f"{before}{text}")))
    ]
    others = any(role(entry.name) is None and entry not in bare and _names_bare(entry) for entry in entries)
    for entry in bare:
        beginning = entry.name.lower().replace("_", "").replace("-", "")
        if beginning in groups:
            groups[beginning]["repository"] = entry
        elif len(bare) == 1 and not others and "" in groups:
            groups[""]["repository"] = entry


def _names_bare(entry: Entry) -> bool:
    text = text_of(entry.value) or ""
    return _names_image(entry) and "@" not in text and ":" not in text.rpartition("/")[2]


def _names_build(text: str) -> bool:
    """Whether a tag, a digest, both or nothing is said."""
    tag, at, digest = ("", "@", text) if ":" in text and "@" not in text else text.partition("@")
    if text in EMPTY or hides(text):
        return True
    try:
        _ = Tag.parse(tag) if tag else None, Digest.parse(digest) if at else None
    except InvalidReference:
        return False
    return True


def _is_bare(frame: Frame, key: str, text: str) -> bool:
    reference = owned_reference(frame, text, whoever=frame.everyone and says_image(key))
    return reference is not None and reference.tag is None and reference.digest is None


def text_of(node: Node) -> str | None:
    """Return what a scalar says, or an alias of one; None for a collection."""
    said = node.target if isinstance(node, Alias) else node
    return cast("str", said.value) if isinstance(said, Scalar) else None


def owned_reference(frame: Frame, text: str, *, whoever: bool = False) -> Reference | None:
    """Read `text` as a first-party reference, or as anybody's; None when it is none, or not ours.

    A digest that is cut short is no image on Docker Hub that is called after its algorithm.
    """
    if not 0 < len(text) <= LONGEST or not (whoever or (frame.named(text) and not text.startswith(_ALGORITHMS))):
        return None
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return None
    return reference if whoever or frame.owned(reference.repository) else None
