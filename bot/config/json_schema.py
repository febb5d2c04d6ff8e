"""The JSON Schemas of environments.yaml and waivers.yaml, for editors, and to validate without this program."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.config.document import KeyPath
from bot.config.grammar import File
from bot.config.section import Section

Shape = Mapping[str, Any]  # JSON as it is: true, false and null included


class _Generator(GenerateJsonSchema):
    """Without titles made from field names, which an editor shows anyway; a key of the wrong form is an error."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - the signature is pydantic's
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        shape = super().dict_schema(schema)
        for pattern, value in shape.pop("patternProperties", {}).items():
            shape["propertyNames"] = {"pattern": pattern, **shape.get("propertyNames", {})}
            shape["additionalProperties"] = value
        if "keys_schema" in schema and "propertyNames" in shape:  # pydantic leaves out what its keys are called
            shape["propertyNames"]["title"] = self.generate_inner(schema["keys_schema"])["title"]
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        if "title" in values:  # nor what its values are
            shape["additionalProperties"]["title"] = values["title"]
        return shape


def schema() -> str:
    """The schema as text: draft 2020-12, the same bytes every time, with a newline at its end."""
    return text_of(File)


def is_stale(copy: bytes) -> bool:
    """Whether `copy` says something else than `schema()`; line ends and spacing do not count."""
    return is_stale_of(File, copy)


def text_of(model: type[Section]) -> str:
    """The schema of a file whose root is `model`, as `schema` gives that of environments.yaml."""
    return json.dumps(_shape(model), indent=2, ensure_ascii=False) + "\n"


def is_stale_of(model: type[Section], copy: bytes) -> bool:
    """Whether `copy` says something else than `text_of(model)`."""
    try:
        return bool(json.loads(copy) != _shape(model))
    except (ValueError, RecursionError):
        return True


def keys_at(at: KeyPath) -> Mapping[str, str]:
    """The keys that the mapping at a key path may have, with their descriptions."""
    places = list(_unfolded(_shape()))
    for step in at:
        places = [deeper for place in places for inner in _inside(place, step) for deeper in _unfolded(inner)]
    return {
        key: str(inner.get("description", "")) for place in places for key, inner in place.get("properties", {}).items()
    }


@cache
def _shape(model: type[Section] = File) -> Shape:
    shape = model.model_json_schema(schema_generator=_Generator)
    return {"$schema": _Generator.schema_dialect, **shape}


def _unfolded(place: Shape) -> Iterator[Shape]:
    """The shapes behind references and alternatives."""
    if "$ref" in place:
        yield from _unfolded(_shape()["$defs"][place["$ref"].rpartition("/")[2]])
    for alternative in place.get("anyOf", ()):
        yield from _unfolded(alternative)
    yield place


def _inside(place: Shape, step: str | int) -> Iterator[Shape]:
    if isinstance(step, int):
        candidates = [place.get("items")]
    else:
        candidates = [place.get("properties", {}).get(step), place.get("additionalProperties")]
    return (candidate for candidate in candidates if isinstance(candidate, dict))
