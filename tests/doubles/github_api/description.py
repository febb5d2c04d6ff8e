"""GitHub's OpenAPI description as a judge: of every request before it is handled, and of every answer.

It is stricter than the description in one point: properties that a schema does not name are refused, in requests and
answers, unless the schema says that it takes more. Where the description itself is wrong, `KNOWN_GAPS` says so.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from openapi_schema_validator import OAS30Validator, oas30_format_checker

from tests.doubles.github_api.wire import Json

KNOWN_GAPS: Mapping[str, str] = {
    "labels-as-array": "issues/add-labels and issues/set-labels: the prose and the server take a bare array of names,"
    " and that is what PyGithub sends; the schema knows objects only",
    "no-labels": "issues/set-labels: prose 'You can pass an empty array to remove all labels'; the schema says"
    " minItems 1, and its two alternatives are not exclusive",
    "unlisted-errors": "401, 403, 404, 409, 422 and 429 can come from every operation; few operations list them all,"
    " and pulls/request-reviewers lists its 422 without content",
}
ANY_ERROR = (401, 403, 404, 405, 409, 429)
LABEL_BODIES = ("issues/add-labels", "issues/set-labels")


@dataclass(frozen=True)
class Parameter:
    """How one parameter is read and judged."""

    place: str
    name: str
    type: str
    required: bool
    validator: Validator


@dataclass(frozen=True)
class Operation:
    """One operation: how its path is matched, and how what goes in and comes out is judged."""

    id: str
    method: str
    path: re.Pattern[str]
    parameters: tuple[Parameter, ...]
    body: Validator | None
    answers: Mapping[int, Validator | None]
    """By status; None for an answer without content."""

    def request_faults(self, place: Mapping[str, str], query: Mapping[str, str], body: object) -> Iterator[str]:
        """What GitHub's description says against a request."""
        given = {"path": place, "query": query}
        for parameter in self.parameters:
            text = given[parameter.place].get(parameter.name)
            if text is None and parameter.required:
                yield f"{parameter.name}: is required"
            elif text is not None:
                yield from _faults(parameter.validator, _typed(text, parameter.type), parameter.name)
        known = {parameter.name for parameter in self.parameters if parameter.place == "query"}
        yield from (f"{name}: no such query parameter" for name in query if name not in known)
        if self.body is not None:
            yield from _faults(self.body, body, "body")
        elif body not in (None, {}):
            yield "body: this operation takes none"

    def answer_faults(self, status: int, body: object) -> Iterator[str]:
        """What GitHub's description says against an answer."""
        if status not in self.answers:
            yield f"status {status} is not described"
        elif (validator := self.answers[status]) is not None:
            yield from _faults(validator, body, "answer")
        elif body is not None:
            yield f"status {status} has no content"

    def filled(self, status: int, body: object) -> object:
        """The answer with every required property that nobody models filled in with an empty value."""
        validator = self.answers.get(status)
        return body if validator is None else _filled(_keywords(validator.schema), body)


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the slice; fixed paths before those with parameters."""
    document = json.loads(Path(__file__).with_name("openapi.json").read_text())
    paths = sorted(document["paths"].items(), key=lambda pair: (pair[0].count("{"), pair[0]))
    return tuple(_operation(document, path, method, item) for path, items in paths for method, item in items.items())


def match(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request addresses, and what stands for its path's parameters."""
    for operation in operations():
        found = operation.path.fullmatch(path) if operation.method == method else None
        if found:
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


def _operation(document: Json, path: str, method: str, item: Json) -> Operation:
    whole = _resolved(document, item)
    parameters: list[Json] = whole.get("parameters", [])  # type: ignore[assignment]
    wide = {str(parameter["name"]) for parameter in parameters if parameter.get("x-multi-segment")}
    pattern = re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] in wide else '[^/]+'})", path)
    answers: dict[int, Validator | None] = {}
    for status in ANY_ERROR:
        answers[status] = _validator(_resolved(document, {"$ref": "#/components/schemas/basic-error"}))
    answers[422] = _validator(_resolved(document, {"$ref": "#/components/schemas/validation-error"}))
    responses: dict[str, Json] = whole["responses"]  # type: ignore[assignment]
    for code, response in responses.items():
        schema = _schema(response)
        if schema is not None or int(code) not in answers:
            answers[int(code)] = None if schema is None else _validator(schema)
    name = str(whole["operationId"])
    body = _schema(whole.get("requestBody"))
    return Operation(
        id=name,
        method=method.upper(),
        path=re.compile(pattern),
        parameters=tuple(_parameter(parameter) for parameter in parameters),
        body=None if body is None else _validator(_labels(body) if name in LABEL_BODIES else body),
        answers=answers,
    )


