"""What a person turned down, told from the pull requests of the branch that are no longer open."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.proposal.observed import Past, declined
from bot.proposal.record import Record
from tests.builders import COMMIT, TREE

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def past(number: int, kind: str, minutes: int | None = None) -> Past:
    at = NOON + timedelta(minutes=number if minutes is None else minutes)
    record = Record(environment="dev", bumps=(), fingerprint=str(number), base=COMMIT, tree=TREE)
    return Past(
        number=number,
        closed_at=at,
        merged=kind == "merged",
        withdrawn=kind == "withdrawn",
        labels=frozenset({"bump:retry"} if kind == "retry" else {}),
        record=None if kind == "foreign" else record,
    )


@pytest.mark.parametrize(
    ("history", "number"),
    [
        ((), None),
        (("closed",), 0),
        (("withdrawn",), None),
        (("retry",), None),
        (("foreign",), None),
        (("merged",), None),
        (("closed", "merged"), None),
        (("merged", "closed"), 1),
        (("closed", "closed"), 1),
        (("closed", "withdrawn"), 0),
        (("withdrawn", "closed"), 1),
        (("closed", "retry"), None),
        (("closed", "merged", "closed", "merged"), None),
    ],
)
def test_the_newest_that_was_closed_after_the_last_merge_counts(history: tuple[str, ...], number: int | None) -> None:
    found = tuple(past(position, kind) for position, kind in enumerate(history))
    record = declined(found)

    assert (None if record is None else int(record.fingerprint)) == number
    assert declined(tuple(reversed(found))) == record


def test_of_two_closed_at_once_the_later_number_counts() -> None:
    record = declined((past(2, "closed", 0), past(1, "closed", 0)))

    assert record is not None
    assert record.fingerprint == "2"
