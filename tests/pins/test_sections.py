"""What is blanked before parsing: only sections that are plain and name nothing, and nothing else moves."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import UnreadableFile
from bot.pins.nodes import Budget, Mapping, Node, Scalar, Sequence, compose
from bot.pins.sections import compose_sections


def hot(text: str) -> bool:
    return "image" in text


@pytest.mark.parametrize(
    ("section", "left"),
    [
        pytest.param("a: 1\n", False, id="a value"),
        pytest.param("a:\n  b: 1 # why\n  # what\n\n  c: [x, y]\n  d: {e: f}\n", False, id="a mapping"),
        pytest.param("a:\n- b\n- c: d\n", False, id="a list at the edge"),
        pytest.param("a: \"x: y\" # z\nb: 'x'\n", False, id="quotes that end"),
        pytest.param("a: x:y\n", False, id="a colon in a word"),
        pytest.param("a:", False, id="no line end"),
        pytest.param("a:\n  image: x\n", True, id="it names one"),
        pytest.param("kind: x\n", True, id="a kind"),
        pytest.param('a: "x\n  y"\n', True, id="quotes over two lines"),
        pytest.param("a: {b: c,\n  d: e}\n", True, id="braces over two lines"),
        pytest.param("a: &x b\n", True, id="an anchor"),
        pytest.param("a: *x\n", True, id="an alias"),
        pytest.param("a: !t b\n", True, id="a tag"),
        pytest.param("a: |\n  b\n", True, id="a block"),
        pytest.param('a: "\\x69mage"\n', True, id="an escape"),
        pytest.param('"a": b\n', True, id="a quoted key"),
        pytest.param("? a\n: b\n", True, id="a long key"),
        pytest.param("- a\n", True, id="a list"),
        pytest.param("a: 1\na: 2\n", True, id="a key twice"),
        pytest.param("a: 1\r\n", True, id="another line end"),
        pytest.param("a:\tb\n", True, id="a tab"),
    ],
)
def test_a_section(section: str, left: bool) -> None:
    asked: list[str] = []

    def heard(said: str) -> bool:
        asked.append(said)
        return hot(said)

    compose_sections(section, hot=heard, budget=Budget(), opens=hot)
    # What is blanked is asked about once, as a whole; what the parser sees is asked about by its scalars.
    assert bool({"a", "kind"}.intersection(asked)) is left


SECTIONS = (
    *("{}: 1\n", "{}:\n  b: 1\n", "{}:\n- b\n- image: x\n", "{}:\n  image: y # z\n", "{}: 'image: {{'\n", '{}: "x"\n'),
    *("{}: {{a: b,\nimage: c}}\n", '{}: "a\nimage: d\n"\n', "{}: 'a\n\n  image'\n", "{}: |\n  image: e\n  f: g\n"),
    *(
        "{}: &a {{image: f}}\n",
        "{}: *a\n",
        "{}: >-\n  a\n\n",
        "{}: [a,\n image]\n",
        "# image\n",
        "\n",
        "---\n",
        "...\n",
    ),
    *(
        "{}: a\n b\n",
        "{}:\n - 'it''s'\n",
        "{}: a # 'b\n",
        '{}: "#"\n',
        "- image\n",
        "{}: a: b\n",
        "{}: %a\n",
        "{}:  x  \n",
    ),
    *(
        "{}: {{}}\n",
        "{}: []\n",
        "kind: {}\n",
        "{}:\n  k: |\n   image\n  l: 'x'\n",
        "{}: a'b\n",
        "{}: a{{b\n",
        "{}: -1\n",
    ),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.sampled_from(SECTIONS), max_size=6))
    keys = draw(st.lists(st.sampled_from("abcdef"), min_size=len(parts), max_size=len(parts)))
    return "".join(part.format(key) for part, key in zip(parts, keys, strict=True))


def scalars(nodes: list[Node]) -> Iterator[tuple[str, int, int]]:
    for node in nodes:
        match node:
            case Scalar() if hot(node.value):
                yield node.value, node.start_mark.index, node.start_mark.line
            case Mapping():
                yield from scalars(node.parts)
            case Sequence():
                yield from scalars(node.items)
            case _:
                pass


@settings(deadline=None)
@given(texts())
@example("a: 1\nb: {c: d,\nimage: e}\n")
@example('a: "x\nb: 1\nimage: y"\n')
def test_all_that_is_hot_stays_where_it_is(text: str) -> None:
    try:
        before = list(scalars(compose(text, hot=hot, budget=Budget(), opens=hot)))
    except UnreadableFile:
        return  # what is wrong need not be noticed
    assert list(scalars(compose_sections(text, hot=hot, budget=Budget(), opens=hot))) == before
