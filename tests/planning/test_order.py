"""Which of two builds is newer, and what a channel that went back comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.image import Build, Digest
from bot.planning.decision import Failed, Held, Order, Plan, Update
from bot.planning.order import (
    Ancestry,
    Comparable,
    Comparison,
    Comparisons,
    Relation,
    SourceChange,
    comparable,
    comparables,
    relation,
    together,
    why_behind,
)
from bot.planning.resolution import Resolved
from bot.planning.targets import Proposed
from tests.builders import (
    Answers,
    answered,
    current,
    digest,
    failed,
    plan_of,
    repository,
    resolved,
    rule,
    snapshot,
    targets_of,
)
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


def test_the_same_platform_is_compared_where_it_is_known() -> None:
    new = replace(answer(-1, a=0), beside={digest("a"): built(1).created})
    assert orders(plan_of(ONE, {"api": new})) == ["ahead"]
    back = replace(answer(2, a=1), beside={digest("a"): built(0).created})
    assert orders(plan_of(ONE, {"api": back})) == ["backwards"]
    assert "was built on 2026-01-06 12:00 UTC, before" in why_behind(back, [digest("a")], {})


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


HOME = "https://github.com/acme/api"
OLD, NEW, NEXT = "a" * 40, "b" * 40, "c" * 40


def of(revision: str | None, hours: float | None = 0, source: str | None = HOME) -> Build:
    return replace(built(hours), revision=revision, source=source)


def from_source(hours: float | None = 0, **olds: Build) -> Resolved:
    """Digest b, built from NEW, and what is known of the others."""
    return replace(resolved("b"), build=of(NEW, hours), olds={digest(name): build for name, build in olds.items()})


def told(old: str = OLD, ancestry: Ancestry = Ancestry.AHEAD, source: str = HOME) -> Comparisons:
    return {Comparable(source=source, old=old, new=NEW): Comparison(ancestry=ancestry)}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(of(NEW), of(OLD), Comparable(source=HOME, old=OLD, new=NEW), id="two commits"),
        pytest.param(
            of(NEW),
            of(OLD, source="https://github.com/Acme/API"),
            Comparable(source=HOME, old=OLD, new=NEW),
            id="in any case",
        ),
        pytest.param(of(NEW), of(NEW), None, id="one commit"),
        pytest.param(of(NEW), of(OLD, source="https://github.com/acme/web"), None, id="two repositories"),
        pytest.param(of(NEW), of(OLD, source="https://github.com/me/api"), None, id="a fork"),
        pytest.param(of(NEW), of(OLD, source=None), None, id="the old one names none"),
        pytest.param(of(NEW, source=None), of(OLD), None, id="the new one names none"),
        pytest.param(of(NEW), of(None), None, id="no old commit"),
        pytest.param(of(None), of(OLD), None, id="no new commit"),
        pytest.param(of(NEW), None, None, id="the old one could not be read"),
    ],
)
def test_what_can_be_asked_about_two_builds(new: Build, old: Build | None, expected: Comparable | None) -> None:
    assert comparable(new, old) == expected


@pytest.mark.parametrize(
    ("ancestry", "hours", "expected"),
    [
        (Ancestry.AHEAD, -1, Relation.AHEAD),
        (Ancestry.AHEAD, None, Relation.AHEAD),
        (Ancestry.BEHIND, 1, Relation.BEHIND),
        (Ancestry.DIVERGED, 1, Relation.BEHIND),
        (Ancestry.IDENTICAL, 1, Relation.AHEAD),
        (Ancestry.IDENTICAL, -1, Relation.BEHIND),
        (Ancestry.IDENTICAL, 0, Relation.UNKNOWN),
        (None, 1, Relation.AHEAD),
        (None, -1, Relation.BEHIND),
        (None, None, Relation.UNKNOWN),
    ],
)
def test_the_source_decides_and_where_it_does_not_the_time(
    ancestry: Ancestry | None, hours: float | None, expected: Relation
) -> None:
    assert relation(of(NEW, hours), of(OLD), told(ancestry=ancestry) if ancestry else {}) is expected


@pytest.mark.parametrize(
    ("comparisons", "proposed", "expected"),
    [
        pytest.param(told(), {}, ["ahead"], id="ahead of base"),
        pytest.param(told(ancestry=Ancestry.BEHIND), {}, ["backwards"], id="behind base"),
        pytest.param(told(ancestry=Ancestry.DIVERGED), {}, ["backwards"], id="diverged from base"),
        pytest.param(told(ancestry=Ancestry.IDENTICAL), {}, ["unverifiable"], id="identical, built at one time"),
        pytest.param({}, {}, ["unverifiable"], id="not compared, built at one time"),
        pytest.param({**told(), **told(NEXT)}, PROPOSED, ["ahead"], id="ahead of both"),
        pytest.param({**told(), **told(NEXT, Ancestry.BEHIND)}, PROPOSED, ["backwards"], id="behind what is proposed"),
        pytest.param(told(), PROPOSED, ["unverifiable"], id="what is proposed is gone from the source"),
    ],
)
def test_an_image_goes_ahead_at_its_source_and_never_back(
    comparisons: Comparisons, proposed: Carry, expected: list[str]
) -> None:
    found = from_source(a=of(OLD), c=of(NEXT))
    assert orders(plan_of(ONE, {"api": found}, proposed=proposed, comparisons=comparisons)) == expected
    forced = plan_of(ONE, {"api": found}, proposed=proposed, comparisons=comparisons, allow_backwards=True)
    assert orders(forced) == ["forced" if one == "backwards" else one for one in expected]


@pytest.mark.parametrize(
    ("ancestry", "words"), [(Ancestry.BEHIND, "is behind"), (Ancestry.DIVERGED, "has diverged from")]
)
def test_what_the_source_holds_back_is_said_in_its_words(ancestry: Ancestry, words: str) -> None:
    wanted = plan_of(ONE, {"api": from_source(None, a=of(OLD, None))}, comparisons=told(ancestry=ancestry))

    (held,) = wanted.decisions
    assert isinstance(held, Held)
    assert held.message == (
        f"ghcr.io/acme/api:main: {digest('b')} was built from bbbbbbbbbbbb, which {words} aaaaaaaaaaaa "
        f"of {digest('a')} in {HOME}; build the newest commit again, "
        "or give --allow-backwards with --image if going back is meant"
    )


@pytest.mark.parametrize(
    ("source", "pattern", "asked"),
    [
        pytest.param(HOME, None, True, id="the owner's own"),
        pytest.param("https://github.com/Acme/API", None, True, id="in any case"),
        pytest.param("https://github.com/other/api", None, False, id="another owner's"),
        pytest.param("https://github.com/other/api", "github.com/other/*", True, id="allowed by the rule"),
        pytest.param(HOME, "github.com/other/*", False, id="not by the rule"),
    ],
)
def test_a_source_is_asked_only_where_the_rule_lets_labels_point(
    source: str, pattern: str | None, *, asked: bool
) -> None:
    found = replace(from_source(a=of(OLD, source=source)), build=of(NEW, source=source))
    rules = (rule(source=pattern),)
    there = targets_of(ONE, *rules)

    questions = comparables(there, answered(there, {"api": found}), {})
    comparisons = told(ancestry=Ancestry.BEHIND, source=source.lower())

    assert questions == ((Comparable(source=source.lower(), old=OLD, new=NEW),) if asked else ())
    wanted = plan_of(ONE, {"api": found}, *rules, comparisons=comparisons)
    assert orders(wanted) == ["backwards" if asked else "unverifiable"]


def test_an_old_label_that_the_rule_does_not_allow_is_not_believed_either() -> None:
    found = from_source(a=of(OLD, source="https://github.com/other/api"))
    there = targets_of(ONE)

    assert comparables(there, answered(there, {"api": found}), {}) == ()
    (update,) = plan_of(ONE, {"api": found}).updates
    assert update.source_changes == ()


def test_what_is_asked_is_distinct_and_only_about_what_would_move() -> None:
    state = snapshot(
        {
            "dev/a.yaml": "x: ghcr.io/acme/api@<a>\ny: ghcr.io/acme/api@<a>\nz: ghcr.io/acme/api@<b>\n",
            "dev/b.yaml": "x: ghcr.io/acme/web@<a>\ny: &z ghcr.io/acme/api@<d>\nz: ghcr.io/acme/api@<c>\n",
            "dev/c.yaml": "x: ghcr.io/acme/cron@<a>\ny: ghcr.io/acme/jobs@<a>\n",
        }
    )
    found = from_source(a=of(OLD), c=of(NEXT), d=of("d" * 40), e=of("e" * 40))
    answers: Answers = {"api": found, "web": found, "cron": failed(), "jobs": current("a")}
    proposed: Proposed = {(API, digest("a")): (digest("e"), None), (API, digest("c")): (digest("b"), None)}
    there = targets_of(state, proposed=proposed)

    asked = comparables(there, answered(there, answers), proposed)

    assert [one.old for one in asked] == [OLD, "e" * 40, NEXT]
    assert {(one.source, one.new) for one in asked} == {(HOME, NEW)}


def test_an_image_that_was_not_asked_about_is_not_compared() -> None:
    there = targets_of(snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n- ghcr.io/acme/web@<a>\n"}), selection=["web"])
    assert comparables(there, answered(there, {"api": from_source(a=of(OLD)), "web": failed()}), {}) == ()


def test_what_a_move_means_at_the_source() -> None:
    state = snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api@<c>\n- ghcr.io/acme/api@<d>\n"})
    found = from_source(1, a=of(OLD), c=of(OLD), d=of(NEXT))
    comparisons = told()

    (update,) = plan_of(state, {"api": found}, comparisons=comparisons).updates

    first, second = update.source_changes
    assert first == SourceChange(
        repository=HOME,
        old=OLD,
        new=NEW,
        olds=(digest("a"), digest("c")),
        comparison=Comparison(ancestry=Ancestry.AHEAD),
    )
    assert (second.old, second.olds, second.comparison) == (NEXT, (digest("d"),), None)
    assert second.url == f"{HOME}/compare/{NEXT}...{NEW}"
    assert update.source_change is None


@pytest.mark.parametrize(
    ("text", "old", "one"),
    [
        pytest.param("- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api@<c>\n", OLD, True, id="all pins at one commit"),
        pytest.param("- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api@<e>\n", OLD, False, id="one is not known"),
        pytest.param("- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api:main\n", OLD, False, id="one is the first"),
        pytest.param("- ghcr.io/acme/api@<a>\n", NEW, True, id="the same commit, built again"),
    ],
)
def test_one_change_at_the_source_stands_for_an_image_where_it_holds_for_every_pin(
    text: str, old: str, *, one: bool
) -> None:
    found = from_source(1, a=of(old), c=of(old))
    (update,) = plan_of(snapshot({"dev/a.yaml": text}), {"api": found}, comparisons=told()).updates

    assert (update.source_change is not None) is one
    if update.source_change and old == NEW:
        assert update.source_change.url is None
