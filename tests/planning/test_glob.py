"""The one pattern language: a table, and the properties against a matcher that is slow and plain."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.planning.glob import Glob


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a/b.yaml", "a/b.yaml", True),
        ("a/b.yaml", "a/bxyaml", False),
        ("a/b", "A/b", False),
        ("a/b", "x/a/b", False),
        ("a/b", "a/b/c", False),
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", False),
        ("a/*", "a", False),
        ("a/*.yaml", "a/.yaml", True),
        ("a/*-*-x", "a/b-c-d-x", True),
        ("a/?", "a/b", True),
        ("a/?", "a/bb", False),
        ("a/?", "a//", False),
        ("a?b", "a/b", False),
        ("**", "a", True),
        ("**", "a/b/c", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", True),
        ("a/**", "ab/c", False),
        ("**/b", "b", True),
        ("**/b", "a/x/b", True),
        ("**/b", "ab", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "axb", False),
        ("a/**/**/b", "a/b", True),
        ("**/x/**/y", "x/x/y/y", True),
        ("a.b/c+d$", "a.b/c+d$", True),
        ("a.b", "axb", False),
        ("a/*", "a/é\n", True),
        ("ghcr.io/acme/*", "ghcr.io/acme/api", True),
        ("ghcr.io/acme/*", "ghcr.io/acme/mirror/api", False),
        ("ghcr.io/acme/**", "ghcr.io/acme/mirror/api", True),
        ("ghcr.io/acme/*", "ghcr.io.evil.example/acme/api", False),
    ],
)
def test_a_pattern_fits_the_whole_text_or_not(pattern: str, text: str, fits: bool) -> None:
    assert Glob.parse(pattern).matches(text) is fits


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "1 to 500 characters"),
        ("a" * 501, "1 to 500 characters"),
        ("/a", "from the root"),
        ("a/", "empty segments"),
        ("a//b", "empty segments"),
        ("a/[bc]", "only \\*, \\*\\* and \\?"),
        ("a/{b,c}", "only \\*, \\*\\* and \\?"),
        ("!a", "only \\*, \\*\\* and \\?"),
        ("a\\*", "only \\*, \\*\\* and \\?"),
        ("a/**b", "alone between slashes"),
        ("a/***", "alone between slashes"),
        ("../a", "cannot leave"),
        ("a/./b", "cannot leave"),
        ("a/..", "cannot leave"),
    ],
)
def test_what_other_tools_read_otherwise_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Glob.parse(pattern)


@pytest.mark.parametrize(
    ("pattern", "segments"),
    [("a/b/*", ("a", "b")), ("**", ()), ("a/b?/c", ("a",)), ("a/b", ("a", "b")), ("a/**/b", ("a",))],
)
def test_the_literal_segments_are_those_before_the_first_wildcard(pattern: str, segments: tuple[str, ...]) -> None:
    assert Glob.parse(pattern).literal_segments == segments


def test_globs_are_equal_by_their_text() -> None:
    assert Glob.parse("a/**") == Glob.parse("a/**")
    assert len({Glob.parse("a/**"), Glob.parse("a/**"), Glob.parse("a/*")}) == 2


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param("**/a/" * 60 + "b", "/".join("a" * 1000), id="many segments"),
        pytest.param("*a" * 200 + "b", "a" * 4000, id="one long segment"),
        pytest.param("/".join(["*a*a*a*b"] * 20), "/".join(["a" * 200] * 20), id="both"),
    ],
)
def test_no_pattern_takes_long(pattern: str, text: str) -> None:
    started = time.perf_counter()
    assert not Glob.parse(pattern).matches(text)
    assert time.perf_counter() - started < 1


def segment_fits(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return segment_fits(pattern[1:], text) or (bool(text) and segment_fits(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and segment_fits(pattern[1:], text[1:])


def fits(pattern: list[str], text: list[str]) -> bool:
    """Match segment by segment, as the words of the documentation say it."""
    if not pattern:
        return not text
    if pattern[0] == "**":
        return fits(pattern[1:], text) or (bool(text) and fits(pattern, text[1:]))
    return bool(text) and segment_fits(pattern[0], text[0]) and fits(pattern[1:], text[1:])


pieces = st.just("**") | st.text("ab?*.", min_size=1, max_size=5).filter(
    lambda text: "**" not in text and text not in {".", ".."}
)
patterns = st.lists(pieces, min_size=1, max_size=5)
texts = st.lists(st.text("ab.\n", min_size=1, max_size=4), min_size=1, max_size=5)


@given(patterns, texts)
def test_it_matches_as_the_plain_matcher_does(pattern: list[str], text: list[str]) -> None:
    assert Glob.parse("/".join(pattern)).matches("/".join(text)) == fits(pattern, text)


@given(texts.filter(lambda text: not {".", ".."} & set(text)))
def test_a_text_without_wildcards_matches_itself(text: list[str]) -> None:
    assert Glob.parse("/".join(text)).matches("/".join(text))


@given(patterns, texts)
def test_what_matches_begins_with_the_literal_segments(pattern: list[str], text: list[str]) -> None:
    glob = Glob.parse("/".join(pattern))
    if glob.matches("/".join(text)):
        assert tuple(text[: len(glob.literal_segments)]) == glob.literal_segments


@given(st.text(max_size=30) | st.text("a/*?.[", max_size=10))
def test_any_text_is_a_pattern_that_prints_as_it_was_or_refused(text: str) -> None:
    with suppress(ConfigError):
        assert str(Glob.parse(text)) == text
