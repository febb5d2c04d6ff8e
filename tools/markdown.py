"""Pieces of Markdown that the pages are put together from."""

import re
from collections.abc import Iterable, Sequence
from typing import Final


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells may hold Markdown, a `|` in them is escaped."""
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Text in backticks."""
    return f"`{text}`"


def linked(text: str, heading: str) -> str:
    """A link to a heading of the same page, by the anchor that GitHub gives it."""
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    return f"[{text}](#{anchor})"


def fenced(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.strip()}\n```"


_CODE: Final = re.compile(
    r"""(?<![`\w])(
        BUMP_REGISTRY_…
        | \$?\w[\w.]*_[\w.]*\w         # promote_from, $GITHUB_REPOSITORY, defaults.pull_request
        | --[a-z][a-z-]*
        | \{[^}]*\}                   # {revision}
        | <\w+>[\w/<>]*               # <prefix>/<env>
        | \*\*? | \[\] | \?
    )(?![`\w])""",
    re.VERBOSE,
)


def prose(text: str) -> str:
    """A description that is plain text elsewhere: names of keys, options and signs are set as code."""
    return _CODE.sub(r"`\1`", text)


def joined(blocks: Iterable[str]) -> str:
    """A page: its blocks with an empty line between them, and the word of warning in front."""
    return "\n\n".join(("<!-- Made by `make docs`; edit what it is made from. -->", *filter(None, blocks))) + "\n"
