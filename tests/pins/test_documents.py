"""How a stream is divided: without a loss, between documents, with places that stay true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pins import discover, pieces
from bot.pins.documents import MOST_PIECE, without
from tests.builders import written
from tests.pins.test_everyone import EVERYONE

PART = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: ghcr.io/acme/api@<a>}]}\n"
PADDING = "# " + "x" * 997 + "\n"


def stream(parts: int) -> str:
    return "".join(f"---\n{PADDING * 40}{PART}" for _ in range(parts))


def test_pieces_are_whole_documents_and_together_all_of_it() -> None:
    content = written(stream(60)).encode()
    found = list(pieces(content))

    assert b"".join(part for _, part in found) == content
    assert len(found) > 2
    assert all(part.startswith(b"---\n") and len(part) <= MOST_PIECE for _, part in found)
    assert [before for before, _ in found] == [
        b"".join(part for _, part in found[:number]).count(b"\n") for number in range(len(found))
    ]


def test_places_in_a_piece_are_those_in_the_stream() -> None:
    content = written(stream(30)).encode()
    lines = content.decode().split("\n")
    found = [discover("-", part, EVERYONE, before=before) for before, part in pieces(content)]

    pins = [pin for one in found for pin in one.pins]
    assert len(pins) == 30
    assert all("image: ghcr.io" in lines[pin.line - 1] for pin in pins)
    places = [one.line for part in found for one in part.objects]
    assert [lines[line - 1] for line in places] == ["kind: Pod"] * 30


def test_what_is_wrong_is_told_at_its_line() -> None:
    content = written(stream(30) + "---\nimage: [ghcr.io/acme/api\n").encode()
    problems = [
        problem for before, part in pieces(content) for problem in discover("-", part, EVERYONE, before=before).problems
    ]

    assert [problem.line for problem in problems] == [len(content.split(b"\n"))]


@pytest.mark.parametrize(
    "text", [f"%YAML 1.1\n{stream(30)}", f"{PADDING * 1000}{PART}"], ids=["a directive", "one document"]
)
def test_what_cannot_be_divided_stays_one(text: str) -> None:
    assert len(list(pieces(text.encode()))) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "---\na: 1\n---\nhot: 2\n", "---     \n\n".replace("     \n\n", "    \n\n") + "---\nhot: 2\n", id="cold"
        ),
        pytest.param("a: 1\n---\nhot: 2\n", "a: 1\n---\nhot: 2\n", id="the first without a mark"),
        pytest.param("---\r\na: 1\r\n---\r\nhot: 2\r\n", None, id="other line ends"),
        pytest.param("%TAG ! x\n---\na: 1\n", "%TAG ! x\n---\na: 1\n", id="a directive"),
        pytest.param('---\na: "\x85"\n', '---\na: "\x85"\n', id="a break to some"),
        pytest.param("--- a\n---x\n", None, id="no mark"),
    ],
)
def test_documents_that_do_not_matter_are_blanked(text: str, shown: str | None) -> None:
    found = without(text, lambda part: "hot" in part)

    assert len(found) == len(text)
    assert found.count("\n") == text.count("\n")
    assert ("hot" in found) is ("hot" in text)
    if shown is not None:
        assert found == shown


@given(st.text(alphabet="-ab: \n\r%#|\x85", max_size=60))
def test_length_and_lines_stay(text: str) -> None:
    found = without(text, lambda part: "b" in part)

    assert (len(found), found.count("\n")) == (len(text), text.count("\n"))
