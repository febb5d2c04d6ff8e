"""What pydantic found, in the words of the house: key path, what was got, what is expected, what to do."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config.coherence import suggestion
from bot.config.document import Document, KeyPath, Problem
from bot.config.grammar import WORDED
from bot.config.json_schema import keys_at

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST: Final = 80
_USERINFO: Final = re.compile(r"//[^/@\s]*@")


def spelled(at: KeyPath) -> str:
    """A key path as text: `images[0].match`, and keys with other characters in quotes."""
    text = ""
    for step in at:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += "." * bool(text) + (step if _PLAIN_KEY.fullmatch(step) else json.dumps(step[:_LONGEST]))
    return text


def report(problems: Iterable[Problem], document: Document, path: str) -> str:
    """One line per problem, in the order of the file; a URL's user and password are never shown."""
    lines = []
    for problem in sorted(problems, key=lambda each: (document.mark(each.at), spelled(each.at), each.text)):
        subject = f"{spelled(problem.at)}: " if problem.at else ""
        lines.append(f"{path}:{document.mark(problem.at)[0]}: {subject}{problem.text}")
    return _USERINFO.sub("//***@", "\n".join(dict.fromkeys(lines)))


def problems(error: ValidationError, tree: object) -> Iterator[Problem]:
    """One problem for each thing that pydantic found in `tree`."""
    for details in error.errors(include_url=False):
        at = _in_file(details["loc"], tree)
        if details["type"] == "missing":
            key = str(details["loc"][-1])
            yield Problem((*at, key), f"missing, and required; add it: {keys_at(at).get(key, '')}")
        elif details["type"] == "extra_forbidden":
            yield Problem(at, f"unknown key; {suggestion(str(at[-1]), keys_at(at[:-1]))}")
        else:
            yield Problem(at, _text(details))


def _in_file(location: tuple[str | int, ...], tree: object) -> KeyPath:
    """The part of pydantic's location that stands in the file; what follows it is pydantic's own."""
    at: list[str | int] = []
    for step in location:
        match tree, step:
            case dict(), _ if step in tree:
                tree = tree[step]
            case tuple(), int():
                tree = tree[step]
            case _:
                break
        at.append(step)
    return tuple(at)


def _text(details: ErrorDetails) -> str:
    got, limits = shown(details["input"]), details.get("ctx", {})
    match details["type"]:
        case kind if kind == WORDED:
            return str(limits["reason"])
        case "string_type" | "literal_error":
            return f"got {got}, expected {limits['expected']}"
        case "bool_type":
            return f"got {got}, expected true or false, without quotes"
        case "int_type":
            return f"got {got}, expected a whole number, without quotes"
        case "tuple_type":
            return f"got {got}, expected a list; write it in brackets, [] is the empty one"
        case "model_type" | "dict_type":
            return f"got {got}, expected a mapping; give it keys, or remove it"
        case _:
            return _limit(got, limits, details["msg"])


def _limit(got: str, limits: Mapping[str, Any], otherwise: str) -> str:
    if "ge" in limits:
        return f"got {got}, expected {limits['ge']} or more"
    if "le" in limits:
        return f"got {got}, expected {limits['le']} or less"
    if "max_length" in limits:
        return f"{limits['actual_length']} entries, expected at most {limits['max_length']}"
    if "min_length" in limits:
        return f"{limits['actual_length']} entries, expected at least {limits['min_length']}"
    return f"got {got}: {otherwise}"


def shown(value: object) -> str:
    """Name a value of the file in a message: its text, or what kind of thing it is."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"[:_LONGEST]
        case str():
            return repr(value[:_LONGEST])
        case tuple():
            return "a list"
        case _:
            return "a mapping"
