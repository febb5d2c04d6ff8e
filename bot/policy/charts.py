"""Which tags become labels in the charts of the checkout: a label holds no `@`, and so no digest.

Templates are no YAML; what is read here is only which lines stand in a block of labels, and which values they use.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import UnreadableFile
from bot.pins import decode

_VALUES: Final = re.compile(r"\.Values((?:\.[A-Za-z_][A-Za-z0-9_-]*)+)")
_LABELS: Final = re.compile(r"(?P<indent>\s*)(?:- )?(?:labels|matchLabels|commonLabels|podLabels|selector):\s*$")
_WELL_KNOWN: Final = re.compile(r"\s*[\"']?(?:app\.kubernetes\.io/version|helm\.sh/chart|version)[\"']?:")
_DEFINE: Final = re.compile(r"\{\{-?\s*define\s+\"(?P<name>[^\"]*)\"")
_MOST_TEMPLATES: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of the checkout, by its folder; `keys` are the value paths of tags that it writes into labels."""

    folder: str
    keys: frozenset[str]

    @property
    def name(self) -> str:
        """What the folder is called."""
        return self.folder.rpartition("/")[2]

    def serves(self, path: str, *, alone: bool) -> bool:
        """Whether values at `path` are for this chart: they lie in it, are named as it is, or there is no other."""
        if alone or path.startswith(f"{self.folder}/"):
            return True
        *folders, file = path.split("/")
        return self.name in {*folders, file.partition(".")[0]}

    def labels(self, key: str) -> bool:
        """Whether the value at `key`, of the chart itself or of a chart that uses it, becomes a label."""
        return any(key == one or key.endswith((f".{one}", f"|0.{one}")) for one in self.keys)


def charts(folders: Iterable[str], templates: Mapping[str, bytes]) -> tuple[Chart, ...]:
    """Read the templates of the charts at `folders`; those that label nothing with a tag are left out."""
    found: dict[str, set[str]] = {folder: set() for folder in folders}
    for path, content in sorted(templates.items())[:_MOST_TEMPLATES]:
        folder = path.partition("/templates/")[0]
        if folder in found and b".Values" in content:
            try:
                found[folder].update(_keys(decode(content)))
            except UnreadableFile:
                continue  # what is no text is no template
    return tuple(Chart(folder=folder, keys=frozenset(keys)) for folder, keys in sorted(found.items()) if keys)


def _keys(text: str) -> Iterator[str]:
    """Yield the value paths that end in `tag` and stand in a block of labels, or in a definition named for them."""
    block: int | None = None
    defined = False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if block is not None and line.strip() and not line.lstrip().startswith("{{") and indent <= block:
            block = None
        if (define := _DEFINE.search(line)) is not None:
            defined, block = "label" in define["name"].lower(), None
        if (labels := _LABELS.fullmatch(line)) is not None:
            block = len(labels["indent"])
        elif (block is not None or defined or _WELL_KNOWN.match(line)) and ":" in line:
            for path in _VALUES.findall(line):
                if path.lower().endswith("tag"):
                    yield path[1:]
