"""The GraphQL half: a request is judged by a slice of GitHub's own schema, and executed by graphql-core.

A query that the schema does not allow is a Violation, like a node that does not say what the schema promises.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
    value_from_ast_untyped,
)

from tests.doubles.github_api.access import Token, check_visible, who_asks
from tests.doubles.github_api.mutations import Mutations
from tests.doubles.github_api.nodes import Node, actor, node
from tests.doubles.github_api.nodes_pulls import Viewer
from tests.doubles.github_api.repository import Refused
from tests.doubles.github_api.rest import Violation, refused
from tests.doubles.github_api.wire import Answer, Json, Request
from tests.doubles.github_api.world import World

SCALARS = {"GitObjectID": r"[0-9a-f]{40}", "GitRefname": r"refs/.+"}
BODY = {"query", "variables", "operationName"}


@cache
def schema() -> GraphQLSchema:
    """The slice, with scalars that take what GitHub's take."""
    built = build_schema(Path(__file__).with_name("schema.graphql").read_text())
    for name, pattern in SCALARS.items():
        _restrict(built.type_map[name], pattern)
    return built


def _restrict(scalar: object, pattern: str) -> None:
    assert isinstance(scalar, GraphQLScalarType)
    name = scalar.name

    def judged(value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise GraphQLError(f"{name} cannot represent {value!r}")
        return value

    scalar.coerce_input_value = judged
    scalar.coerce_input_literal = lambda literal: judged(value_from_ast_untyped(literal))


def operation_of(body: object) -> tuple[str, bool]:
    """The root fields of a request (`updateRefs`), and whether it is a mutation; judged later."""
    try:
        found = _operation(body)
    except (GraphQLSyntaxError, Violation):
        return "invalid", False
    fields = [item.name.value for item in found.selection_set.selections if isinstance(item, FieldNode)]
    return ",".join(dict.fromkeys(fields)), found.operation.value == "mutation"


def _parse(body: object) -> tuple[DocumentNode, Json]:
    if not isinstance(body, dict) or not isinstance(body.get("query"), str) or not set(body) <= BODY:
        raise Violation("the body of a GraphQL request has `query`, and perhaps `variables` and `operationName`")
    return parse(body["query"]), body


def _operation(body: object) -> OperationDefinitionNode:
    document, whole = _parse(body)
    name = whole.get("operationName")
    found = get_operation_ast(document, name if isinstance(name, str) else None)
    if found is None:
        raise Violation("no operation of that name, or more than one and no `operationName`")
    return found


def answer(world: World, request: Request) -> Answer:
    """Answer a GraphQL request."""
    try:
        document, body = _parse(request.body)
        operation = _operation(request.body)
    except GraphQLSyntaxError as error:
        raise Violation(f"{request}: {error}") from error
    if faults := validate(schema(), document):
        raise Violation(f"{request}: {'; '.join(fault.message for fault in faults)}")
    try:
        token = who_asks(request.headers.get("authorization"), world.tokens, world.clock())
    except Refused as refusal:
        return refused(refusal)
    if token is None:
        return refused(Refused(401, "This endpoint requires you to be authenticated."))
    is_write = operation.operation.value == "mutation"
    result = execute_sync(
        schema(),
        document,
        Mutations(world, token).root() if is_write else _query(world, token),
        variable_values=_variables(body),
        operation_name=operation.name.value if operation.name else None,
        field_resolver=_resolve,
        type_resolver=lambda value, *_: value.typename,
    )
    return Answer(body=_body(request, result))


def _variables(body: Json) -> dict[str, object] | None:
    variables = body.get("variables")
    return variables if isinstance(variables, dict) else None


def _query(world: World, token: Token) -> Node:
    def repository(owner: str, name: str, **_: object) -> Node:
        try:
            it = world.repository(f"{owner}/{name}")
            check_visible(token, it)
        except Refused:
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise Refused(200, message, kind="NOT_FOUND") from None
        return Viewer(token).repository(it)

    return node("Query", id="Q", repository=repository, viewer=actor(token.login, is_viewer=True))


def _resolve(source: Node, info: GraphQLResolveInfo[None], **arguments: object) -> object:
    if info.field_name not in source.fields:
        raise Violation(f"{source.typename}.{info.field_name} is in the schema, but the double does not model it")
    value = source.fields[info.field_name]
    return value(**arguments) if callable(value) else value


def _body(request: Request, result: ExecutionResult) -> Json:
    """The result as GitHub writes it: an error's type stands beside its message."""
    body: Json = {"data": result.data}
    errors = [_error(request, error) for error in result.errors or ()]
    return body | {"errors": errors} if errors else body


def _error(request: Request, error: GraphQLError) -> Json:
    if not isinstance(error.original_error, Refused):
        raise Violation(f"{request}: {error.message}") from error
    refusal = error.original_error
    kind: Mapping[str, object] = {} if refusal.kind is None else {"type": refusal.kind}
    locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {**kind, "path": error.path, "locations": locations, "message": refusal.message}
