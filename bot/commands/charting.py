"""The charts of the checkout: their templates, read once, for the rules that look into them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.commands.reading import Reading
from bot.errors import CheckoutError
from bot.pins import Problem
from bot.planning.snapshot import EXECUTABLE, FILE
from bot.policy import Chart, House, Policy, Sheet, Templates, charts

_PLAIN: Final = frozenset({FILE, EXECUTABLE})
_MOST_FILES: Final = 5_000
_MOST_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ChartFiles:
    """The folders of charts, and their templates; `unread` says why some of these are missing."""

    folders: frozenset[str]
    files: Mapping[str, bytes] = field(repr=False)
    unread: Problem | None = None


def chart_files(reading: Reading) -> ChartFiles:
    """Read what lies below `templates/`, beside a `Chart.yaml`, as far as the limits reach."""
    folders = frozenset(path.rpartition("/")[0] for path in reading.entries if path.endswith("/Chart.yaml"))
    files: dict[str, bytes] = {}
    size = 0
    for path in sorted(reading.entries):
        folder, inside, _ = path.partition("/templates/")
        if inside and folder in folders:
            content = _content(reading, path)
            size += len(content or b"")
            if size > _MOST_BYTES or len(files) == _MOST_FILES:
                reason = f"from here on no templates were read: over {_MOST_FILES} files, or {_MOST_BYTES} bytes"
                return ChartFiles(folders, files, Problem(path=path, line=0, code="unreadable-file", reason=reason))
            if content is not None:
                files[path] = content
    return ChartFiles(folders, files)


def labelling(found: ChartFiles) -> tuple[Chart, ...]:
    """Read the templates for what they write into labels."""
    return charts(found.folders, found.files)


def templates(found: ChartFiles, reading: Reading, policy: Policy) -> Templates:
    """Read the templates for the fleet contract, and the files that go through `tpl`."""
    read = Templates(policy.operators.kinds)
    read.unread += [] if found.unread is None else [found.unread]
    read.read(found.folders, found.files)
    named = [path for path in reading.entries if any(glob.matches(path) for glob in policy.fleet.evaluated)]
    for path in sorted({*read.missing, *named})[:_MOST_FILES]:
        content = _content(reading, path)
        if content is not None:
            read.add(path, content)
    return read


def beside(house: House, reading: Reading, wanted: frozenset[str] | None) -> Iterator[Sheet]:
    """Yield what lies in no environment: templates, and documents; `wanted` are the only paths, None for all."""
    for sheet in house.templates():
        if wanted is None or sheet.path in wanted:
            yield sheet
    for path in sorted(house.policy.documents):
        if wanted is None or path in wanted:
            yield house.document(path, _content(reading, path))


def _content(reading: Reading, path: str) -> bytes | None:
    """Read a file; None for what is none, which no chart renders either."""
    entry = reading.entries.get(path)
    if entry is None or entry.mode not in _PLAIN:
        return None
    try:
        return reading.files.contents([entry])[path]
    except CheckoutError:
        return None
