"""CODEOWNERS: who owns which path. The last line that fits counts, and may name nobody.

Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import ConfigError
from bot.planning.glob import Glob

# The first one that is there counts.
PATHS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_MOST_LINES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the patterns that it stands for, and the owners, perhaps none."""

    number: int
    globs: tuple[Glob, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The file at `path` with the lines that can be read; GitHub skips the others, too."""

    path: str
    lines: tuple[Line, ...]

    def of(self, file: str) -> Line | None:
        """Return the line that counts for a file; None when it has no owner."""
        found = next((one for one in reversed(self.lines) if any(glob.matches(file) for glob in one.globs)), None)
        return found if found and found.owners else None


def read_owners(files: Mapping[str, bytes]) -> CodeOwners | None:
    """Read the CODEOWNERS that counts; None when there is none."""
    path = next((one for one in PATHS if one in files), None)
    if path is None:
        return None
    found: list[Line] = []
    for number, line in enumerate(files[path].decode("utf-8", "replace").splitlines()[:_MOST_LINES], 1):
        words = line.partition("#")[0].split()
        if words:
            try:
                found.append(Line(number, _globs(words[0]), tuple(words[1:])))
            except ConfigError:  # `!`, `[ ]` and `\`, which CODEOWNERS does not know
                continue
    return CodeOwners(path, tuple(found))


def _globs(pattern: str) -> tuple[Glob, ...]:
    """A folder is what is below it; without a slash, but at the end, it fits at every depth; `x/*` no deeper."""
    body = pattern.strip("/")
    if not body:
        return (Glob.parse("**"),)
    start = "" if "/" in pattern.rstrip("/") else "**/"
    below = Glob.parse(f"{start}{body}/**/*")
    if pattern.endswith("/"):
        return (below,)
    itself = Glob.parse(f"{start}{body}")
    return (itself,) if pattern.endswith("/*") else (itself, below)
