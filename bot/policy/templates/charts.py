"""The charts of a checkout as the fleet contract sees them: which templates are worth reading, and what they pass on.

A template is a file below `templates/`, beside a `Chart.yaml`. Of a chart in which nothing names a primitive and
nothing goes through `tpl`, no template is read. Through `tpl` goes, too, what the configuration names.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import UnreadableFile
from bot.pins import Lines, Problem, decode
from bot.policy.charts import Chart
from bot.policy.templates.actions import Scanned, scan
from bot.policy.templates.seen import EACH, Keys
from bot.policy.templates.sources import Followed, Follower, named_templates

_TEMPLATES: Final = "/templates/"
_WORDS: Final = re.compile(rb"\btpl\b|\bkind:")
_DEFINES: Final = re.compile(rb"\{\{-?\s*(?:define|block)\b")


@dataclass(frozen=True, slots=True)
class Template:
    """One template, read. `evaluated`: it goes through `tpl`."""

    path: str
    text: str
    lines: Lines
    scanned: Scanned
    followed: Followed
    evaluated: bool = False


@dataclass(frozen=True, slots=True)
class Charted:
    """One chart: how its templates are followed, and the values whose texts go through `tpl` there."""

    chart: Chart
    follower: Follower
    evaluated: frozenset[Keys]

    def evaluates(self, keys: Collection[object]) -> bool:
        """Whether the text at a key path goes through `tpl`, of this chart or of one that uses it."""
        path = tuple(key if isinstance(key, str) else EACH for key in keys)
        return any(
            _leads(one, path[start:]) for one in self.evaluated for start in range(len(path)) if len(one) <= len(path)
        )


class Templates:
    """All charts. `missing` are files that templates pass through `tpl`: whoever has them gives them to `add`.

    `unread` says why some were not read.
    """

    def __init__(self, kinds: Collection[str] = ()) -> None:
        """`kinds` are those of primitives."""
        self._kinds = [re.compile(rb"kind:[ \t\"']*" + re.escape(kind).encode() + rb"\b") for kind in sorted(kinds)]
        self._charts: dict[str, Charted] = {}
        self.templates: list[Template] = []
        self.missing: list[str] = []
        self.unread: list[Problem] = []

    def read(self, folders: Iterable[str], files: Mapping[str, bytes]) -> None:
        """Read the templates of the charts at `folders`."""
        by_folder: dict[str, list[str]] = {folder: [] for folder in sorted(folders)}
        for path in sorted(files):
            folder = path.partition(_TEMPLATES)[0]
            if folder in by_folder:
                by_folder[folder].append(path)
        for folder, paths in by_folder.items():
            own = {path for path in paths if self._matters(files[path])}
            if own:
                wanted = {path: files[path] for path in paths if path in own or _DEFINES.search(files[path])}
                self._chart(folder, wanted, own)

    def add(self, path: str, content: bytes) -> None:
        """Read a file that goes through `tpl`, as a template of the chart that it lies in."""
        text = self._text(path, content)
        if text is not None:
            scanned = scan(text)
            folders = [folder for folder in self._charts if path.startswith(f"{folder}/")]
            follower = self._charts[max(folders, key=len)].follower if folders else Follower({})
            followed = follower.follow(scanned.actions)
            self.templates.append(Template(path, text, Lines(content), scanned, followed, evaluated=True))

    def serving(self, path: str) -> tuple[Charted, ...]:
        """Return the charts that values at `path` are for."""
        alone = len(self._charts) == 1
        return tuple(one for one in self._charts.values() if one.chart.serves(path, alone=alone))

    def _matters(self, content: bytes) -> bool:
        if not _WORDS.search(content):
            return False
        return b"tpl" in content or any(kind.search(content) for kind in self._kinds)

    def _chart(self, folder: str, files: Mapping[str, bytes], own: Collection[str]) -> None:
        texts = {path: text for path, content in files.items() if (text := self._text(path, content)) is not None}
        scanned = {path: scan(text) for path, text in texts.items()}
        follower = Follower(named_templates(scanned.values()))
        mine = [
            Template(path, text, Lines(files[path]), scanned[path], follower.follow(scanned[path].actions))
            for path, text in texts.items()
            if path in own
        ]
        evaluated = {keys[1:] for one in mine for keys in one.followed.evaluated if keys[:1] == ("Values",)}
        documents = sorted({one for template in mine for one in template.followed.documents})
        self.templates += mine
        self.missing += [f"{folder}/{one}" for one in documents]
        chart = Chart(folder=folder, keys=frozenset())
        self._charts[folder] = Charted(chart, follower, frozenset(evaluated))

    def _text(self, path: str, content: bytes) -> str | None:
        try:
            return decode(content)
        except UnreadableFile as error:
            self.unread.append(Problem(path=path, line=0, code="unreadable-file", reason=str(error)))
            return None


def _leads(evaluated: Keys, path: Keys) -> bool:
    """Whether what goes through `tpl` is at a path or around it."""
    return len(evaluated) <= len(path) and all(
        one in {EACH, there} for one, there in zip(evaluated, path, strict=False)
    )
