"""What holds for every file: only the spans change, an edit says what it wrote, and it can be taken back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.image import Digest, Tag
from bot.pins import Edit, Token, rewrite, splice
from tests.builders import found
from tests.pins.strategies import DIGESTS, TAGS, Written, files

SETTINGS = settings(deadline=None)
BESIDE = st.none() | TAGS.map(Tag.parse)


def moved(content: bytes, digest: Digest, tag: Tag | None) -> tuple[bytes, list[Edit]]:
    edits = [edit for pin in found(content).pins for edit in rewrite(pin, digest=digest, tag=tag)]
    return splice(content, edits), edits


@SETTINGS
@given(files())
def test_every_reference_that_was_written_is_found_in_the_order_of_the_text(file: Written) -> None:
    result = found(file.text)

    assert not result.problems
    assert len(result.pins) == file.pins
    assert not [pin for pin in result.pins if pin.refusal]
    starts = [pin.value.start for pin in result.pins]
    assert starts == sorted(starts)


@SETTINGS
@given(files())
def test_a_token_is_the_text_between_its_offsets_and_its_place(file: Written) -> None:
    lines = file.text.removeprefix("\ufeff").split("\n")

    for pin in found(file.text).pins:
        assert file.text[pin.value.start : pin.value.end] == pin.value.text
        assert lines[pin.line - 1][pin.column - 1 :].lstrip("'\"").startswith(pin.value.text)


@SETTINGS
@given(files(), DIGESTS, BESIDE)
def test_bytes_outside_the_spans_stay_as_they_were(file: Written, digest: Digest, tag: Tag | None) -> None:
    after, edits = moved(file.text.encode(), digest, tag)

    rest = after.decode()
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.token.start):
        before = file.text[position : edit.token.start]
        assert rest.startswith(before + edit.text)
        rest = rest[len(before) + len(edit.text) :]
        position = edit.token.end
    assert rest == file.text[position:]


@SETTINGS
@given(files(), DIGESTS, BESIDE)
def test_what_was_edited_reads_as_the_new_digest(file: Written, digest: Digest, tag: Tag | None) -> None:
    before = found(file.text).pins
    after, _ = moved(file.text.encode(), digest, tag)

    pins = found(after).pins
    assert [pin.key for pin in pins] == [pin.key for pin in before]
    assert {pin.reference.digest for pin in pins} <= {digest}
    assert [pin.reference.repository for pin in pins] == [pin.reference.repository for pin in before]


@SETTINGS
@given(files(), DIGESTS, BESIDE)
def test_an_edit_is_idempotent(file: Written, digest: Digest, tag: Tag | None) -> None:
    once, _ = moved(file.text.encode(), digest, tag)
    twice, _ = moved(once, digest, tag)

    assert twice == once


@SETTINGS
@given(files(), DIGESTS, BESIDE)
def test_an_edit_can_be_taken_back(file: Written, digest: Digest, tag: Tag | None) -> None:
    content = file.text.encode()
    after, edits = moved(content, digest, tag)

    undo: list[Edit] = []
    shift = 0
    for edit in sorted(edits, key=lambda edit: edit.token.start):
        start = edit.token.start + shift
        undo.append(Edit(token=Token(start=start, end=start + len(edit.text), text=edit.text), text=edit.token.text))
        shift += len(edit.text) - len(edit.token.text)
    assert splice(after, undo) == content


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing(content: bytes) -> None:
    found(b"acme" + content)
    found(content + b"acme")


FRAGMENTS = st.sampled_from(
    [
        *("ghcr.io/acme/api:main", "acme", "repository: ", "digest: ", "tag: ", "a: ", "- ", "? ", "<<: ", "{{ x }}"),
        *("[", "]", "{", "}", ", ", ": ", "&a ", "*a", "!", "!!str ", "!<", ">", "!%ff", "|", ">-", "|9", "'", '"'),
        *("\\U", "\\u", "\\x", "FFFFFFFF", "d800", "00", "%YAML 1.", "%TAG ! ", "\n", "\n  ", "\n---\n", "\n...\n"),
        *("#", " ", "\t", "\r\n", "\r", "\ufeff", "\u2028", "\x85", "😀", "\x00", "\x1b", "@", "`", "~", "200"),
    ]
)


@settings(deadline=None, max_examples=500)
@given(st.lists(FRAGMENTS, max_size=14).map("".join))
def test_what_looks_like_yaml_raises_nothing_and_is_edited_soundly_or_not_at_all(text: str) -> None:
    new = Digest.of(b"new")

    for pin in found(f"{text}").pins:
        if pin.refusal is None:
            after = splice(text.encode(), rewrite(pin, digest=new, tag=None))
            assert new in {one.reference.digest for one in found(after).pins}
