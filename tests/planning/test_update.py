"""From answers to decisions, and from decisions to new bytes."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.image import Digest
from bot.planning.decision import Carried, Decision, Failed, Held, Order, Plan, Update, UpToDate
from bot.planning.environment import FirstPin
from bot.planning.resolution import Resolution, Resolved
from bot.planning.snapshot import Snapshot
from bot.planning.targets import targets
from bot.planning.update import decide, plan
from bot.proposal.record import Record
from tests.builders import (
    COMMIT,
    Answers,
    Proposed,
    configuration,
    current,
    digest,
    environment,
    failed,
    held,
    plan_of,
    proposal,
    repository,
    resolved,
    rule,
    snapshot,
    tag,
    targets_of,
    written,
)
from tests.pins.strategies import Written, files

API, WEB = repository("api"), repository("web")
ONE = snapshot({"dev/api.yaml": "image: ghcr.io/acme/api@<a> # ours\n"})
TWO = snapshot({"dev/api.yaml": "x: ghcr.io/acme/api@<a>\n", "dev/web.yaml": "x: ghcr.io/acme/web@<a>\n"})


def told(decision: Decision) -> str:
    """A decision in one line: what, which image, and where or why."""
    name = decision.repository.last if decision.repository else "-"
    match decision:
        case Update(changes=changes):
            return f"{name} moves: {' '.join(change.pin.place for change in changes)}"
        case UpToDate(pins=pins):
            return f"{name} stands: {' '.join(one.place for one in pins)}"
        case Held(code=code, pins=pins):
            return f"{name} held {code}: {' '.join(one.place for one in pins)}"
        case Failed(code=code, pins=pins):
            return f"{name} failed {code}: {' '.join(one.place for one in pins)}"


def decided(wanted: Plan) -> list[str]:
    return [told(decision) for decision in wanted.decisions]


def carried(wanted: Plan) -> list[tuple[str, Digest]]:
    return [(one.repository.last, one.digest) for one in wanted.carried]


def text(wanted: Plan, path: str) -> str:
    return wanted.files[path].decode()


def test_a_new_digest_moves_its_pins_and_nothing_else() -> None:
    wanted = plan_of(ONE, {"api": resolved("b")})

    assert decided(wanted) == ["api moves: dev/api.yaml:1:8"]
    assert wanted.files == {"dev/api.yaml": written("image: ghcr.io/acme/api@<b> # ours\n").encode()}
    assert (wanted.environment, wanted.commit, wanted.entire) == ("dev", COMMIT, True)


@pytest.mark.parametrize("answer", [current("a"), resolved("a")])
def test_the_same_digest_moves_nothing(answer: Resolution) -> None:
    wanted = plan_of(ONE, {"api": answer})

    assert decided(wanted) == ["api stands: dev/api.yaml:1:8"]
    assert not wanted.files
    assert wanted.entire


def test_an_image_that_failed_says_why_and_moves_nothing() -> None:
    wanted = plan_of(ONE, {"api": failed("platform-missing", "no linux/arm64")})

    assert decided(wanted) == ["api failed platform-missing: dev/api.yaml:1:8"]
    assert isinstance(wanted.decisions[0], Failed)
    assert (wanted.decisions[0].message, wanted.decisions[0].outage) == ("no linux/arm64", False)
    assert not wanted.files
    assert not wanted.entire


def test_an_outage_is_told_from_a_failure() -> None:
    (decision,) = plan_of(ONE, {"api": failed("unreachable", "timed out", outage=True)}).decisions

    assert isinstance(decision, Failed)
    assert decision.outage


def test_an_image_that_is_held_by_the_registry_is_no_failure() -> None:
    wanted = plan_of(ONE, {"api": held("mixed-revisions")})

    assert decided(wanted) == ["api held mixed-revisions: dev/api.yaml:1:8"]
    assert wanted.entire


def test_one_bad_image_does_not_stop_the_others() -> None:
    wanted = plan_of(TWO, {"api": failed(), "web": resolved("b")})

    assert decided(wanted) == ["api failed platform-missing: dev/api.yaml:1:4", "web moves: dev/web.yaml:1:4"]
    assert set(wanted.files) == {"dev/web.yaml"}


def test_pins_of_one_image_at_different_digests_are_brought_together() -> None:
    state = snapshot({"dev/x.yaml": "a: ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<b>\nc: ghcr.io/acme/api:x@<c>\n"})

    wanted = plan_of(state, {"api": resolved("b")})

    assert decided(wanted) == ["api moves: dev/x.yaml:1:4 dev/x.yaml:3:4", "api stands: dev/x.yaml:2:4"]
    assert text(wanted, "dev/x.yaml") == written(
        "a: ghcr.io/acme/api@<b>\nb: ghcr.io/acme/api@<b>\nc: ghcr.io/acme/api@<b>\n"
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("x: ghcr.io/acme/api@<a>\n", current("a", warnings=["w"]), id="up to date by one HEAD"),
        pytest.param("x: ghcr.io/acme/api@<a>\n", resolved("a", warnings=["w"]), id="up to date when fetched"),
        pytest.param("x: {repository: ghcr.io/acme/api, tag: main}\n", resolved("b", warnings=["w"]), id="held"),
        pytest.param("x: &x ghcr.io/acme/api@<a>\n", resolved("b", warnings=["w"]), id="refused"),
    ],
)
def test_a_warning_of_the_registry_goes_with_whatever_was_decided(text: str, answer: Resolution) -> None:
    (decision,) = plan_of(snapshot({"dev/x.yaml": text}), {"api": answer}).decisions

    assert not isinstance(decision, Update)
    assert decision.warnings == ("w",)


@pytest.mark.parametrize(
    ("source", "believed"),
    [
        pytest.param("https://github.com/acme/api", True, id="the same owner"),
        pytest.param("https://github.com/Acme/API", True, id="the same owner in capitals, as GitHub shows it"),
        pytest.param("https://github.com/mallory/api", False, id="another owner"),
        pytest.param("https://evil.example/acme/api", False, id="another host"),
    ],
)
def test_a_source_label_counts_only_where_the_rule_lets_it_point(source: str, *, believed: bool) -> None:
    (update,) = plan_of(ONE, {"api": resolved("b", source=source, revision="1f3c9ab")}).updates

    assert update.new.build.source == (source if believed else None)
    assert update.new.build.revision == "1f3c9ab"


@pytest.mark.parametrize("source", ["https://github.com/acme-corp/api", "https://github.com/Acme-Corp/API"])
@pytest.mark.parametrize("pattern", ["github.com/acme-corp/*", "github.com/Acme-Corp/a*"])
def test_the_rule_for_sources_is_read_without_regard_to_case(source: str, pattern: str) -> None:
    (update,) = plan_of(ONE, {"api": resolved("b", source=source)}, rule(source=pattern)).updates

    assert update.new.build.source == source


def test_the_order_of_builds_is_not_known_before_it_was_compared() -> None:
    (update,) = plan_of(ONE, {"api": resolved("b")}).updates

    assert update.order is Order.UNVERIFIABLE
    assert str(update.channel) == "main"


def test_the_first_digest_of_a_string_replaces_its_tag() -> None:
    state = snapshot({"dev/x.yaml": "a: ghcr.io/acme/api:main\nb: ghcr.io/acme/api:1.0.0\n"})

    wanted = plan_of(state, {"api": resolved("b")})

    assert [update.order for update in wanted.updates] == [Order.FIRST_PIN]
    assert text(wanted, "dev/x.yaml") == written("a: ghcr.io/acme/api@<b>\nb: ghcr.io/acme/api:1.0.0\n")


def test_a_first_pin_beside_an_old_one_is_an_update() -> None:
    state = snapshot({"dev/x.yaml": "a: ghcr.io/acme/api:main\nb: ghcr.io/acme/api@<a>\n"})

    assert [update.order for update in plan_of(state, {"api": resolved("b")}).updates] == [Order.UNVERIFIABLE]


def test_a_mapping_without_a_place_for_a_digest_waits_for_a_decision() -> None:
    state = snapshot({"dev/x.yaml": "a:\n  repository: ghcr.io/acme/api\n  tag: main\nb: ghcr.io/acme/api@<a>\n"})

    wanted = plan_of(state, {"api": resolved("b")})

    assert decided(wanted) == ["api moves: dev/x.yaml:4:4", "api held needs-digest-key: dev/x.yaml:3:8"]
    assert "dev/x.yaml:3:8: a.tag" in str(wanted.decisions[1])


def test_first_pin_can_be_a_suffix_of_the_tag() -> None:
    state = snapshot({"dev/x.yaml": "a: {repository: ghcr.io/acme/api, tag: main}\n"})

    wanted = plan_of(state, {"api": resolved("b")}, rule(first_pin=FirstPin.TAG_SUFFIX))

    assert [update.order for update in wanted.updates] == [Order.FIRST_PIN]
    assert text(wanted, "dev/x.yaml") == written("a: {repository: ghcr.io/acme/api, tag: main@<b>}\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "image:\n  repository: ghcr.io/acme/api\n  tag: main # channel\n  pullPolicy: Always\n",
            "image:\n  repository: ghcr.io/acme/api\n  tag: main # channel\n  digest: <b>\n  pullPolicy: Always\n",
        ),
        (
            "- tag: 'main'\r\n  repository: ghcr.io/acme/api",
            "- tag: 'main'\r\n  digest: <b>\r\n  repository: ghcr.io/acme/api",
        ),
        (
            "i: {repository: ghcr.io/acme/api, tag: main}\n",
            'i: {repository: ghcr.io/acme/api, tag: main, digest: "<b>"}\n',
        ),
        (
            "images:\n  - name: ghcr.io/acme/api\n    newTag: main",
            "images:\n  - name: ghcr.io/acme/api\n    newTag: main\n    digest: <b>",
        ),
        (
            "m: |\n  a:\n    - imageTag: main\n      imageRepository: ghcr.io/acme/api\n",
            "m: |\n  a:\n    - imageTag: main\n      imageDigest: <b>\n      imageRepository: ghcr.io/acme/api\n",
        ),
    ],
)
def test_first_pin_can_be_a_key_of_its_own(before: str, after: str) -> None:
    files = plan_of(snapshot({"dev/a.yaml": before}), {"api": resolved("b")}, rule(first_pin=FirstPin.DIGEST_KEY)).files

    assert files == {"dev/a.yaml": written(after).encode()}


@pytest.mark.parametrize("first_pin", list(FirstPin))
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("digest:\n", "digest: <b>\n"),
        ("digest: # later\n", "digest: <b> # later\n"),
        ("digest: ''\n", "digest: '<b>'\n"),
        ("digest: null\n", "digest: <b>\n"),
    ],
)
def test_an_empty_digest_is_filled_whatever_the_rule_says_of_adding_one(
    first_pin: FirstPin, before: str, after: str
) -> None:
    text = "repository: ghcr.io/acme/api\ntag: main\n"
    wanted = plan_of(snapshot({"dev/a.yaml": text + before}), {"api": resolved("b")}, rule(first_pin=first_pin))

    assert wanted.files == {"dev/a.yaml": written(text + after).encode()}
    assert wanted.updates[0].order is Order.FIRST_PIN


def test_a_first_pin_is_made_only_where_the_tag_is_the_channel() -> None:
    text = "repository: ghcr.io/acme/api\ntag: 1f3c9ab\ndigest: ''\n"

    assert not plan_of(snapshot({"dev/a.yaml": text}), {"api": resolved("b")}).decisions


def test_a_place_where_no_key_can_be_added_waits_for_a_decision_too() -> None:
    text = "p:\n  parameters:\n    - {name: i.repository, value: ghcr.io/acme/api}\n    - {name: i.tag, value: main}\n"
    wanted = plan_of(snapshot({"dev/a.yaml": text}), {"api": resolved("b")}, rule(first_pin=FirstPin.DIGEST_KEY))

    assert decided(wanted) == ["api held needs-digest-key: dev/a.yaml:4:28"]


# ---- the tag that would lie -----------------------------------------------------------------------------------------

LYING = "a: ghcr.io/acme/api:1f3c9ab@<a>\nb: {repository: ghcr.io/acme/api, tag: 1f3c9ab, digest: '<a>'}\n"
LYING += "c: {repository: ghcr.io/acme/api, tag: '1f3c9ab@<a>'}\n"
TAGGED = replace(resolved("b", revision="9bc17e0" + "0" * 33), revision_tag=tag("9bc17e0"))


def test_the_old_builds_tag_becomes_the_new_ones_that_the_registry_knows() -> None:
    wanted = plan_of(snapshot({"dev/a.yaml": LYING}), {"api": TAGGED})

    assert wanted.files["dev/a.yaml"] == written(LYING.replace("1f3c9ab", "9bc17e0").replace("<a>", "<b>")).encode()
    assert not [note for change in wanted.changes for note in change.notes]


def test_without_one_it_is_dropped_from_a_string_and_noted_in_a_mapping() -> None:
    wanted = plan_of(snapshot({"dev/a.yaml": LYING}), {"api": resolved("b")})

    expected = LYING.replace("api:1f3c9ab@", "api@").replace("<a>", "<b>")
    assert wanted.files["dev/a.yaml"] == written(expected).encode()
    assert [change.notes for change in wanted.changes] == [(), ("stale-tag",), ("stale-tag",)]


def test_only_pins_whose_tag_names_a_build_ask_for_one() -> None:
    asked = [targets_of(snapshot({"dev/a.yaml": text}))[0].lookup for text in (LYING, "a: ghcr.io/acme/api:main@<a>\n")]
    asked += [targets_of(snapshot({"dev/a.yaml": "a: ghcr.io/acme/api:1.2.3@<a>\n"}))[0].lookup]

    assert [one.revision_tag for one in asked] == ["{revision}", None, None]


def test_a_carried_digest_keeps_the_tag_that_the_open_branch_has_beside_it() -> None:
    state = snapshot({"dev/a.yaml": LYING})
    first = plan_of(state, {"api": TAGGED})
    asked = targets_of(state)
    record = proposal(first, state).record("7e" * 20)
    parsed = Record.parse("x\n\n" + "\n".join(record.trailers()))
    assert parsed is not None
    again = plan(
        state,
        environment="dev",
        targets=asked,
        problems=(),
        resolutions={asked[0].lookup: failed()},
        proposed={(bump.repository, bump.old): (bump.new, bump.tag) for bump in parsed.bumps},
    )

    assert again.files == first.files
    assert proposal(again, state) == proposal(first, state)


# ---- overlays -------------------------------------------------------------------------------------------------------


def test_a_digest_whose_repository_is_not_sure_has_to_be_in_it() -> None:
    (one,) = targets_of(snapshot({"dev/a.yaml": "image: ghcr.io/acme/api@<a>\n"}))
    doubtful = replace(one.pins[0], sure=False)
    (sure,), (unsure,) = (targets(configuration(), environment(), [pin]) for pin in (one.pins[0], doubtful))

    assert (sure.lookup.doubtful, unsure.lookup.doubtful) == (frozenset(), frozenset({digest("a")}))


def test_a_refused_pin_fails_alone_and_keeps_its_bytes() -> None:
    state = snapshot({"dev/x.yaml": "a: &a ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<a>\nc: *a\n"})

    wanted = plan_of(state, {"api": resolved("b")})

    assert decided(wanted) == [
        "api moves: dev/x.yaml:2:4",
        "api failed anchored: dev/x.yaml:1:4",
        "api failed anchored: dev/x.yaml:3:4",
    ]
    assert text(wanted, "dev/x.yaml") == written("a: &a ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<b>\nc: *a\n")
    assert not wanted.entire


def test_a_refused_pin_that_is_up_to_date_is_no_failure() -> None:
    state = snapshot({"dev/x.yaml": "a: &a ghcr.io/acme/api@<a>\n"})

    assert decided(plan_of(state, {"api": current("a")})) == ["api stands: dev/x.yaml:1:4"]


def test_thousands_of_places_that_cannot_be_moved_are_decided_in_no_time() -> None:
    count = 6000
    places = "- {repository: ghcr.io/acme/api, tag: main}\n- &a ghcr.io/acme/api:main\n" * (count // 2)
    (target,) = targets_of(snapshot({"dev/x.yaml": places}))
    start = time.process_time()

    decisions = decide(target, resolved("b"))

    assert len(decisions) == count
    assert time.process_time() - start < 1


def test_a_file_that_cannot_be_read_fails_and_the_others_go_on() -> None:
    state = snapshot(
        {"dev/bad.yaml": "x: 1\nimage: ghcr.io/acme/web: x\n", "dev/api.yaml": "x: ghcr.io/acme/api@<a>\n"}
    )

    wanted = plan_of(state, {"api": resolved("b")})

    assert decided(wanted) == ["- failed unreadable-file: ", "api moves: dev/api.yaml:1:4"]
    assert isinstance(wanted.decisions[0], Failed)
    assert wanted.decisions[0].message.startswith("dev/bad.yaml:2: ")
    assert not wanted.entire


def test_a_file_that_refuses_its_edits_fails_with_all_its_pins_and_the_others_go_on() -> None:
    seen = snapshot(
        {"dev/a.yaml": "x: ghcr.io/acme/api@<a>\ny: ghcr.io/acme/web@<a>\n", "dev/b.yaml": "x: ghcr.io/acme/api@<a>\n"}
    )
    state = snapshot({"dev/a.yaml": "# new\n", "dev/b.yaml": "x: ghcr.io/acme/api@<a>\n"})

    wanted = plan_of(state, {"api": resolved("b"), "web": resolved("b")}, seen=seen)

    assert decided(wanted) == [
        "api moves: dev/b.yaml:1:4",
        "api failed edit-refused: dev/a.yaml:1:4",
        "web failed edit-refused: dev/a.yaml:2:4",
    ]
    assert set(wanted.files) == {"dev/b.yaml"}
    assert [change.pin.path for change in wanted.changes] == ["dev/b.yaml"]
    assert not wanted.entire


# What the open branch proposes.

PROPOSED: Proposed = {
    (API, digest("a")): digest("b"),
    (WEB, digest("a")): digest("b"),
}


@pytest.mark.parametrize(
    ("answer", "entire"), [(failed(), False), (failed(outage=True), False), (held("mixed-revisions"), True)]
)
def test_what_this_run_could_not_resolve_is_carried_over(answer: Resolution, entire: bool) -> None:
    wanted = plan_of(TWO, {"api": answer, "web": resolved("c")}, proposed=PROPOSED)

    assert carried(wanted) == [("api", digest("b"))]
    assert text(wanted, "dev/api.yaml") == written("x: ghcr.io/acme/api@<b>\n")
    assert text(wanted, "dev/web.yaml") == written("x: ghcr.io/acme/web@<c>\n")
    assert wanted.entire is entire


def test_what_was_not_selected_is_carried_over() -> None:
    wanted = plan_of(TWO, {"web": resolved("c")}, selection=["web"], proposed=PROPOSED)

    assert decided(wanted) == ["web moves: dev/web.yaml:1:4"]
    assert carried(wanted) == [("api", digest("b"))]
    assert not wanted.entire


def test_what_is_up_to_date_is_not_carried_over() -> None:
    wanted = plan_of(TWO, {"api": current("a"), "web": current("a")}, proposed=PROPOSED)

    assert not wanted.carried
    assert not wanted.files
    assert wanted.entire


def test_a_newer_digest_takes_the_place_of_the_proposed_one() -> None:
    wanted = plan_of(ONE, {"api": resolved("c")}, proposed=PROPOSED)

    assert not wanted.carried
    assert text(wanted, "dev/api.yaml") == written("image: ghcr.io/acme/api@<c> # ours\n")


@pytest.mark.parametrize("base", ["<b>", "<c>"])
def test_nothing_is_carried_over_where_base_has_left_the_old_digest(base: str) -> None:
    wanted = plan_of(snapshot({"dev/x.yaml": f"x: ghcr.io/acme/api@{base}\n"}), {"api": failed()}, proposed=PROPOSED)

    assert not wanted.carried
    assert not wanted.files


def test_only_the_pins_with_the_old_digest_are_carried_over() -> None:
    state = snapshot({"dev/x.yaml": "a: ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<c>\nc: &c ghcr.io/acme/api@<a>\n"})

    wanted = plan_of(state, {"api": failed()}, proposed=PROPOSED)

    assert text(wanted, "dev/x.yaml") == written(
        "a: ghcr.io/acme/api@<b>\nb: ghcr.io/acme/api@<c>\nc: &c ghcr.io/acme/api@<a>\n"
    )


def test_first_pins_are_carried_over_too() -> None:
    state = snapshot({"dev/x.yaml": "a: ghcr.io/acme/api:main\nb: {repository: ghcr.io/acme/api, tag: main}\n"})

    wanted = plan_of(state, {"api": failed()}, proposed={(API, None): digest("b")})

    assert text(wanted, "dev/x.yaml") == written(
        "a: ghcr.io/acme/api@<b>\nb: {repository: ghcr.io/acme/api, tag: main}\n"
    )


def test_a_proposal_that_has_lost_its_place_closes_nothing() -> None:
    """The open branch put a key there, and since then the configuration says that a person has to."""
    state = snapshot({"dev/x.yaml": "b: {repository: ghcr.io/acme/api, tag: main}\n"})
    answers = {"api": resolved("b")}

    wanted = plan_of(state, answers, rule(first_pin=FirstPin.ASK), proposed={(API, None): digest("b")})

    assert decided(wanted) == ["api held needs-digest-key: dev/x.yaml:1:40"]
    assert (carried(wanted), dict(wanted.files), wanted.entire) == ([], {}, False)
    assert plan_of(state, answers, rule(first_pin=FirstPin.ASK)).entire


def test_different_proposals_for_one_image_are_carried_over_side_by_side() -> None:
    state = snapshot({"dev/x.yaml": "a: ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<c>\n"})
    proposed: Proposed = {(API, digest("a")): digest("b"), (API, digest("c")): digest("d")}

    wanted = plan_of(state, {"api": failed()}, proposed=proposed)

    assert set(carried(wanted)) == {("api", digest("b")), ("api", digest("d"))}
    assert text(wanted, "dev/x.yaml") == written("a: ghcr.io/acme/api@<b>\nb: ghcr.io/acme/api@<d>\n")


def test_what_cannot_be_carried_over_fails_and_keeps_the_pull_request_open() -> None:
    wanted = plan_of(snapshot({"dev/api.yaml": "# new\n"}), {"api": held()}, proposed=PROPOSED, seen=ONE)

    assert decided(wanted) == [
        "api held mixed-revisions: dev/api.yaml:1:8",
        "api failed edit-refused: dev/api.yaml:1:8",
    ]
    assert not wanted.carried
    assert not wanted.entire


def test_a_run_that_got_no_answer_is_not_entire() -> None:
    assert not plan_of(TWO, {"api": current("a")}).entire


@pytest.mark.parametrize("selection", [["*"], ["**"], ["api", "web"]], ids=str)
def test_a_run_with_a_selection_is_never_entire_not_even_one_of_everything(selection: list[str]) -> None:
    assert not plan_of(TWO, {"api": current("a"), "web": current("a")}, selection=selection).entire


def test_an_environment_without_images_is_entire() -> None:
    wanted = plan_of(snapshot({"dev/x.yaml": "x: redis:7\n"}), {})

    assert (wanted.decisions, wanted.files, wanted.entire) == ((), {}, True)


# Whatever the input.


def test_the_order_of_the_input_does_not_matter() -> None:
    state = {
        f"dev/{name}.yaml": f"a: ghcr.io/acme/{name}@<a>\nb: [ghcr.io/acme/api@<c>]\n"
        for name in ("api", "web", "x", "y")
    }
    answers: Answers = {"api": resolved("b"), "web": failed(), "x": current("a"), "y": resolved("d")}
    proposed: Proposed = {(WEB, digest("a")): digest("e"), (API, digest("c")): digest("f")}
    expected = plan_of(snapshot(state), answers, proposed=proposed)

    for seed in range(5):
        order = random.Random(seed)
        shuffled = {key: state[key] for key in order.sample(sorted(state), len(state))}
        again = {key: answers[key] for key in order.sample(sorted(answers), len(answers))}
        assert plan_of(snapshot(shuffled), again, proposed=dict(reversed(list(proposed.items())))) == expected


def test_changes_come_in_the_order_of_the_files() -> None:
    state = snapshot(
        {"dev/b.yaml": "a: ghcr.io/acme/api@<a>\n", "dev/a.yaml": "a: ghcr.io/acme/web@<a>\nb: ghcr.io/acme/api@<a>\n"}
    )

    changes = plan_of(state, {"api": resolved("b"), "web": resolved("b")}).changes

    assert [change.pin.place for change in changes] == ["dev/a.yaml:1:4", "dev/a.yaml:2:4", "dev/b.yaml:1:4"]


RULES = (
    rule("ghcr.io/**", first_pin=FirstPin.TAG_SUFFIX),
    rule("docker.io/acme/*", position=1),
    rule("localhost:5000/**", position=2, channel="1f3c9ab"),
)


def answered(state: Snapshot, answer: Resolved) -> Plan:
    asked = targets_of(state, *RULES)
    answers = {target.lookup: answer for target in asked}
    return plan(state, environment="dev", targets=asked, problems=(), resolutions=answers, proposed={})


@settings(deadline=None, max_examples=60)
@given(st.lists(files(), min_size=1, max_size=2))
def test_the_plan_of_an_applied_plan_is_empty(texts: list[Written]) -> None:
    state = snapshot({f"dev/{number}.yaml": one.text.encode() for number, one in enumerate(texts)})

    first = answered(state, resolved("b"))
    second = answered(snapshot({**state.contents, **first.files}), resolved("b"))

    assert not [one for one in first.decisions if isinstance(one, Failed)]
    assert not second.changes
    assert not second.files
    assert second.entire
    assert [told(one) for one in second.decisions if isinstance(one, Held)] == [
        told(one) for one in first.decisions if isinstance(one, Held)
    ]


@settings(deadline=None, max_examples=30)
@given(files(), st.randoms(use_true_random=False))
def test_the_order_of_pins_does_not_matter(file: Written, order: random.Random) -> None:
    state = snapshot({"dev/x.yaml": file.text.encode()})
    config = configuration(*RULES)
    asked = targets_of(state, *RULES)
    pins = [one for target in asked for one in target.pins]
    order.shuffle(pins)

    assert targets(config, environment(), pins) == asked


def test_carried_and_updates_are_all_the_changes() -> None:
    wanted = plan_of(TWO, {"api": failed(), "web": resolved("c")}, proposed=PROPOSED)
    groups: tuple[Update | Carried, ...] = (*wanted.updates, *wanted.carried)

    assert sorted(change.pin.place for group in groups for change in group.changes) == [
        change.pin.place for change in wanted.changes
    ]
