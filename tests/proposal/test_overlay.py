"""Our lines, replaced in a newer version of the file: what git would merge, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.proposal.overlay import overlaid

OLD = b"a: 1\nimage: old\nb: 2\n"
OURS = b"a: 1\nimage: new\nb: 2\n"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        pytest.param(OLD, OURS, id="base has not moved"),
        pytest.param(b"x: 0\na: 1\nimage: old\nb: 3\n", b"x: 0\na: 1\nimage: new\nb: 3\n", id="lines around it"),
        pytest.param(b"image: old\n", b"image: new\n", id="others taken out"),
        pytest.param(b"a: 1\nimage: other\nb: 2\n", None, id="our line"),
        pytest.param(b"a: 1\nb: 2\n", None, id="our line taken out"),
        pytest.param(b"a: 1\r\nimage: old\r\nb: 2\r\n", None, id="line ends"),
        pytest.param(OLD + b"#" * 200_000, None, id="too large"),
    ],
)
def test_our_lines_are_replaced_in_base_or_nothing_is_said(base: bytes, expected: bytes | None) -> None:
    assert overlaid(OLD, OURS, base) == expected


def test_several_lines_of_ours() -> None:
    old, ours = b"i: 1\nx\nj: 1\ny\n", b"i: 2\nx\nj: 2\nj: 3\ny\n"

    assert overlaid(old, ours, b"i: 1\nx\nnew\nj: 1\ny\n") == b"i: 2\nx\nnew\nj: 2\nj: 3\ny\n"


def test_where_we_only_added_a_line_nothing_is_said() -> None:
    assert overlaid(b"x\ny\n", b"x\nnew\ny\n", b"x\ny\nz\n") is None


lines = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"d\n"]), max_size=12).map(b"".join)


@given(lines, lines)
def test_on_the_base_that_it_was_made_on_it_is_what_we_made(old: bytes, ours: bytes) -> None:
    assert overlaid(old, ours, old) in {ours, None}


@given(lines, lines)
def test_without_an_edit_of_ours_it_is_base(old: bytes, base: bytes) -> None:
    assert overlaid(old, old, base) == base
