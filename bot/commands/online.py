"""Asks registries about the digests that are pinned, for `bump check --online`: those that the configuration names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.commands.surroundings import Surroundings
from bot.errors import BumpError
from bot.planning.environment import Configuration
from bot.planning.presence import Inquiry, Outside, Presence, Unknown
from bot.policy import Broken, Use
from bot.policy.online import Answered, Pinned, hosts, inquiries
from bot.policy.registry import ONLINE
from bot.report.findings import escaped
from bot.report.result import DONE, NOT_ALL, UNREACHABLE, exit_code_of
from bot.report.text import counted

_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking: broken rules, how many images nothing is known of, and why, in lines for people.

    `failures` are about whom we could not ask, with the exit `code` for it, `notes` about whom we were not to ask.

    `ran` are the rules that were looked at everywhere: none where a registry could not be asked.
    """

    broken: tuple[Broken, ...] = ()
    ran: frozenset[str] = frozenset()
    unasked: int | None = None
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    code: int = DONE


NOBODY: Final = Asked()


def ask(pinned: Sequence[Use], whose: Configuration | None, surroundings: Surroundings, *, root: Path) -> Asked:
    """Ask about every distinct digest once, each at its own host, and check the rules over what was said.

    `whose` configuration says whom to ask and with which credential; None: nobody is asked.
    """
    # What asks registries takes a quarter of a second to import, which a check of files alone does not need.
    from bot.commands.resolving import examined

    questions = inquiries(pinned, hosts(whose))
    stopped: BumpError | None = None
    answers: Mapping[Inquiry, Presence] = {}
    try:
        if whose is not None:
            answers = examined(tuple(questions.values()), whose, surroundings, root=root)
    except BumpError as error:  # a variable that is empty, a file of certificates: what the files say is told anyway
        stopped = error
        answers = {one: Unknown(reason=str(error), outage=False) for one in questions.values()}
    answered = [Answered(use, _presence(use, questions, answers)) for use in pinned]
    unknown = [one for one in answered if isinstance(one.presence, Unknown)]
    outside = [one for one in answered if isinstance(one.presence, Outside)]
    return Asked(
        broken=tuple(_broken(answered)),
        ran=frozenset() if unknown else frozenset(rule.name for rule, _ in ONLINE),
        unasked=len(unknown) + len(outside),
        failures=tuple(escaped(line) for line in _failures(unknown)),
        notes=tuple(escaped(line) for line in _strangers(outside)),
        code=exit_code_of(stopped) if stopped else max((_code(one.presence) for one in unknown), default=DONE),
    )


def _presence(use: Use, questions: Mapping[Pinned, Inquiry], answers: Mapping[Inquiry, Presence]) -> Presence:
    repository, digest = use.pin.reference.repository, use.pin.reference.digest
    question = None if digest is None else questions.get((repository, digest))
    return Outside() if question is None else answers[question]


def _broken(answered: Iterable[Answered]) -> Iterator[Broken]:
    for one in answered:
        for rule, check in ONLINE:
            for remark in check(one):
                yield Broken(rule, one.use.environment, remark)


def _code(presence: Presence) -> int:
    return UNREACHABLE if isinstance(presence, Unknown) and presence.outage else NOT_ALL


def _failures(unknown: Iterable[Answered]) -> Iterator[str]:
    """Say for each host what kept it from being asked: the first reason, and how many references that concerns."""
    reasons: dict[str, list[str]] = {}
    for one in unknown:
        if isinstance(one.presence, Unknown):
            reasons.setdefault(one.use.pin.reference.repository.host, []).append(one.presence.reason)
    for host, found in sorted(reasons.items()):
        yield f"{counted(len(found), 'reference')} at {host} not checked: {found[0]}"


def _strangers(outside: Sequence[Answered]) -> Iterator[str]:
    hosts_ = sorted({one.use.pin.reference.repository.host for one in outside})
    if hosts_:
        more = f" and {counted(len(hosts_) - _NAMED, 'other host')}" if len(hosts_) > _NAMED else ""
        yield (
            f"{counted(len(outside), 'reference')} not checked: {', '.join(hosts_[:_NAMED])}{more} in neither images "
            "nor registries of the configuration; add what shall be asked to registries, as in quay.io: {}"
        )
