"""Which of two builds is newer, and what a channel that went back comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.image import Build, Digest
from bot.planning.decision import Failed, Held, Order, Plan, Update
from bot.planning.order import Relation, relation, together
from bot.planning.resolution import Resolved
from bot.planning.targets import Proposed
from tests.builders import Answers, digest, failed, plan_of, repository, resolved, snapshot, targets_of
from tests.builders import Proposed as Carry

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
API = repository("api")
ONE = snapshot({"dev/a.yaml": "image: ghcr.io/acme/api@<a>\n"})
PROPOSED: Carry = {(API, digest("a")): digest("c")}


def built(hours: float | None) -> Build:
    return Build(created=None if hours is None else NOON + timedelta(hours=hours))


def answer(hours: float | None, **olds: float | None) -> Resolved:
    """Digest b, built at `hours`, and what is known of the others."""
    others: Mapping[Digest, Build] = {digest(name): built(at) for name, at in olds.items()}
    return replace(resolved("b"), build=built(hours), olds=others)


def orders(wanted: Plan) -> Sequence[str]:
    found: list[str] = []
    for one in wanted.decisions:
        match one:
            case Update(order=order):
                found.append(order.value)
            case Held(code=code) | Failed(code=code):
                found.append(code)
            case _:
                found.append("up-to-date")
    return found


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (1, 0, Relation.AHEAD),
        (0, 1, Relation.BEHIND),
        (0, 0, Relation.UNKNOWN),
        (None, 0, Relation.UNKNOWN),
        (0, None, Relation.UNKNOWN),
        (None, None, Relation.UNKNOWN),
    ],
)
def test_the_later_build_is_ahead(new: float | None, old: float | None, expected: Relation) -> None:
    assert relation(built(new), built(old)) is expected
    assert relation(built(new), None) is Relation.UNKNOWN


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        ([], Relation.UNKNOWN),
        ([Relation.AHEAD], Relation.AHEAD),
        ([Relation.AHEAD, Relation.UNKNOWN], Relation.UNKNOWN),
        ([Relation.AHEAD, Relation.BEHIND], Relation.BEHIND),
        ([Relation.UNKNOWN, Relation.BEHIND], Relation.BEHIND),
    ],
)
def test_behind_one_is_behind_and_ahead_only_of_all(relations: list[Relation], expected: Relation) -> None:
    assert together(relations) is expected


@pytest.mark.parametrize(
    ("found", "proposed", "expected"),
    [
        pytest.param(answer(1, a=0), {}, ["ahead"], id="newer than base"),
        pytest.param(answer(-1, a=0), {}, ["backwards"], id="older than base"),
        pytest.param(answer(0, a=0), {}, ["unverifiable"], id="equal"),
        pytest.param(answer(1), {}, ["unverifiable"], id="the old one is gone"),
        pytest.param(answer(1, a=0, c=2), PROPOSED, ["backwards"], id="older than what is proposed"),
        pytest.param(answer(3, a=0, c=2), PROPOSED, ["ahead"], id="newer than both"),
        pytest.param(answer(3, a=0), PROPOSED, ["unverifiable"], id="what is proposed is gone"),
    ],
)
def test_an_image_goes_ahead_and_never_back(found: Resolved, proposed: Carry, expected: list[str]) -> None:
    assert orders(plan_of(ONE, {"api": found}, proposed=proposed)) == expected


def test_what_is_held_says_both_builds_and_keeps_what_is_proposed() -> None:
    wanted = plan_of(ONE, {"api": answer(1, a=0, c=2)}, proposed={(API, digest("a")): digest("c")})

    (held,) = wanted.decisions
    assert isinstance(held, Held)
    assert held.message.startswith(
        f"ghcr.io/acme/api:main: {digest('b')} was built on 2026-01-06 13:00 UTC, before {digest('c')}"
    )
    assert "--allow-backwards" in held.message
    assert [(one.repository, one.digest) for one in wanted.carried] == [(API, digest("c"))]


def test_going_back_can_be_allowed_and_is_said_to_be_forced() -> None:
    assert orders(plan_of(ONE, {"api": answer(-1, a=0)}, allow_backwards=True)) == ["forced"]
    assert orders(plan_of(ONE, {"api": answer(1, a=0)}, allow_backwards=True)) == ["ahead"]


def test_only_the_pins_that_would_go_back_are_held() -> None:
    state = snapshot({"dev/a.yaml": "x: ghcr.io/acme/api@<a>\ny: ghcr.io/acme/api@<c>\n"})
    wanted = plan_of(state, {"api": answer(1, a=0, c=2)})

    assert orders(wanted) == ["ahead", "backwards"]
    assert wanted.files == snapshot({"dev/a.yaml": "x: ghcr.io/acme/api@<b>\ny: ghcr.io/acme/api@<c>\n"}).contents


def test_a_first_pin_is_compared_with_what_is_proposed_for_it() -> None:
    state = snapshot({"dev/a.yaml": "x: ghcr.io/acme/api:main\n"})
    first: Carry = {(API, None): digest("c")}

    assert orders(plan_of(state, {"api": answer(1)})) == [Order.FIRST_PIN.value]
    assert orders(plan_of(state, {"api": answer(1, c=2)}, proposed=first)) == ["backwards"]


def test_the_question_names_what_is_proposed_where_base_still_has_the_old_digest() -> None:
    proposed: Proposed = {(API, digest("a")): (digest("c"), None), (API, digest("d")): (digest("e"), None)}
    (asked,) = targets_of(ONE, proposed=proposed)

    assert asked.lookup.proposed == {digest("c")}


def test_a_failed_look_up_holds_nothing() -> None:
    answers: Answers = {"api": failed()}
    assert orders(plan_of(ONE, answers)) == ["platform-missing"]
