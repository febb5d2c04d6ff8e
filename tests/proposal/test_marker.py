"""Our section of a body: put in, found again, replaced, and a person's words around it kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.planning.environment import PullRequestSettings
from bot.proposal.marker import (
    Kept,
    Words,
    check_owner,
    is_unfinished,
    is_withdrawn,
    merged,
    section,
    taken,
    unfinished,
    withdrawn,
)
from bot.proposal.observed import PullRequest

CONFIG = "config/environments.yaml"
BEGIN = "<!-- bump:v1 begin config=config/environments.yaml -->"
END = "<!-- bump:v1 end -->"
OLD, NEW = section("old", config=CONFIG), section("new", config=CONFIG)


def test_a_section_is_bounded_and_names_its_configuration() -> None:
    assert section("\n text \n\n", config=CONFIG) == f"{BEGIN}\ntext\n{END}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", NEW),
        (" \r\n", NEW),
        (OLD, NEW),
        (NEW, NEW),
        (f"before\n{OLD}\nafter", f"before\n{NEW}\nafter"),
        (f"before\n\n{OLD}", f"before\n\n{NEW}"),
        (f"  {OLD}\n\n\n", f"  {NEW}\n\n\n"),
        ("a person's words", f"{NEW}\n\na person's words"),
        (f"before\r\n{OLD}\r\nafter\r\n".replace("\n", "\r\n").replace("\r\r", "\r"), f"before\n{NEW}\nafter\n"),
        (f"old\n{END}\nafter", f"{NEW}\n\nold\n{END}\nafter"),
        (f"{BEGIN}\nold, and no end", f"{NEW}\n\nold, and no end"),
        (f"{END}\n{BEGIN}\nold", f"{NEW}\n\n{END}\n\nold"),
        (f"{OLD}\nbetween\n{OLD}", f"{NEW}\nbetween\n{OLD}"),
        (f"{OLD}\n{END}", f"{NEW}\n{END}"),
        ("<!-- bump:v1 blocked -->", f"{NEW}\n\n<!-- bump:v1 blocked -->"),
    ],
)
def test_our_section_is_replaced_and_the_words_around_it_stay(body: str, expected: str) -> None:
    assert merged(body, NEW) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", False),
        (OLD, False),
        (unfinished(OLD), True),
        (f"before\r\n{unfinished(OLD)}\r\nafter".replace("\n", "\r\n"), True),
        (merged(unfinished(OLD), NEW), False),
        (f"{OLD}\na person's <!-- bump:v1 unfinished -->", False),
        ("<!-- bump:v1 unfinished -->", False),
        (section("hostile <!-- bump:v1 unfinished -->", config=CONFIG), False),
    ],
)
def test_that_somebody_has_yet_to_be_asked_is_read_in_our_section_alone(body: str, expected: bool) -> None:
    assert is_unfinished(body) is expected


pieces = st.lists(
    st.sampled_from([BEGIN, END, OLD, "\n", "\r\n", " ", "words", "<!-- bump:v1 begin config=x -->", "<!--", "`"])
).map("".join)


@given(pieces, pieces)
def test_merging_twice_is_merging_once(body: str, text: str) -> None:
    ours = section(text, config=CONFIG)
    once = merged(body, ours)

    assert merged(once, ours) == once
    assert ours in once


@given(pieces, pieces)
def test_a_section_goes_as_it_came_whatever_it_says(text: str, other: str) -> None:
    body = f"before\n{section(text, config=CONFIG)}\nafter"

    assert merged(body, section(other, config=CONFIG)) == f"before\n{section(other, config=CONFIG)}\nafter"


def test_a_section_says_what_it_was_given_unless_that_is_a_marker() -> None:
    assert section("`<!-- a comment -->`", config=CONFIG) == f"{BEGIN}\n`<!-- a comment -->`\n{END}"


@given(pieces, pieces)
def test_what_others_take_of_a_body_is_known_to_the_character(body: str, text: str) -> None:
    text = text.strip()

    ours = section(text, config=CONFIG)
    ours_at_most = Kept(undrafted=True).within(ours)
    assert len(merged(body, ours_at_most)) + len("<!-- bump:v1 withdrawn -->\n") == taken(body, config=CONFIG) + len(
        text
    )


DETAIL = "- **api** a → b\n- **web** a → b\n\n<details><summary>api</summary>\n" + "x\n" * 1000 + "</details>"


@pytest.mark.parametrize(
    ("ours", "free", "kept"),
    [
        pytest.param("text", 27, "text\n<!--", id="there is just room"),
        pytest.param(DETAIL, 0, "- **web** a → b\n\n<!--", id="without detail"),
        pytest.param("- **api** a → b\n- **web** a → b\n- **jobs** a → b", 0, "- **api** a → b\n<!--", id="lines"),
        pytest.param(None, 0, "www\n<!--", id="without a section"),
    ],
)
def test_a_body_that_is_full_can_be_closed(ours: str | None, free: int, kept: str) -> None:
    end = "" if ours is None else section(ours, config=CONFIG)
    words = "w" * (65_536 - free - len(end))
    closed = withdrawn(words + end)

    assert is_withdrawn(closed)
    assert len(closed) <= 65_536
    assert kept in closed
    assert closed.startswith(words if end else words[:65_000])
    assert "<details" not in closed


def test_the_mark_stands_in_our_section_so_that_it_goes_with_it() -> None:
    body = f"{OLD}\n{END}"

    assert not is_withdrawn(merged(withdrawn(body), NEW))


@pytest.mark.parametrize("config", [CONFIG, "a b/é.yaml", "-->.yaml", "x config=y.yaml"])
def test_the_owner_is_read_back(config: str) -> None:
    body = f"before\n{section('text', config=config)}"

    check_owner(body, config=config, subject="acme/gitops#12")
    with pytest.raises(ConfigError, match=r"^acme/gitops#12: belongs to the configuration .*branch_prefix"):
        check_owner(body, config="other.yaml", subject="acme/gitops#12")


@pytest.mark.parametrize("body", ["", "a person's words", END, "<!-- bump:v1 begin -->"])
def test_a_body_without_a_marker_belongs_to_whoever_comes(body: str) -> None:
    check_owner(body, config=CONFIG, subject="acme/gitops#12")


WORDS = Words(title="bump(dev): api 1 → 2", section=NEW)


@pytest.mark.parametrize(
    ("title", "body", "there"),
    [
        (WORDS.title, NEW, True),
        (WORDS.title, f"before\r\n{NEW}\r\nafter".replace("\n", "\r\n").replace("\r\r", "\r"), True),
        ("A person's title", NEW, True),
        ("bump(dev): 12 images", NEW, False),
        ("bump(staging): 12 images", NEW, True),
        (WORDS.title, OLD, False),
        (WORDS.title, "", False),
    ],
)
def test_a_pull_request_says_it_already_or_not(title: str, body: str, there: bool) -> None:
    assert WORDS.stand_in(opened(title, body)) is there


def opened(title: str, body: str, **facts: object) -> PullRequest:
    return replace(PullRequest(number=12, url="", title=title, body=body), **facts)  # type: ignore[arg-type]


# ---- what the marker keeps ------------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50)


@given(st.lists(names, max_size=5).map(tuple), st.booleans(), pieces)
def test_what_is_kept_is_read_back_and_goes_with_the_section(
    labels: tuple[str, ...], undrafted: bool, text: str
) -> None:
    kept = Kept(labels=labels, undrafted=undrafted)
    body = f"before\n{kept.within(section(text, config=CONFIG))}\nafter"

    assert Kept.read(body) == kept
    assert merged(body, NEW) == f"before\n{NEW}\nafter"
    assert Kept.read(merged(body, NEW)) == Kept()
    check_owner(body, config=CONFIG, subject="acme/gitops#12")
    begin = body.splitlines()[1]
    assert begin.startswith("<!-- ")
    assert begin.count("--") == 2 + sum(label.count("--") for label in labels)


@given(pieces, st.lists(names, max_size=5, unique=True).map(tuple), st.booleans())
def test_room_is_left_for_all_that_may_be_kept(body: str, labels: tuple[str, ...], draft: bool) -> None:
    words = Words(
        title="t", section=section("", config=CONFIG), settings=PullRequestSettings(labels=labels, draft=draft)
    )

    most = taken(body, config=CONFIG, labels=labels)
    assert len(words.merged(opened("t", body))) <= most
    assert len(words.opened(undrafted=True, finished=True)) <= most


@pytest.mark.parametrize(
    ("there", "recorded", "configured", "ours", "outdated"),
    [
        pytest.param("", "", "ab", "ab", "", id="new"),
        pytest.param("ab", "ab", "ab", "ab", "", id="nothing to do"),
        pytest.param("ab", "ab", "b", "b", "a", id="one less"),
        pytest.param("ab", "ab", "", "", "ab", id="none left"),
        pytest.param("ab", "a", "ab", "a", "", id="a person was first"),
        pytest.param("ab", "a", "", "", "a", id="a person's stays"),
        pytest.param("b", "ab", "b", "b", "", id="a person took it off"),
        pytest.param("b", "ab", "ab", "ab", "", id="put on again"),
        pytest.param("AB", "ab", "a", "a", "B", id="as github spells it"),
    ],
)
def test_whose_labels_are_whose(there: str, recorded: str, configured: str, ours: str, outdated: str) -> None:
    words = Words(title="t", section=NEW, settings=PullRequestSettings(labels=tuple(configured)))
    pull_request = opened("t", Kept(labels=tuple(recorded)).within(OLD), labels=frozenset(there))

    assert Kept.read(words.merged(pull_request)).labels == tuple(ours)
    assert words.outdated(pull_request) == tuple(outdated)


def test_a_lost_marker_makes_every_label_a_persons() -> None:
    words = Words(title="t", section=NEW)

    assert words.outdated(opened("t", "a person's words", labels=frozenset({"image-bump"}))) == ()
