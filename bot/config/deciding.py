"""What of environments.yaml decides what `bump check` asks, key by key with its place, so that two can be compared."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.config import wording
from bot.config.document import Document, KeyPath, read
from bot.policy import Key, Setting

_SECTIONS: Final = ("policy", "images", "registries", "environments")
# Of an environment; how its pull request looks is nobody's policy.
_ENVIRONMENT: Final = frozenset({"paths", "exclude", "layers", "follow", "promote_from", "platforms"})


def load_settings(text: bytes, *, path: str) -> Mapping[Key, Setting]:
    """Read the bytes of a file that `load` accepts; a list counts as one value, but for the image rules."""
    document = read(text, path=path)
    tree = document.tree if isinstance(document.tree, dict) else {}
    return {
        key: setting
        for section in _SECTIONS
        if section in tree
        for key, setting in _within(document, (section,), (section,), tree[section])
    }


def _within(document: Document, key: Key, at: KeyPath, value: object) -> Iterator[tuple[Key, Setting]]:
    inner = list(_parts(key, at, value))
    line, column = document.mark(at)
    name = wording.spelled(key)
    deeper = isinstance(value, dict) or key == ("images",)
    yield key, Setting(name=name, value=None if deeper else _text(value), line=line, column=column + 1)
    for step, place, one in inner:
        yield from _within(document, (*key, step), place, one)


def _parts(key: Key, at: KeyPath, value: object) -> Iterator[tuple[str, KeyPath, object]]:
    if key == ("images",) and isinstance(value, tuple):
        seen: dict[str, int] = {}
        for position, rule in enumerate(value):
            match = str(rule["match"]) if isinstance(rule, dict) else ""
            seen[match] = seen.get(match, 0) + 1
            yield match if seen[match] == 1 else f"{match} {seen[match]}", (*at, position), rule
    elif isinstance(value, dict):
        for step, one in value.items():
            if key[:1] != ("environments",) or len(key) != 2 or step in _ENVIRONMENT:  # noqa: PLR2004 - an environment's keys
                yield step, (*at, step), one


def _text(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_text, value))}]"
        case _:
            return str(value)
