"""docs/configuration.md: from the JSON Schema, and the example that stands beside it.

The words are the schema's, so that an editor shows the same; here is only how they are laid out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import WithJsonSchema

from bot.config import kinds, schema
from tools.markdown import code, fenced, joined, linked, prose, table

Shape = Mapping[str, Any]
_KINDS: Final = "Kinds of text"
_INTRO: Final = """\
# Configuration

`bump` reads one file: `config/environments.yaml` in the GitOps repository (`--config` names another). `bump init`
writes a first one, `bump config validate` checks it, and `bump config schema --write` puts the JSON Schema beside it,
from which an editor shows what stands here while you type.

This is enough to begin with:"""
_FIRST: Final = """\
# yaml-language-server: $schema=./environments.schema.json
version: 1

images:
  - match: "ghcr.io/acme/*"
    platforms: [linux/amd64, linux/arm64]

environments:
  dev:
    paths: ["sources/values/env/dev/**"]
    follow: main
"""
_RULES: Final = """\
What is wrong stops every command with exit code 2, and is told by key path and line: an unknown key, a value of another
kind, a path that leaves the repository, names that nothing has. A pattern that matches no file, or a file in two
environments, stops only the environments concerned. It is YAML without merge keys (`<<`) and tags, and one document.

Settings of verbs that are [not there yet](../README.md#not-there-yet) are checked, and have no effect yet.

In the tables **required** keys have no default; `–` stands for a key that is left out."""


def page(example: str) -> str:
    """The whole document; `example` is the text of config/environments.yaml."""
    shape: Shape = json.loads(schema())
    sections = _sections(shape)
    return joined(
        (
            _INTRO,
            fenced("yaml", _FIRST),
            _RULES,
            "## The file",
            prose(shape["description"]),
            _keys(shape, shape),
            *(block for name, places in sections.items() for block in _section(shape, name, places, example)),
            f"## {_KINDS}",
            "Wherever a key takes one of these, it is checked as follows.",
            table(("kind", "form", "example"), _kinds()),
        )
    )


def _sections(shape: Shape) -> dict[str, list[str]]:
    """The mappings by the name of their definition, each behind the last one that holds it, with its key paths."""
    found: dict[str, list[str]] = {}
    for name, place in _mappings(shape, shape, ""):
        found[name] = [*found.pop(name, []), place]
    return found


def _mappings(whole: Shape, part: Shape, at: str) -> Iterator[tuple[str, str]]:
    for key, value in part["properties"].items():
        for name, deeper in _held(value, f"{at}.{key}".lstrip(".")):
            yield name, deeper
            yield from _mappings(whole, whole["$defs"][name], deeper)


def _held(value: Shape, at: str) -> Iterator[tuple[str, str]]:
    """The definitions that a value refers to, and the key path at which they then stand."""
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], at
    for alternative in value.get("anyOf", ()):
        yield from _held(alternative, at)
    if "items" in value:
        yield from _held(value["items"], f"{at}[]")
    if isinstance(value.get("additionalProperties"), dict):
        yield from _held(value["additionalProperties"], f"{at}.<{value['propertyNames'].get('title', 'name')}>")


def _section(whole: Shape, name: str, places: list[str], example: str) -> Iterator[str]:
    part = whole["$defs"][name]
    yield f"## {part['title']}"
    yield f"At {' and '.join(map(code, places))}. {prose(part['description'])}"
    yield _keys(whole, part)
    if name == _held_at(whole, top := re.split(r"\W", places[-1])[0]):
        yield fenced("yaml", _sliced(example, top))


def _held_at(whole: Shape, key: str) -> str:
    """The definition of the mapping, or of each mapping, at one of the top keys."""
    return next(name for name, _ in _held(whole["properties"][key], key))


def _sliced(example: str, key: str) -> str:
    """What the example says at one of its top keys, comments included."""
    found = re.search(rf"^{key}:.*\n(?:(?:[ #].*)?\n)*", example, re.MULTILINE)
    if found is None:
        raise ValueError(f"config/environments.yaml: no {key}; the example shows every section")
    return found[0]


def _keys(whole: Shape, part: Shape) -> str:
    required = part.get("required", ())
    return table(
        ("key", "kind", "default", "meaning"),
        (
            (
                code(key),
                _kind(whole, value),
                "**required**" if key in required else _default(value),
                _meaning(whole, value),
            )
            for key, value in part["properties"].items()
        ),
    )


def _meaning(whole: Shape, value: Shape) -> str:
    own = value.get("description") or whole["$defs"][value["$ref"].rpartition("/")[2]]["description"]
    return prose(own)


def _default(value: Shape) -> str:
    if value.get("default") is None:
        return "–"
    default = value["default"]
    return code(default if isinstance(default, str) else json.dumps(default))


def _kind(whole: Shape, value: Shape) -> str:
    """What a value may be, in words; a kind of text is linked to its row, a mapping to its section."""
    match value:
        case {"$ref": str() as reference}:
            return linked("mapping", whole["$defs"][reference.rpartition("/")[2]]["title"])
        case {"anyOf": list() as alternatives}:
            return ", or ".join(_kind(whole, one) for one in alternatives if one != {"type": "null"})
        case {"const": constant}:
            return code(str(constant))
        case {"enum": list() as words}:
            return ", ".join(map(code, words))
        case {"type": "array", "items": items}:
            most = f", at most {value['maxItems']}" if "maxItems" in value else ""
            return f"list of {_kind(whole, items)}{most}"
        case {"type": "object", "additionalProperties": dict() as values, "propertyNames": names}:
            return f"per {_kind(whole, {'type': 'string', **names})}: {_kind(whole, values)}"
        case _:
            return _plain(value)


def _plain(value: Shape) -> str:
    match value:
        case {"type": "boolean"}:
            return "`true`, `false`"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"{least} to {most}"
        case {"type": "string", "title": str() as title}:
            return linked(title, _KINDS)
        case _:
            raise ValueError(f"{value}: no words for this shape; add them to tools/page_of_configuration.py")


def _kinds() -> list[tuple[str, str, str]]:
    """Each kind's own words: a key that takes it puts its meaning in their place in the schema."""
    shown = (
        noted.json_schema or {}
        for kind in vars(kinds).values()
        for noted in getattr(kind, "__metadata__", ())
        if isinstance(noted, WithJsonSchema)
    )
    return sorted(
        (one["title"], prose(one["description"]), ", ".join(map(code, one.get("examples", ()))) or "–") for one in shown
    )
