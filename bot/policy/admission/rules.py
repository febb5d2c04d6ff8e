"""The rules that a cluster can see, in CEL: for each, whose images break it how.

They have the names of the file rules of `bump check`, say the same of the same reference, and are excused by the same
waivers. What files alone show (shapes, layers, an operator by its kind) is not here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.planning.environment import Configuration, ImageRule
from bot.policy.admission import patterns
from bot.policy.admission.expressions import BADLY_PULLED, EVERY_IMAGE, raw
from bot.policy.admission.patterns import repositories
from bot.policy.finding import Party
from bot.policy.settings import Policy

FIRST, THIRD, OPERATOR = Party.FIRST, Party.THIRD, Party.OPERATOR
_EVERYBODY: Final = frozenset(Party)
_PARTY: Final = {
    FIRST: "r in variables.ours && !(r in variables.operators)",
    THIRD: "!(r in variables.ours) && !(r in variables.operators)",
    OPERATOR: "r in variables.operators",
}
_OPEN: Final = "!(r in variables.pinned)"
_OTHER: Final = f"r.matches({raw(patterns.TAGGED)}) && !(r in variables.moving) && !(r in variables.builds)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRule:
    """`breaks` says of the reference `r`, by whose image it is, when the rule is broken; `images` finds the images.

    `says` stands before the images in a message.
    """

    name: str
    says: str
    breaks: Mapping[Party, str]
    images: str = field(default=EVERY_IMAGE, repr=False)

    def broken(self, parties: frozenset[Party]) -> str:
        """Return whether `r` breaks the rule, for images of some parties."""
        ways: dict[str, list[Party]] = {}
        for party in Party:
            if party in parties and party in self.breaks:
                ways.setdefault(self.breaks[party], []).append(party)
        found = [_both(_any_of(whose), how) for how, whose in ways.items()]
        return found[0] if len(found) == 1 else " ||\n".join(f"({one})" for one in found)


def _any_of(parties: Iterable[Party]) -> str:
    asked = frozenset(parties)
    if asked == _EVERYBODY:
        return ""
    if len(asked) == 1:
        return "".join(_PARTY[one] for one in asked)
    (missing,) = _EVERYBODY - asked
    return f"!({_PARTY[missing]})"


def _both(left: str, right: str) -> str:
    parts = [one for one in (left, right) if one]
    return " && ".join(parts) or "true"


def rules(policy: Policy) -> tuple[AdmissionRule, ...]:
    """Return the rules, in the order in which they are rendered."""
    moving = "r in variables.moving"
    found = [
        AdmissionRule(
            name="unpinned",
            says="no digest",
            breaks={
                FIRST: f"{_OPEN} && !r.matches({raw(patterns.TAGGED)})",
                THIRD: f"{_OPEN} && r.matches({raw(patterns.TAGGED)}) && !({moving})",
            },
        ),
        AdmissionRule(
            name="floating-tag",
            says="a tag that moves or none, and no digest",
            breaks={
                FIRST: f"{_OPEN} && r.matches({raw(patterns.TAGGED)}) && !(r in variables.builds)",
                THIRD: f"{_OPEN} && ({moving} || !r.matches({raw(patterns.TAGGED)}))",
            },
        ),
        AdmissionRule(
            name="tag-only",
            says="a fixed tag alone, and no digest",
            breaks={FIRST: f"{_OPEN} && r in variables.builds"},
        ),
        AdmissionRule(name="operator-pinned", says="an operator without a digest", breaks={OPERATOR: _OPEN}),
        AdmissionRule(
            name="channel-tag-with-digest",
            says="a tag that moves beside the digest",
            breaks={
                FIRST: f"r in variables.pinned && {moving}",
                THIRD: f"r in variables.pinned && {moving} && r.matches({raw(patterns.WITHOUT_DIGITS)})",
                OPERATOR: f"r in variables.pinned && {moving}",
            },
        ),
        AdmissionRule(
            name="tag-form",
            says="beside the digest a tag that is neither a commit nor a version",
            breaks={
                FIRST: f"r in variables.pinned && {_OTHER}",
                OPERATOR: f"r in variables.pinned && r in variables.known && {_OTHER}",
            },
        ),
        AdmissionRule(
            name="pull-policy",
            says="pulled Always beside a digest, or Never",
            breaks=dict.fromkeys(Party, ""),
            images=BADLY_PULLED,
        ),
    ]
    if policy.admission.registries:
        allowed = raw(repositories(policy.admission.registries))
        how = dict.fromkeys(Party, f"!r.matches({allowed})")
        found.append(AdmissionRule(name="allowed-registry", says="not from an allowed registry", breaks=how))
    return tuple(found)


def sets(configuration: Configuration, policy: Policy) -> Mapping[str, str]:
    """Return the expressions for the sets that rules ask about, each whether `r` is in it."""
    channels = {one.follow for one in configuration.environments.values()}
    channels |= {rule.channel for rule in configuration.images}
    moving = raw(patterns.moving({tag for tag in channels if tag is not None}))
    builds = _builds(configuration.images)
    partial = f"r.matches({raw(patterns.WITHOUT_DIGITS)}) || r.matches({raw(patterns.PARTIAL_VERSION)})"
    operators = policy.operators.images
    known = [rule.match for rule in configuration.images]
    return {
        "ours": _ours(configuration.images),
        "operators": f"r.matches({raw(repositories(operators))})" if operators else "false",
        "known": f"r.matches({raw(repositories(known))})" if known else "false",
        "pinned": f"r.matches({raw(patterns.DIGEST)})",
        "builds": f"!r.matches({moving}) &&\n({builds})",
        "moving": f"r.matches({moving}) ||\n!({builds}) &&\n({partial})",
    }


def _ours(images: Sequence[ImageRule]) -> str:
    """Return whether the first rule that matches moves the image; neighbours that agree are asked together."""
    groups: list[list[ImageRule]] = []
    for rule in images:
        if groups and groups[-1][0].move == rule.move:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    text = "false"
    for group in reversed(groups):
        matched = f"r.matches({raw(repositories(rule.match for rule in group))})"
        if group[0].move:
            text = matched if text == "false" else f"{matched} ||\n{text}"
        else:
            text = text if text == "false" else f"!{matched} &&\n({text})"
    return text


def _builds(images: Sequence[ImageRule]) -> str:
    """Return whether the tag is a build's: by its form, or as the first rule that matches says."""
    ways = [f"r.matches({raw(patterns.BUILD)})"]
    for position, rule in enumerate(images):
        if rule.revision_tag == "{revision}":
            continue
        before = [one.match for one in images[:position]]
        first = f"!r.matches({raw(repositories(before))}) && " if before else ""
        ways.append(f"{first}r.matches({raw(repositories([rule.match]))}) && r.matches({raw(patterns.revision(rule))})")
    return " ||\n".join(ways)
