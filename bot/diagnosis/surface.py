"""What the bot writes in the checkout, so that others who write the same can be told: files, folders and images."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.errors import InvalidReference
from bot.image import Reference, Repository
from bot.planning.environment import Configuration

_REFERENCE: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._:-]{0,253}(?:/[A-Za-z0-9._-]{1,128}){1,8}(?:[:@][A-Za-z0-9._:-]{1,160})?"
)
_EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\{\{.*?\}\}")
_LEAST: Final = 2
_MOST: Final = 20_000
_LONGEST: Final = 500


@dataclass(frozen=True)
class Surface:
    """`files` are the bot's, each with its environment; `configuration` says which images are ours."""

    configuration: Configuration
    files: Mapping[str, str]

    @cached_property
    def roots(self) -> frozenset[str]:
        """What the environments' patterns begin with: `sources/values/env/dev`."""
        return frozenset(
            "/".join(glob.literal_segments)
            for one in self.configuration.environments.values()
            if one.name in self.files.values()
            for glob in one.paths
            if len(glob.literal_segments) >= 1
        )

    def ours(self, text: str) -> Repository | None:
        """Return the first image of ours that a text names, and that is moved."""
        for found in _REFERENCE.finditer(text[:_MOST]):
            try:
                repository = Reference.parse(found[0]).repository
            except InvalidReference:
                continue
            rule = self.configuration.rule(repository)
            if rule is not None and rule.move:
                return repository
        return None

    def named(self, path: str) -> tuple[str, bool] | None:
        """Return the file of ours that a path of another tool means, and whether that is sure.

        Others check the repository out below a folder of their own, so leading segments may be another's. A path
        with an expression in it may mean many files: the first that fits is returned, and is not sure.
        """
        literal = path[:_LONGEST].strip().removeprefix("./").strip("/")
        segments = literal.split("/")
        if not _EXPRESSION.search(literal):
            ends = ("/".join(segments[start:]) for start in range(len(segments)))
            return next(((end, True) for end in ends if end in self.files), None)
        words = [None if _EXPRESSION.search(one) else one for one in _split(literal)]
        found = next((file for file in sorted(self.files) if _fits(words, file.split("/"))), None)
        return (found, False) if found else None

    def like(self, name: str) -> str | None:
        """Return the first file of ours that a relative path may mean, from whichever folder."""
        end = f"/{name.removeprefix('./')}"
        return next((file for file in sorted(self.files) if file.endswith(end)), None)

    def inside(self, folder: str) -> tuple[str, bool] | None:
        """Return a file of ours directly in the folder that another tool means, and whether that is sure."""
        for name in ("kustomization.yaml", "kustomization.yml"):
            if found := self.named(f"{folder.rstrip('/')}/{name}"):
                return found
        return None


def _split(text: str) -> list[str]:
    """Split at slashes that stand outside of expressions."""
    return _EXPRESSION.sub(lambda found: found[0].replace("/", "\0"), text).split("/")


def _fits(words: list[str | None], segments: list[str]) -> bool:
    """Whether the words from some place on are the segments: None fits any, and two have to be there as written."""
    for start in range(len(words)):
        end = words[start:]
        if len(end) == len(segments) and sum(one is not None for one in end) >= _LEAST:
            return all(one is None or one == there for one, there in zip(end, segments, strict=True))
    return False
