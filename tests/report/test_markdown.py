"""Text from outside inside Markdown: shown, on one line, and doing nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.markdown import code, plain

SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\r\nc\x0bd\x0ce", "a b c d e"),
        ("a\u2028b\u2029c\x85d", "a b cd"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg", "abcdefg"),
        ("\ud800x\udfff", "x"),
        ("\ue000x\U0010ffff", "x"),
        ("  é ✓ 😀  ", "é ✓ 😀"),
        ("x" * 301, "x" * 299 + "…"),
        ("x" * 300, "x" * 300),
        ("", ""),
        ("\u200b" * 5000, ""),
    ],
)
def test_plain_text_is_one_line_of_what_can_be_seen(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("@acme/team #12 <b>", "`@acme/team #12 <b>`"),
        ("a `b` c", "``a `b` c``"),
        ("`b`", "`` `b` ``"),
        ("``", "``` `` ```"),
        ("a ``` b ` c", "````a ``` b ` c````"),
        ("", "` `"),
        ("\n\u200b", "` `"),
    ],
)
def test_a_code_span_is_fenced_by_more_than_is_in_it(text: str, span: str) -> None:
    assert code(text) == span


@given(st.text(alphabet=st.sampled_from("`` \n\\<>@#a\u200b\u202e"), max_size=60) | st.text(max_size=60))
def test_nothing_ends_a_code_span_but_its_fence(text: str) -> None:
    span = code(text)

    match = SPAN.fullmatch(span)
    assert match is not None
    assert match[2].strip() == plain(text)
    assert span.isprintable()


@pytest.mark.parametrize("text", ["x" * 10_000_000, "`" * 10_000_000, "\u202e" * 10_000_000, "\n" * 10_000_000])
def test_ten_megabytes_are_cut_in_no_time(text: str) -> None:
    assert len(plain(text)) <= 300
    assert len(code(text)) <= 3 * 300 + 4
