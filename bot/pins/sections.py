"""Blanks the sections of a values file that cannot matter to a check, so that the parser passes over them.

A section is a key at the left edge with all below it. One is blanked only when it is as plain as settings are: it names
nothing of interest, and every line of it ends whatever it begins. Nothing moves: each place is where it was.
What is wrong within a blanked section is not noticed; so this is for checks, and never for files that are edited.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Final

from bot.errors import UnreadableFile
from bot.pins.nodes import Budget, Mapping, Node, Scalar, compose

_KEPT: Final = frozenset({"kind"})  # what a document is, is asked of its root
_OBJECT: Final = re.compile("^apiVersion:", re.MULTILINE)
_EDGE: Final = re.compile(r"^[^ #\n][^\n]*", re.MULTILINE)
_KEY: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):(?: |$)")
_ITEM: Final = re.compile(r"-(?: |$)")
_DOCUMENT: Final = re.compile(r"--- *")
# What some reader takes for a break or for indentation, and another one not.
_ODD: Final = re.compile("[\t\r\x85\u2028\u2029]")
_VALUE: Final = r"""(?:
    [A-Za-z0-9_./~+] (?: [^\n:\#"'\[\]{}&*!|>%@`]++ | :(?![\s]) )*+
  | "[^"\\\n]*+"
  | '[^'\n]*+'
  | \{ [^{}\[\]\n"'\#&*!|>%@`]*+ \}
  | \[ [^{}\[\]\n"'\#&*!|>%@`]*+ \]
)"""
_LINE: Final = rf"[ ]*+ (?: -[ ]++ )*+ (?: [A-Za-z0-9_./-]++: (?=[ \n]) )? (?: [ ]*+ {_VALUE} )? [ ]*+ (?: \#[^\n]*+ )?"
_PLAIN: Final = re.compile(rf"(?> {_LINE} (?: \n|\Z ) )*+", re.VERBOSE)


def compose_sections(
    text: str, *, hot: Callable[[str], object], budget: Budget, opens: Callable[[str], object]
) -> list[Node]:
    """Build what `compose` does, but for sections in which nothing is `hot`; all of it where that cannot be told.

    What stands in the others may be open beyond them: a quotation, say. Then a key that should be is not at the root.
    Objects of Kubernetes are no values: most of one is a single section.
    """
    shown, kept = (text, frozenset[int]()) if _OBJECT.search(text) else _blanked(text, hot)
    if shown != text:
        left = budget.events
        with suppress(UnreadableFile):
            trees = compose(shown, hot=hot, budget=budget, opens=opens)
            roots = [key for tree in trees if isinstance(tree, Mapping) for key in tree.parts[::2]]
            if kept <= {key.start_mark.index for key in roots if isinstance(key, Scalar)}:
                return trees
        budget.events = left
    return compose(text, hot=hot, budget=budget, opens=opens)


def _blanked(text: str, hot: Callable[[str], object]) -> tuple[str, frozenset[int]]:
    """Put blanks for sections in which nothing is `hot`; with where the others begin."""
    sections = None if _ODD.search(text) else _sections(text)
    if not sections:
        return text, frozenset()
    parts, kept = [text[: sections[0][0]]], []
    for (start, name), (end, _) in pairwise([*sections, (len(text), "")]):
        part = text[start:end]
        cold = name and name not in _KEPT and not hot(part) and _PLAIN.fullmatch(part)
        parts.append(_blank(part) if cold else part)
        kept += [start] if name and not cold else []
    return "".join(parts), frozenset(kept)


def _sections(text: str) -> list[tuple[int, str]] | None:
    """Find where sections begin, each with its key, and documents, with none; None for a text of another build."""
    found: list[tuple[int, str]] = []
    names: set[str] = set()
    for line in _EDGE.finditer(text):
        key = _KEY.match(line[0])
        if key is not None and key[1] not in names:
            names.add(key[1])
            found.append((line.start(), key[1]))
        elif key is None and _DOCUMENT.fullmatch(line[0]):
            names.clear()
            found.append((line.start(), ""))
        elif key is not None or not (names and _ITEM.match(line[0])):
            return None
    return found


def _blank(part: str) -> str:
    """Put a comment of the same length and as many lines; blanks alone would be a part of a text block before them."""
    lines = part.count("\n")
    return "#" + " " * (len(part) - lines - 1) + "\n" * lines
