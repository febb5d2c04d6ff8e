"""`bump check --fix`: asks what fixed tags mean, and writes it beside them where that is the one safe way out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bot.commands.reading import Files, Reading
from bot.commands.surroundings import Surroundings
from bot.commands.update import Writable
from bot.errors import BumpError
from bot.log import redact
from bot.planning.environment import Configuration
from bot.planning.resolution import Lookup, Resolution, Unresolved
from bot.planning.snapshot import Entry
from bot.policy import Finding, Policy, Sheet, Use
from bot.policy.mending import Candidate, Left, Mended, candidates, may_be_mended, mend
from bot.policy.online import hosts
from bot.policy.pulling import Pulling, pulling
from bot.report.diff import unified
from bot.report.findings import escaped
from bot.report.result import DONE, UNREACHABLE, exit_code_of


class Kept:
    """Sheets on their way into a survey, of which the images that could be mended are kept."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        """`sheets` are gone through once."""
        self._sheets = sheets
        self.uses: list[Use] = []
        self.pulls: list[Pulling] = []

    def __iter__(self) -> Iterator[Sheet]:
        for sheet in self._sheets:
            self.uses += (use for use in sheet.uses if may_be_mended(use))
            self.pulls += pulling(sheet)
            yield sheet


@dataclass(frozen=True, slots=True)
class Overlaid:
    """Files of which some are replaced, though not on disk yet."""

    files: Files
    new: Mapping[str, bytes]

    @property
    def commit(self) -> str:
        """The commit of those below."""
        return self.files.commit

    @property
    def place(self) -> str:
        """Where those below are."""
        return self.files.place

    def entries(self) -> Mapping[str, Entry]:
        """Return every file by its path."""
        return self.files.entries()

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return the bytes of some files, the new ones where there are such."""
        below = self.files.contents([entry for entry in entries if entry.path not in self.new])
        return {**below, **{entry.path: self.new[entry.path] for entry in entries if entry.path in self.new}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixing:
    """What was mended, in files that held `contents`, and the exit code of what kept us from asking."""

    mended: Mended = field(default_factory=Mended)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    code: int = DONE


NOTHING: Final = Fixing()


def fix(
    findings: Sequence[Finding],
    kept: Kept,
    reading: Reading,
    surroundings: Surroundings,
    *,
    policy: Policy,
    whose: Configuration | None,
    root: Path,
) -> Fixing:
    """Work out the new bytes of the files of `reading`; nothing is written.

    `whose` configuration says whom to ask and with which credential; None: nobody is asked.
    """
    # What asks registries takes a quarter of a second to import, which a check of files alone does not need.
    from bot.commands.resolving import resolver

    found = candidates(findings, kept.uses, hosts(whose), kept.pulls)
    candid = [one for one in found if isinstance(one, Candidate)]
    lookups = [one.lookup for one in candid if one.lookup is not None]
    code = DONE
    answers: Mapping[Lookup, Resolution] = {}
    try:
        if whose is not None:
            answers = resolver(surroundings, root=root)(whose, lookups)
    except BumpError as error:  # a variable that is empty: what needs no registry is mended anyway
        code = exit_code_of(error)
        answers = {one: Unresolved(code="registry-error", message=str(error)) for one in lookups}
    paths = sorted({one.finding.remark.path for one in found if not isinstance(one, Left)})
    contents = reading.files.contents([reading.entries[path] for path in paths])
    mended = mend(found, answers, contents, policy)
    if any(one.outage for one in mended.left):
        code = UNREACHABLE
    return Fixing(mended=mended, contents=contents, code=code)


def overlaid(reading: Reading, mended: Mended) -> Reading:
    """Return the commit as it is once the new bytes are in it."""
    return replace(reading, files=Overlaid(reading.files, mended.files))


def finish(fixing: Fixing, files: Writable, surroundings: Surroundings, *, dry_run: bool, shows: bool) -> None:
    """Write the new bytes; a dry run shows them as a diff instead, where `shows`.

    On a terminal every character of it that is none to look at is an escape.
    """
    new = fixing.mended.files
    if not dry_run:
        files.write(new, expected=fixing.contents)
    elif shows:
        diff = unified(fixing.contents, new)
        if surroundings.out.isatty():
            diff = "".join(f"{escaped(line, most=len(line))}\n" for line in diff.split("\n")[:-1])
        surroundings.out.write(redact(diff))


def told(mended: Mended, *, dry_run: bool) -> Iterator[str]:
    """Yield a line for each finding that was mended, and for each that could have been and was not."""
    word = "would write" if dry_run else "wrote"
    for one in mended.fixes:
        yield escaped(f"{one.finding.place}: {one.finding.rule}: {word} {one.text}")
    for left in mended.left:
        yield escaped(f"{left.finding.place}: {left.finding.rule}: not fixed: {left.reason}")
