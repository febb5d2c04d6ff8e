"""YAML as plain values with their places, and every file that is refused before a key of it is looked at."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.document import FILE_LIMIT, Problem, read
from bot.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("# nothing\n", None, id="a comment"),
        pytest.param("a: 1\nb: [x, 'y', \"z\"]\n", {"a": 1, "b": ("x", "y", "z")}, id="mapping and list"),
        pytest.param("a: {b: {c: d}}", {"a": {"b": {"c": "d"}}}, id="flow mappings"),
        pytest.param("a: [true, False, TRUE]", {"a": (True, False, True)}, id="booleans"),
        pytest.param("a: [yes, no, on, off]", {"a": ("yes", "no", "on", "off")}, id="what YAML 1.1 took for booleans"),
        pytest.param("a: [null, ~, NULL, ]", {"a": (None, None, None)}, id="nulls"),
        pytest.param("a:\nb: ''", {"a": None, "b": ""}, id="nothing and empty text"),
        pytest.param("a: [1, -2, +3, 010, 0o10, 0xfF]", {"a": (1, -2, 3, 10, 8, 255)}, id="integers"),
        pytest.param("a: [1.5, 1e3, .5, 1.]", {"a": (1.5, 1000.0, 0.5, 1.0)}, id="floats"),
        pytest.param(
            "a: [1_000, 12:30, 2026-11-02, 1f3c9ab]", {"a": ("1_000", "12:30", "2026-11-02", "1f3c9ab")}, id="text"
        ),
        pytest.param("a: ['1', \"true\"]", {"a": ("1", "true")}, id="quoted is text"),
        pytest.param("{u: https://auth.corp, v: 1}", {"u": "https://auth.corp", "v": 1}, id="a URL in a flow mapping"),
        pytest.param("1: a\ntrue: b\n", {"1": "a", "true": "b"}, id="keys are text"),
        pytest.param("a: &x [1]\nb: *x\n", {"a": (1,), "b": (1,)}, id="alias"),
        pytest.param("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}, id="BOM and CRLF"),
        pytest.param("%YAML 1.2\n---\na: é\n...\n", {"a": "é"}, id="directive, markers, non-ASCII"),
        pytest.param("a: |\n  b\n  c\n", {"a": "b\nc\n"}, id="block scalar"),
    ],
)
def test_a_file_is_read_as_yaml_1_2_says(text: str, tree: object) -> None:
    document = read(text.encode(), path="x.yaml")
    assert repr(document.tree) == repr(tree)
    assert document.problems == ()


def test_every_key_and_item_remembers_its_place() -> None:
    document = read(b"a:\n  b: [1,\n      2]\nc: &x\n  d: 1\ne: *x\n", path="x.yaml")
    assert document.marks == {
        (): (1, 0),
        ("a",): (1, 0),
        ("a", "b"): (2, 2),
        ("a", "b", 0): (2, 6),
        ("a", "b", 1): (3, 6),
        ("c",): (4, 0),
        ("c", "d"): (5, 2),
        ("e",): (6, 0),
    }


@pytest.mark.parametrize(
    ("at", "line"),
    [
        pytest.param(("a", "b"), 2, id="a key"),
        pytest.param(("a", "missing"), 1, id="a key that is not there"),
        pytest.param(("e", "d"), 4, id="below an alias: where the alias stands"),
        pytest.param(("nowhere", 3, "x"), 1, id="nowhere"),
    ],
)
def test_what_does_not_stand_in_the_file_has_the_line_of_what_is_around_it(
    at: tuple[str | int, ...], line: int
) -> None:
    assert read(b"a:\n  b: 1\nc: &x {d: 1}\ne: *x\n", path="x.yaml").mark(at)[0] == line


def test_a_key_that_stands_twice_is_a_problem_and_reading_goes_on() -> None:
    document = read(b"a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", path="x.yaml")
    assert document.problems == (
        Problem(("b", "c"), "stands twice, first on line 3; keep one"),
        Problem(("a",), "stands twice, first on line 1; keep one"),
    )
    assert (document.mark(("b", "c"))[0], document.mark(("a",))[0]) == (4, 5)


def bomb(levels: int) -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for upper, lower in zip(string.ascii_lowercase[1:levels], string.ascii_lowercase, strict=False):
        lines.append(f"{upper}: &{upper} [{', '.join([f'*{lower}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"#" * (FILE_LIMIT + 1), "x.yaml: 1048577 bytes; the limit is 1048576", id="over a MiB"),
        pytest.param(b"a: 1\nb: \xff\n", "x.yaml:2: not UTF-8", id="not UTF-8"),
        pytest.param("a: é".encode("utf-16"), "x.yaml:1: not UTF-8", id="UTF-16"),
        pytest.param(b"a: 1\nb: \x07\n", "x.yaml:2: the character U\\+0007", id="control character"),
        pytest.param(b"a: \x00", "x.yaml:1: the character U\\+0000", id="NUL"),
        pytest.param(b"a: 1\nb: [1,\n", "x.yaml:3: not YAML", id="open bracket"),
        pytest.param(b"a: 1\n\tb: 2\n", "x.yaml:2: not YAML", id="tab"),
        pytest.param(b"a: 1\nb: 'x\n", "x.yaml:3: not YAML", id="open quote"),
        pytest.param(b"a: 1\n  b: 2\n", "x.yaml:2: not YAML: mapping values are not allowed here", id="indentation"),
        pytest.param(b"%YAML " + b"9" * 5000 + b".1\n--- a", "x.yaml: not YAML", id="a number too long to read"),
        pytest.param(b"%YAML 1.200\n---\na: 1\n", "x.yaml: not YAML: .*1, 200.*remove the %YAML line", id="YAML 1.200"),
        pytest.param(b"# x\n%YAML 1.3\n---\na: 1\n", "x.yaml: not YAML: .*1, 3", id="YAML 1.3"),
        pytest.param(b"%YAML 2.0\n---\na: 1\n", "x.yaml:1: not YAML: ", id="YAML 2.0"),
        pytest.param(b"a: 1\n---\nb: 2\n", "x.yaml:3: a second document", id="two documents"),
        pytest.param(b"a: 1\nb: *x\n", "x.yaml:2: \\*x stands for nothing", id="unknown alias"),
        pytest.param(b"a: &x\n  b: *x\n", "x.yaml:2: \\*x stands for nothing", id="an alias of what it is in"),
        pytest.param(b"a: 1\nb: !!python/name:os.system x\n", "x.yaml:2: the tag", id="a tag of Python's"),
        pytest.param(b"a: !!str 1\n", "x.yaml:1: the tag", id="a tag of YAML's"),
        pytest.param(b"a: ! 1\n", "x.yaml:1: the tag", id="the tag that says nothing"),
        pytest.param(b"a: &x {b: 1}\nc:\n  <<: *x\n", "x.yaml:3: merge keys are not read", id="merge key"),
        pytest.param(b"a: 1\n? [b]\n: 2\n", "x.yaml:2: a key is plain text", id="a list as key"),
        pytest.param(b"a: &x y\n*x : 2\n", "x.yaml:2: a key is plain text", id="an alias as key"),
        pytest.param(b"a: 1\n" + b"[" * 500, "x.yaml:2: ", id="500 levels"),
        pytest.param(b"[" * FILE_LIMIT, "x.yaml:1: nested deeper than 30 levels", id="a MiB of levels"),
        pytest.param(b"a:\n" + b"  - 1\n" * 20_000, "x.yaml:20000: more than 20000 values", id="too many values"),
        pytest.param(bomb(26).encode(), "x.yaml:5: more than 20000 values once the aliases", id="alias bomb"),
    ],
)
def test_what_is_not_yaml_or_not_safe_to_walk_is_refused_with_its_line(text: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message}") as caught:
        read(text, path="x.yaml")
    assert "\n" not in str(caught.value)


@given(st.binary() | st.text("ab:-[]{}&*!|>'\"%@#?,\\x \n\t", max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused_in_one_line(text: bytes) -> None:
    try:
        last, message = max(read(text, path="x.yaml").marks.values(), default=(1, 0))[0], "x.yaml"
    except ConfigError as error:
        last, message = 0, str(error)
    assert last <= text.count(b"\n") + 1
    assert message.startswith("x.yaml")
    assert len(message.splitlines()) == 1
