"""What a person keeps away: a digest whose pull request somebody closed is not proposed again by itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.image import Digest, Repository
from bot.planning.decision import Decision, Held, Update

DECLINED: Final = "declined"
# Kept away by a person's decision: nothing is wrong, and nobody has to do anything.
BY_A_PERSON: Final = frozenset({DECLINED})

Declined = Mapping[Repository, frozenset[Digest]]


def withheld(decisions: Iterable[Decision], declined: Declined) -> Iterator[Decision]:
    """Hold the updates to digests that were declined; newer ones pass."""
    for decision in decisions:
        if isinstance(decision, Update) and decision.new.digest in declined.get(decision.repository, frozenset()):
            yield Held(
                repository=decision.repository,
                code=DECLINED,
                message=(
                    f"{decision.repository}:{decision.channel}: {decision.new.digest} was declined: its pull request "
                    "was closed; reopen that, give it the label bump:retry, or run with --again"
                ),
                pins=tuple(change.pin for change in decision.changes),
                warnings=decision.new.warnings,
            )
        else:
            yield decision
