"""Splicing: every byte outside the tokens stays, or nothing is written at all."""

import pytest

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
