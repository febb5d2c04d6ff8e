"""Splicing: every byte outside the tokens stays, or nothing is written at all."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.errors import EditRefused, UnreadableFile
from bot.pins import Edit, Token, rewrite, splice
from tests.builders import digest, pin, pins_of, tag, written

FILE = written("a: ghcr.io/acme/api@<a>\nb: 'two'\n")


def edit(old: str, new: str, *, text: str = FILE) -> Edit:
    start = text.index(old)
    return Edit(token=Token(start=start, end=start + len(old), text=old), text=new)


def test_no_edits_give_the_same_bytes() -> None:
    assert splice(FILE.encode(), []) == FILE.encode()


def test_edits_may_come_in_any_order() -> None:
    edits = [edit("two", "2"), edit(str(digest("a")), str(digest("b")))]

    assert splice(FILE.encode(), edits) == splice(FILE.encode(), reversed(edits))


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ([Edit(token=Token(start=3, end=6, text="xyz"), text="a")], "expected 'xyz' at offset 3, found 'ghc'"),
        ([Edit(token=Token(start=9_000, end=9_003, text="two"), text="a")], "found ''"),
        ([edit("ghcr.io/acme", "x"), edit("acme/api", "y")], "overlap"),
        ([edit("two", "2"), edit("two", "3")], "overlap"),
        ([edit("two", "t'wo")], "not YAML"),
        ([edit("two", "2'\nc: 'd")], "more than"),
        ([edit("'two'", "two")], "more than"),
        ([edit("'two'", "&a two")], "more than"),
        ([edit("'two'", "*a")], "more than"),
        ([edit("'two'", "!t 'two'")], "more than"),
        ([edit("'two'", "[two]")], "more than"),
    ],
)
def test_an_edit_that_would_change_more_than_its_value_is_refused(edits: list[Edit], words: str) -> None:
    with pytest.raises(EditRefused, match=words.replace("(", r"\(")):
        splice(FILE.encode(), edits)


def test_an_edit_is_refused_when_the_file_has_changed_since() -> None:
    edits = rewrite(pin(FILE), digest=digest("b"), tag=None)

    with pytest.raises(EditRefused, match="expected"):
        splice(written("a: ghcr.io/acme/api@<c>\nb: 'two'\n").encode(), edits)


def test_an_edit_of_what_is_not_yaml_is_refused() -> None:
    with pytest.raises(EditRefused, match="not YAML"):
        splice(b"a: [two", [Edit(token=Token(start=4, end=7, text="two"), text="2")])


def test_an_edit_of_what_is_not_text_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        splice(b"\xff", [])


def test_a_comment_sign_inside_a_plain_value_would_cut_it_and_is_refused() -> None:
    with pytest.raises(EditRefused):
        splice(b"a: one\nb: 2\n", [Edit(token=Token(start=3, end=6, text="one"), text="one\nc: d")])


NUMBERS = ["1234567", "12e4567", "0x10", "0o17", "0b1", "1_000", "017", "1.10", "1.", "2026-11-24", "1e3"]
WORDS = ["yes", "No", "on", "OFF", "y", "N", "true", "False", "null", "Null"]


@pytest.mark.parametrize("new", [*NUMBERS, *WORDS])
@pytest.mark.parametrize("around", ["a:\n  %s\n", "a: {%s}\n", "a: |\n  b:\n    %s\n"], ids=["block", "flow", "text"])
def test_a_plain_tag_gets_quotes_where_the_new_one_would_not_be_read_as_text(around: str, new: str) -> None:
    lines = ("repository: acme/api", "tag: 1f3c9ab", "digest: '<a>'")
    text = written(around % (", " if "{" in around else "\n    " if "|" in around else "\n  ").join(lines))

    after = splice(text.encode(), rewrite(pin(text), digest=digest("b"), tag=tag(new))).decode()

    assert after == text.replace("1f3c9ab", f'"{new}"').replace(str(digest("a")), str(digest("b")))


@pytest.mark.parametrize(
    ("old", "new", "written_as"),
    [
        ("1f3c9ab", "9bc17e0", "9bc17e0"),
        ("1f3c9ab", "1.2.3", "1.2.3"),
        ("1f3c9ab", "v1", "v1"),
        ("'1f3c9ab'", "1234567", "'1234567'"),
        ('"1f3c9ab"', "1234567", '"1234567"'),
    ],
)
def test_quotes_stay_as_they_are_where_none_are_needed(old: str, new: str, written_as: str) -> None:
    text = written(f"a: {{repository: acme/api, digest: '<a>', tag: {old}}}\n")

    after = splice(text.encode(), rewrite(pin(text), digest=digest("a"), tag=tag(new))).decode()

    assert after == text.replace(old, written_as)


@pytest.mark.parametrize("text", ['"two"', '"12" # x', '"1\\x32"'])
def test_only_a_value_that_would_be_no_text_gets_quotes(text: str) -> None:
    plain = Edit(token=Token(start=3, end=6, text="one", plain=True), text=text)

    with pytest.raises(EditRefused, match="more than"):
        splice(b"a: one\n", [plain])


@pytest.mark.parametrize("beside", [None, "main", "9bc17e0"])
def test_rewriting_leaves_everything_but_tag_and_digest(beside: str | None) -> None:
    text = "a: ghcr.io/acme/api:main@<a>\nb: {repository: acme/api, tag: 'main', digest: '<a>'}\nc:\n"
    text += "  repository: acme/api\n  tag: main@<a>\nd:\n  repository: acme/api\n  tag: main\n"
    new = None if beside is None else tag(beside)
    edits = [one for found in pins_of(text) for one in rewrite(found, digest=digest("b"), tag=new)]

    after = splice(written(text).encode(), edits).decode()

    assert after == written(
        f"a: ghcr.io/acme/api{':' + beside if beside else ''}@<b>\n"
        f"b: {{repository: acme/api, tag: '{beside or 'main'}', digest: '<b>'}}\n"
        f"c:\n  repository: acme/api\n  tag: {beside or 'main'}@<b>\n"
        f"d:\n  repository: acme/api\n  tag: {beside or 'main'}@<b>\n"
    )


ALPHABET = "0123456789abcdefxoEeTtyYnN_.-"


@settings(deadline=None, max_examples=400)
@given(st.text(ALPHABET, min_size=1, max_size=9) | st.sampled_from([*NUMBERS, *WORDS]))
def test_what_was_text_stays_text_to_yaml_1_1_and_1_2(new: str) -> None:
    assume(re.fullmatch(r"\w[\w.-]*", new))
    text = written("image: {repository: acme/api, digest: '<a>', tag: 1f3c9ab}\n")

    after = splice(text.encode(), rewrite(pin(text), digest=digest("b"), tag=tag(new))).decode()

    for version in ("1.1", "1.2"):
        parser = YAML(typ="safe", pure=True)
        parser.version = version
        assert parser.load(after)["image"]["tag"] == new
