"""Which broken rules have one safe way out, and the edits that take it. Nothing is decided that a person may decide.

Three ways there are. A fixed tag (a semantic version, the commit of a build) gets the digest that it means now, beside
it. A tag that moves goes from a string that has a digest. A pull policy is written as `pulling` says. What moves
without a digest is the matter of `bump update`, and what would break another rule is left.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, assert_never

from bot.errors import EditRefused
from bot.image import Digest, Tag
from bot.pins import Edit, Shape, Slot, rewrite, splice
from bot.planning.environment import FirstPin
from bot.planning.resolution import Current, Lookup, Resolution, Resolved, Unresolved
from bot.policy.finding import Finding, Level
from bot.policy.online import demanded
from bot.policy.pulling import Pulling
from bot.policy.registry import USES
from bot.policy.settings import Policy
from bot.policy.sheet import Use
from bot.policy.tags import Form

_FIXED: Final = frozenset({Form.COMMIT, Form.VERSION})
_LACKING: Final = frozenset({"unpinned", "tag-only", "operator-pinned"})
_BESIDE: Final = "channel-tag-with-digest"
_PULL_POLICY: Final = "pull-policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding that may have a way out, and the image that it is about; `lookup` is what has to be asked before."""

    finding: Finding
    use: Use
    lookup: Lookup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """The edits after which a finding is gone."""

    finding: Finding
    edits: tuple[Edit, ...]

    @property
    def text(self) -> str:
        """What is written there, for people."""
        return " ".join(edit.text.split("\n")[-1].strip(" ,") for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that stays, and why it could not be mended; `outage`: its registry could not be asked."""

    finding: Finding
    reason: str
    outage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What was mended and what was not, and the new bytes of the files."""

    fixes: tuple[Fix, ...] = ()
    left: tuple[Left, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is gone."""
        return tuple(fix.finding for fix in self.fixes)


def may_be_mended(use: Use) -> bool:
    """Whether a finding about it could be: so that the others need not be kept."""
    reference = use.pin.reference
    if use.hidden or reference.tag is None:
        return False
    if reference.digest is None:
        return use.form in _FIXED
    return use.form is Form.CHANNEL and use.pin.shape is Shape.STRING


def candidates(
    findings: Iterable[Finding], uses: Iterable[Use], asked: frozenset[str], pulls: Iterable[Pulling] = ()
) -> tuple[Candidate | Fix | Left, ...]:
    """Pair what was told with the images that it is about; `asked` are the hosts of which one may ask.

    A file of two environments has each image twice: it is written once, with the platforms that both need. `pulls` are
    the places of pull policies.
    """
    policies = {(one.path, one.line, one.column, one.key): one for one in pulls}
    places: dict[tuple[str, int, int, str], list[Use]] = {}
    for use in uses:
        places.setdefault((use.pin.path, use.pin.line, use.pin.column, use.pin.key), []).append(use)
    found: list[Candidate | Fix | Left] = []
    for finding in findings:
        remark = finding.remark
        pull = policies.get((remark.path, remark.line, remark.column, remark.key))
        if pull is not None and finding.rule == _PULL_POLICY:
            found.append(Left(finding, pull.reason) if pull.reason else Fix(finding=finding, edits=pull.edits))
            continue
        here = places.get((remark.path, remark.line, remark.column, remark.key), [])
        for use in here[:1]:
            tag, digest = use.pin.reference.tag, use.pin.reference.digest
            if tag is None or finding.rule not in (_LACKING if digest is None else {_BESIDE}):
                continue
            obstacle = _obstacle(use, asked)
            lookup = _lookup(here, tag) if digest is None else None
            found.append(Left(finding, obstacle) if obstacle else Candidate(finding=finding, use=use, lookup=lookup))
    return tuple(found)


def mend(
    found: Iterable[Candidate | Fix | Left],
    answers: Mapping[Lookup, Resolution],
    contents: Mapping[str, bytes],
    policy: Policy,
) -> Mended:
    """Write what can be written into `contents`; a file that refuses its edits is left as it was."""
    fixes: dict[str, list[Fix]] = {}
    left: list[Left] = []
    for one in found:
        made = _fix(one, answers, policy) if isinstance(one, Candidate) else one
        if isinstance(made, Left):
            left.append(made)
        else:
            fixes.setdefault(made.finding.remark.path, []).append(made)
    files: dict[str, bytes] = {}
    for path, those in fixes.items():
        try:
            files[path] = splice(contents[path], [edit for fix in those for edit in fix.edits])
        except EditRefused as error:
            left += (Left(fix.finding, str(error)) for fix in those)
    return Mended(
        fixes=tuple(fix for path in files for fix in fixes[path]),
        left=tuple(sorted(left, key=lambda one: (one.finding.remark.path, one.finding.remark.line))),
        files=files,
    )


def _obstacle(use: Use, asked: frozenset[str]) -> str:
    """Say what keeps an image from being mended before anybody is asked; nothing where nothing does."""
    pin = use.pin
    if pin.refusal is not None:
        return pin.refusal.reason
    if pin.reference.digest is not None:
        return ""
    if pin.shape is not Shape.STRING and _slot(use) is None:
        advice = ", or set first_pin: digest-key in the image's rule where its chart knows `digest`"
        return f"no place for a digest beside it; write a `digest` key{advice if pin.slot else ''}"
    host = pin.reference.repository.host
    return "" if host in asked else f"{host} is not asked: it is in neither images nor registries of the configuration"


def _slot(use: Use) -> Slot | None:
    """Return where a digest goes beside a tag: an empty key, or a new one where the rule says that the chart has it."""
    slot = use.pin.slot
    inserted = use.rule is not None and use.rule.first_pin is FirstPin.DIGEST_KEY
    return slot if slot is not None and (slot.adds is None or inserted) else None


def _lookup(uses: Sequence[Use], tag: Tag) -> Lookup:
    use = uses[0]
    return Lookup(
        repository=use.pin.reference.repository,
        channel=tag,
        unpinned=True,
        platforms=tuple(sorted({platform for one in uses for platform in demanded(one)})),
        allow_single_arch=use.rule is not None and use.rule.allow_single_arch,
        rule=_demanding(use),
    )


def _demanding(use: Use) -> str:
    """Return the key path of what asks for platforms, for messages."""
    if use.rule is not None:
        return f"images[{use.rule.position}]"
    return f"environments.{use.environment.name}" if use.environment else "environments"


def _fix(one: Candidate, answers: Mapping[Lookup, Resolution], policy: Policy) -> Fix | Left:
    use, digest = one.use, one.use.pin.reference.digest
    tag: Tag | None = None
    if one.lookup is not None:
        tag, answer = one.lookup.channel, answers[one.lookup]
        match answer:
            case Unresolved():
                return Left(one.finding, answer.message, answer.outage)
            case Resolved() | Current():
                digest = answer.digest
            case _:
                assert_never(answer)
    if digest is None:
        raise AssertionError("only what has a digest is mended without asking")
    if broken := _broken(use, digest, tag, policy):
        return Left(one.finding, f"it would break {broken}")
    return Fix(finding=one.finding, edits=rewrite(use.pin, digest=digest, tag=tag, slot=_slot(use)))


def _broken(use: Use, digest: Digest, tag: Tag | None, policy: Policy) -> str:
    """Return a rule that the image would break once it is mended."""
    shape = use.pin.shape if use.pin.shape is Shape.STRING else Shape.DIGEST_KEY
    reference = replace(use.pin.reference, digest=digest, tag=tag)
    after = replace(use, pin=replace(use.pin, shape=shape, reference=reference), form=use.form if tag else None)
    for rule, check in USES:
        if policy.level(rule, use.environment, use.party) is not Level.IGNORE and any(check(after)):
            return rule.name
    return ""
