"""Plain values as YAML that lives in Git: the same bytes every time, long texts as literal blocks, nothing folded.

Only what is written here is known: mappings with text keys, lists, texts, numbers, true, false and null.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

# Letters first, no indicator, no `: ` or ` #`: what YAML 1.1 and 1.2 both read as text.
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._/+-]*(?: [A-Za-z0-9._/+-]+)*")
_WIDTH: Final = 80
_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def documents(trees: Sequence[Mapping[str, object]]) -> str:
    """Return one document after the other, each begun by `---`."""
    return "".join(f"---\n{_block(tree)}" for tree in trees)


def _block(tree: Mapping[str, object]) -> str:
    return "".join(f"{line}\n" if line else "\n" for line in _lines(tree))


def _lines(value: Mapping[str, object] | Sequence[object]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(f"{scalar(str(key))}:", inner, "  ")
        return
    for item in value:
        if isinstance(item, Mapping) and item:
            first, *others = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" if line else "" for line in others)
        else:
            yield from _entry("-", item, "  ")


def _entry(start: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value and _is_block(value):
        yield f"{start} |-"
        yield from (f"{indent}{line}" if line else "" for line in value.split("\n"))
    elif isinstance(value, list | tuple) and len(short := _flow(value)) <= _WIDTH:
        yield f"{start} {short}"
    elif isinstance(value, Mapping | list | tuple) and value:
        yield start
        # A list stands below its key, not further in, as Kubernetes' own tools write it.
        inner = "" if not isinstance(value, Mapping) and start != "-" else indent
        yield from (f"{inner}{line}" if line else "" for line in _lines(value))
    else:
        yield f"{start} {scalar(value)}"


def _flow(values: Sequence[object]) -> str:
    """Return a list of scalars on one line, or what is too long for one."""
    if any(isinstance(value, Mapping | list | tuple) for value in values):
        return " " * (_WIDTH + 1)
    return f"[{', '.join(map(scalar, values))}]"


def _is_block(text: str) -> bool:
    """Whether a literal block gives back `text`: no blank at its ends, nothing that an editor would not show."""
    return text == text.strip() and text.replace("\n", "").isprintable()


def scalar(value: object) -> str:
    """Return what stands on one line: a text, a number, true, false, null, or an empty list or mapping."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, Mapping | list | tuple):
        return "{}" if isinstance(value, Mapping) else "[]"  # what is not empty is written over lines
    return json.dumps(value)


def _escaped(char: str) -> str:
    """JSON would write what lies beyond 16 bits as two halves, which YAML does not put together."""
    if char in {'"', "\\"}:
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"