def _schema(holder: object) -> Json | None:
    """The JSON schema of a request body or a response, if it has content."""
    content = holder.get("content", {}) if isinstance(holder, dict) else {}
    return content.get("application/json", {}).get("schema")  # type: ignore[no-any-return]


def _labels(body: Json) -> Json:
    """The gaps `labels-as-array` and `no-labels`."""
    names: Json = {"type": "array", "items": {"type": "string"}}
    none: Json = {"type": "object", "properties": {"labels": names}, "additionalProperties": False}
    return {"anyOf": [names, none, body]}


def _parameter(item: Json) -> Parameter:
    schema: Json = item["schema"]  # type: ignore[assignment]
    name, place, kind = str(item["name"]), str(item["in"]), str(schema.get("type", "string"))
    return Parameter(place, name, kind, bool(item.get("required")), _validator(schema))


def _resolved(document: Json, value: Json, *, inside: tuple[str, ...] = ()) -> Json:
    """The value with every reference replaced by what it names, and every named set of properties closed."""
    reference = value.get("$ref")
    if isinstance(reference, str):
        assert reference not in inside, f"{reference} holds itself"
        target: object = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(target, dict)
            target = target[step]
        assert isinstance(target, dict)
        return _resolved(document, target, inside=(*inside, reference))
    found: Json = {}
    for key, item in value.items():
        if key == "discriminator":  # a hint for code generators, whose references would dangle here; oneOf judges
            continue
        if isinstance(item, dict):
            found[key] = _resolved(document, item, inside=inside)
        elif isinstance(item, list):
            found[key] = [_resolved(document, x, inside=inside) if isinstance(x, dict) else x for x in item]
        else:
            found[key] = item
    for member in found.get("allOf", ()):  # type: ignore[attr-defined]
        member.pop("additionalProperties", None)  # what one of them does not name, another may
    if found.get("type") == "object" and isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found


def _validator(schema: Json) -> Validator:
    made: Validator = OAS30Validator(schema, format_checker=oas30_format_checker)
    return made


def _faults(validator: Validator, value: object, name: str) -> Iterator[str]:
    """The first few violations, innermost first where alternatives failed."""
    for number, error in enumerate(validator.iter_errors(value)):  # type: ignore[arg-type]
        if number == 5:
            return
        yield f"{name}{_place(error)}: {error.message[:300]}"
        yield from (f"{name}{_place(inner)}: {inner.message[:300]}" for inner in (error.context or ())[:5])


def _place(error: ValidationError) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)


def _typed(text: str, kind: str) -> object:
    if kind == "integer":
        return int(text) if text.isdecimal() else text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _keywords(schema: object) -> Mapping[str, object]:
    return schema if isinstance(schema, Mapping) else {}


def _filled(schema: Mapping[str, object], value: object) -> object:
    for alternatives in ("oneOf", "anyOf"):
        if alternatives in schema and isinstance(value, dict):
            return _filled(schema[alternatives][0], value)  # type: ignore[index]
    properties: Mapping[str, Mapping[str, object]] = schema.get("properties", {})  # type: ignore[assignment]
    if isinstance(value, dict):
        found = {key: _filled(properties[key], item) if key in properties else item for key, item in value.items()}
        required: list[str] = schema.get("required", [])  # type: ignore[assignment]
        return found | {key: _unmodelled(properties[key]) for key in required if key not in found}
    if isinstance(value, list) and "items" in schema:
        return [_filled(schema["items"], item) for item in value]  # type: ignore[arg-type]
    return value


def _unmodelled(schema: Mapping[str, object]) -> object:
    """An empty value of the schema's type: what a required property says that the double does not model."""
    if schema.get("nullable"):
        return None
    choices = schema.get("enum")
    if isinstance(choices, list):
        return choices[0]
    if schema.get("format") in _EMPTY_FORMAT:
        return _EMPTY_FORMAT[schema["format"]]
    if schema.get("type") == "object" or "oneOf" in schema:
        return _filled(schema, {})
    return _EMPTY[str(schema.get("type", "string"))]


_EMPTY: Mapping[str, object] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}
_EMPTY_FORMAT: Mapping[object, str] = {
    "uri": "https://not-modelled.invalid/",
    "date-time": "2020-01-01T00:00:00Z",
    "email": "not-modelled@example.invalid",
}
