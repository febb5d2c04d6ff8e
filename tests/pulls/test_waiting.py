"""What a rate limit looks like, how long it asks to wait, and what is left of the time for that."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.errors import Outage
from bot.pulls.exchange import Answer
from bot.pulls.waiting import Allowance, asked, spell

NOW = datetime(2026, 8, 1, 10, 0, tzinfo=UTC)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY = "API rate limit exceeded for installation ID 1."
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}


def answer(status: int, message: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body={"message": message})


def graphql(kind: str, headers: Mapping[str, str] | None = None) -> Answer:
    body = {"data": None, "errors": [{"type": kind, "message": "API rate limit exceeded"}]}
    return Answer(status=200, headers=headers or {}, body=body)


@pytest.mark.parametrize(
    ("given", "earlier", "seconds"),
    [
        pytest.param(answer(403, SECONDARY, retry_after="37"), 0, 37, id="403 that names a time"),
        pytest.param(answer(429, SECONDARY, retry_after="37"), 3, 37, id="429 that names a time"),
        pytest.param(answer(403, SECONDARY), 0, 60, id="403 that names none"),
        pytest.param(answer(429), 0, 60, id="429 that names none"),
        pytest.param(answer(429), 2, 240, id="longer each time"),
        pytest.param(answer(429, retry_after="0"), 0, 1, id="at least a second"),
        pytest.param(answer(429, retry_after="Sat, 01 Aug 2026"), 0, 60, id="a time of no sense"),
        pytest.param(Answer(status=403, headers=SPENT, body={"message": PRIMARY}), 0, 91, id="the primary limit"),
        pytest.param(Answer(status=429, headers=SPENT, body=None), 0, 91, id="the primary limit without words"),
        pytest.param(
            Answer(status=403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, body=None),
            0,
            1,
            id="past",
        ),
        pytest.param(graphql("RATE_LIMITED", SPENT), 0, 91, id="GraphQL"),
        pytest.param(graphql("RATE_LIMIT"), 1, 120, id="GraphQL that names no time"),
        pytest.param(answer(403, "Resource not accessible by integration"), 0, None, id="another 403"),
        pytest.param(Answer(status=200, headers=SPENT, body={"data": {}}), 0, None, id="the last request that is free"),
        pytest.param(graphql("FORBIDDEN"), 0, None, id="another error of GraphQL"),
        pytest.param(answer(503, retry_after="5"), 0, None, id="an outage is no limit"),
    ],
)
def test_what_is_asked_for(given: Answer, earlier: int, seconds: float | None) -> None:
    assert asked(given, earlier=earlier, now=NOW) == seconds


def test_the_time_is_for_the_whole_run() -> None:
    slept: list[float] = []
    allowance = Allowance(100, sleep=slept.append, now=lambda: NOW)
    allowance.wait(37, "acme/gitops")
    allowance.wait(60, "acme/api")
    with pytest.raises(Outage) as caught:
        allowance.wait(4, "acme/gitops")
    assert slept == [37, 60]
    assert str(caught.value) == (
        "acme/gitops: GitHub's rate limit asks to wait 4 s, and --max-wait is 1 min 40 s, of which 3 s are left; "
        "run again after 2026-08-01 10:00:04 UTC, or give a longer --max-wait"
    )
    allowance.renewed(4).wait(4, "acme/gitops")
    assert slept == [37, 60, 4]


def test_nothing_is_waited_for_where_nothing_may_be() -> None:
    with pytest.raises(
        Outage, match=r"asks to wait 1 s, and --max-wait is 0 s; run again after 2026-08-01 10:00:01 UTC"
    ):
        Allowance(0, now=lambda: NOW).wait(1, "acme/gitops")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (36.2, "37 s"), (60, "1 min"), (253, "4 min 13 s"), (3600, "1 h"), (3720, "1 h 2 min")],
)
def test_how_a_duration_is_written(seconds: float, text: str) -> None:
    assert spell(seconds) == text
