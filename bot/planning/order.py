"""Which of two builds is newer: a channel that goes back, because an older build finished last, is not followed.

The source repository decides, where both builds name it and it knows both commits; else the times that the labels
state. What nobody states, or what is equal, is not known, and holds nothing back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.image import Build, Digest
from bot.pins import Pin
from bot.planning.glob import Glob
from bot.planning.resolution import Lookup, Resolution, Resolved
from bot.planning.targets import Proposed, Target, has_place


class Relation(StrEnum):
    """How a new build stands to an old one."""

    AHEAD = "ahead"
    BEHIND = "behind"
    UNKNOWN = "unknown"


class Ancestry(StrEnum):
    """How a commit stands to another in the history of their repository."""

    AHEAD = "ahead"
    BEHIND = "behind"
    DIVERGED = "diverged"
    IDENTICAL = "identical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """A question to a source repository (`https://host/owner/name`, in lower case): how does `new` stand to `old`?"""

    source: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The answer. `commits` (how many are new) and `subjects` (newest first) only where they may be shown."""

    ancestry: Ancestry
    commits: int | None = None
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """What a move means at the source: from one revision of `repository` to another, for the digests `olds`."""

    repository: str
    old: str
    new: str
    olds: tuple[Digest, ...]
    comparison: Comparison | None = None

    @property
    def url(self) -> str | None:
        """The page that shows what is new; None for a build of the same commit."""
        return None if self.old == self.new else f"{self.repository}/compare/{self.old}...{self.new}"


Comparisons = Mapping[Comparable, Comparison]
NOT_COMPARED: Final[Comparisons] = MappingProxyType({})


def relation(new: Build, old: Build | None, comparisons: Comparisons = NOT_COMPARED) -> Relation:
    """Compare two builds; an old one that could not be read is unknown.

    Diverged counts as behind: the new build lacks something that the old one has.
    """
    match _ancestry(new, old, comparisons):
        case Ancestry.AHEAD:
            return Relation.AHEAD
        case Ancestry.BEHIND | Ancestry.DIVERGED:
            return Relation.BEHIND
        case Ancestry.IDENTICAL | None:
            return _by_time(new, old)


def _by_time(new: Build, old: Build | None) -> Relation:
    if old is None or new.created is None or old.created is None or new.created == old.created:
        return Relation.UNKNOWN
    return Relation.AHEAD if new.created > old.created else Relation.BEHIND


def together(relations: Iterable[Relation]) -> Relation:
    """Sum up: behind one is behind, and ahead only of all."""
    found = frozenset(relations)
    if Relation.BEHIND in found:
        return Relation.BEHIND
    return Relation.AHEAD if found == {Relation.AHEAD} else Relation.UNKNOWN


def believed(answer: Resolved, target: Target) -> Resolved:
    """Leave a source out where the rule does not let it point: a label is what anybody who builds may write.

    Case does not count: a registry's path is lower-case, and the same owner at GitHub is written as its founder liked.
    """
    owner = target.repository.path.partition("/")[0]
    allowed = Glob.parse(str(target.rule.source or f"github.com/{owner}/*").lower())

    def checked(build: Build) -> Build:
        good = build.source is None or allowed.matches(build.source.removeprefix("https://").lower())
        return build if good else replace(build, source=None)

    olds = {digest: checked(old) for digest, old in answer.olds.items()}
    return replace(answer, build=checked(answer.build), olds=olds)


def comparable(new: Build, old: Build | None) -> Comparable | None:
    """Return what can be asked about two builds, whose sources are believed: they name one repository, two commits."""
    if old is None or not new.source or not old.source or not new.revision or not old.revision:
        return None
    source = new.source.lower()
    if source != old.source.lower() or new.revision == old.revision:
        return None
    return Comparable(source=source, old=old.revision, new=new.revision)


def comparables(
    targets: Iterable[Target], resolutions: Mapping[Lookup, Resolution], proposed: Proposed
) -> tuple[Comparable, ...]:
    """List the distinct questions whose answers decide about the pins that would move, in the order of the targets."""
    found: dict[Comparable, None] = {}
    for target in targets:
        answer = resolutions.get(target.lookup) if target.selected else None
        if not isinstance(answer, Resolved):
            continue
        new = believed(answer, target)
        pins = [pin for pin in target.pins if pin.refusal is None and has_place(pin, target.rule)]
        for digest in (digest for pin in pins for digest in olds_of(pin, target, new.digest, proposed)):
            if asked := comparable(new.build, new.olds.get(digest)):
                found[asked] = None
    return tuple(found)


def olds_of(pin: Pin, target: Target, new: Digest, proposed: Proposed) -> Iterator[Digest]:
    """Yield what `new` must not be behind: the pin's own digest, and the one that is proposed for it."""
    own = pin.reference.digest
    if own == new:
        return
    there = proposed.get((target.repository, own))
    yield from dict.fromkeys(one for one in (own, there[0] if there else None) if one is not None and one != new)


def source_changes(new: Resolved, pins: Sequence[Pin], comparisons: Comparisons) -> tuple[SourceChange, ...]:
    """Say what `new` means at the source against what stands in `pins`: one entry for each old revision."""
    found: dict[str, SourceChange] = {}
    source, revision = new.build.source, new.build.revision
    for digest in dict.fromkeys(pin.reference.digest for pin in pins if pin.reference.digest is not None):
        old = new.olds.get(digest)
        if old is None or not source or not revision or not old.source or not old.revision:
            continue
        if old.source.lower() != source.lower():
            continue
        asked = comparable(new.build, old)
        before = found.get(old.revision)
        found[old.revision] = SourceChange(
            repository=source,
            old=old.revision,
            new=revision,
            olds=(*before.olds, digest) if before else (digest,),
            comparison=comparisons.get(asked) if asked else None,
        )
    return tuple(found.values())


def why_behind(new: Resolved, olds: Iterable[Digest], comparisons: Comparisons) -> str:
    """Say by what `new` is behind one of `olds`: by the history of the source where that tells, else by the times."""
    behind = [
        digest
        for digest in olds
        if relation(new.build_beside(digest), new.olds.get(digest), comparisons) is Relation.BEHIND
    ]
    for digest in behind:
        ancestry = _ancestry(new.build, new.olds[digest], comparisons)
        if ancestry in {Ancestry.BEHIND, Ancestry.DIVERGED}:
            how = "is behind" if ancestry is Ancestry.BEHIND else "has diverged from"
            old = new.olds[digest]
            return (
                f"{new.digest} was built from {_short(new.build)}, which {how} {_short(old)} of {digest} "
                f"in {new.build.source}"
            )
    dated = [(created, digest) for digest in behind if (created := new.olds[digest].created) is not None]
    latest, digest = max(dated)
    return (
        f"{new.digest} was built on {new.build_beside(digest).created:%Y-%m-%d %H:%M} UTC, before {digest} of "
        f"{latest:%Y-%m-%d %H:%M} UTC"
    )


def _ancestry(new: Build, old: Build | None, comparisons: Comparisons) -> Ancestry | None:
    asked = comparable(new, old)
    answer = comparisons.get(asked) if asked else None
    return answer.ancestry if answer else None


def _short(build: Build) -> str:
    return (build.revision or "")[:12]
