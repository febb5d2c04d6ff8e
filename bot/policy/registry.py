"""The table of all rules: which function checks what, and how loud each is by default.

A new rule is a function with its docstring, and a line here; its page in docs/rules/ is written by
`python -m tests.policy.test_pages`.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from bot.policy import amendments, documents, fleet, ignored, manifests, online, ownership, references, shapes, waivers
from bot.policy.amendments import Amended
from bot.policy.finding import Level, Remark
from bot.policy.online import Answered
from bot.policy.ownership import Objects
from bot.policy.rule import Defaults, Rule
from bot.policy.sheet import Sheet, Use
from bot.policy.waivers import Judged

E, W, I = Level.ERROR, Level.WARNING, Level.IGNORE  # noqa: E741 - columns of the table below

OverUse = Callable[[Use], Iterable[Remark]]
OverSheet = Callable[[Sheet], Iterable[Remark]]
OverEnvironment = Callable[[tuple[Use, ...]], Iterable[Remark]]
OverObjects = Callable[[Objects], Iterable[Remark]]
OverAnswer = Callable[[Answered], Iterable[Remark]]
OverWaiver = Callable[[Judged], Iterable[Remark]]
OverAmended = Callable[[Amended], Iterable[Remark]]


def _always(level: Level) -> Defaults:
    return Defaults(first=(level, level), third=(level, level))


# One image at a time: function, first-party level on the fast lane and behind a gate, the same for third-party images.
USES: Final[tuple[tuple[Rule, OverUse], ...]] = tuple(
    (Rule.of(function, Defaults(first=first, third=third)), function)
    for function, first, third in (
        (references.unpinned, (E, E), (I, E)),
        (references.floating_tag, (E, E), (W, E)),
        (references.tag_only, (W, E), (I, I)),
        (references.channel_tag_with_digest, (W, E), (I, W)),
        (references.tag_form, (W, E), (I, I)),
        (references.channel_bleed, (E, E), (I, I)),
        (shapes.image_shape, (W, E), (I, I)),
        (shapes.operator_pinned, (E, E), (E, E)),
    )
)
SHEETS: Final[tuple[tuple[Rule, OverSheet], ...]] = tuple(
    (Rule.of(function, defaults), function)
    for function, defaults in (
        (references.invalid_reference, _always(E)),
        (shapes.digest_in_label, _always(E)),
        (shapes.repository_without_digest, _always(E)),
        (shapes.orphan_digest, _always(W)),
        (shapes.unreadable_file, _always(E)),
        (manifests.pull_policy, Defaults(first=(W, E), third=(I, W))),
        (manifests.crd_pull_policy, _always(E)),
        (documents.docs_reference, _always(E)),
        (fleet.fleet_contract, _always(E)),
        (ignored.ignore_differences, _always(E)),
        (ignored.ignore_differences_unread, _always(W)),
    )
)
ENVIRONMENTS: Final[tuple[tuple[Rule, OverEnvironment], ...]] = (
    (Rule.of(shapes.digest_drift, Defaults(first=(W, E), third=(I, I))), shapes.digest_drift),
)
OBJECTS: Final[tuple[tuple[Rule, OverObjects], ...]] = tuple(
    (Rule.of(function, _always(E)), function) for function in (ownership.pull_policy_propagated, ownership.pull_secret)
)
ENVIRONMENT_RULES: Final = frozenset(rule.name for rule, _ in (*ENVIRONMENTS, *OBJECTS))
# What a registry says of one image; asked for with `--online` alone.
ONLINE: Final[tuple[tuple[Rule, OverAnswer], ...]] = tuple(
    (Rule.of(function, Defaults(first=first, third=third)), function)
    for function, first, third in (
        (online.digest_missing, (E, E), (W, E)),
        (online.platform_missing, (E, E), (W, E)),
        (online.not_an_index, (E, E), (W, E)),
        (online.not_checked, (W, W), (I, I)),
    )
)
WAIVERS: Final[tuple[tuple[Rule, OverWaiver], ...]] = tuple(
    (Rule.of(function, _always(level), waivable=False), function)
    for function, level in (
        (waivers.waiver_expired, E),
        (waivers.waiver_expiring, W),
        (waivers.waiver_unused, W),
        (waivers.waiver_too_long, E),
    )
)
# What a change does to the policy: looked at where there is a base to compare with.
AMENDMENTS: Final[tuple[tuple[Rule, OverAmended], ...]] = (
    (Rule.of(amendments.policy_changed, _always(W), waivable=False), amendments.policy_changed),
)

_EVERY: Final = (*USES, *SHEETS, *ENVIRONMENTS, *OBJECTS, *ONLINE, *WAIVERS, *AMENDMENTS)
RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.name: rule for rule, _ in sorted(_EVERY, key=lambda pair: pair[0].name)}
)
