"""What holds for every file: only the spans change, an edit says what it wrote, and it can be taken back."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.image import Digest, Tag
from bot.pins import Edit, Pin, Shape, discover, read_layers, rewrite, splice
from tests.builders import OURS, found
from tests.pins.strategies import BREAKS, DIGESTS, NAMES, TAGS, Written, files
from tests.pins.undo import restored, taken_back

SETTINGS = settings(deadline=None, max_examples=60)
BESIDE = st.none() | TAGS.map(Tag.parse)


def moved(content: bytes, digest: Digest, tag: Tag | None, *, into_slots: bool = True) -> tuple[bytes, list[Edit]]:
    """Move every pin. A first digest goes into an empty key always, into a new one only where asked."""
    edits = [
        edit
        for pin in found(content).pins
        for edit in rewrite(
            pin,
            digest=digest,
            tag=tag,
            slot=pin.slot if into_slots or (pin.slot is not None and pin.slot.adds is None) else None,
        )
    ]
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
    after, _ = moved(file.text.encode(), digest, tag, into_slots=False)

    pins = found(after).pins
    assert [pin.key for pin in pins] == [pin.key for pin in before]
    assert {pin.reference.digest for pin in pins} <= {digest}
    assert [pin.reference.repository for pin in pins] == [pin.reference.repository for pin in before]


@SETTINGS
@given(files(), DIGESTS, BESIDE)
def test_an_edit_is_idempotent(file: Written, digest: Digest, tag: Tag | None) -> None:
    if any(pin.slot and pin.reference.digest is None for pin in found(file.text).pins):
        tag = None  # the tag beside a first digest is the channel, and stays

    once, _ = moved(file.text.encode(), digest, tag)
    twice, _ = moved(once, digest, tag)

    assert twice == once


@SETTINGS
@given(files(), DIGESTS, BESIDE)
def test_an_edit_can_be_taken_back(file: Written, digest: Digest, tag: Tag | None) -> None:
    content = file.text.encode()
    after, edits = moved(content, digest, tag)

    assert restored(after, edits) == content
    quoted = any(edit.token.plain and edit.text.startswith('"') for edit in edits)
    if not quoted and not any(pin.slot and pin.reference.digest is None for pin in found(content).pins):
        assert splice(after, taken_back(edits)) == content


@SETTINGS
@given(files(), DIGESTS)
def test_a_first_digest_in_its_slot_is_the_only_difference(file: Written, digest: Digest) -> None:
    before = found(file.text).pins
    first = [pin for pin in before if pin.slot is not None and pin.reference.digest is None]
    edits = [edit for pin in first for edit in rewrite(pin, digest=digest, tag=None, slot=pin.slot)]

    after = splice(file.text.encode(), edits)

    pins = found(after).pins
    assert len(pins) == len(before)
    filled = [pin for pin in pins if pin.shape is Shape.DIGEST_KEY and pin.reference.digest == digest]
    assert len(filled) >= len(first)
    # One behind the other they may stand in another order than before; what each says has not changed.
    assert sorted(said(pin, digest if pin in first else None) for pin in before) == sorted(said(pin) for pin in pins)
    assert not [pin for pin in pins if pin.refusal]


def said(pin: Pin, first: Digest | None = None) -> tuple[int, str, str, str]:
    """What a pin means, with its `first` digest where it gets one."""
    reference = pin.reference
    return pin.document, str(reference.repository), str(reference.tag), str(first or reference.digest)


@SETTINGS
@given(files(), st.randoms(use_true_random=False))
def test_the_order_of_edits_does_not_matter(file: Written, order: Random) -> None:
    _, edits = moved(file.text.encode(), Digest.of(b"new"), None)
    shuffled = order.sample(edits, len(edits))

    assert splice(file.text.encode(), shuffled) == splice(file.text.encode(), edits)


@SETTINGS
@given(DIGESTS, DIGESTS, NAMES, st.sampled_from(["image", "a.image", "a.b.image"]), BREAKS)
def test_an_overlay_takes_its_repository_from_the_layer_and_moves_alone(
    old: Digest, new: Digest, name: str, key: str, end: str
) -> None:
    above, _, last = key.rpartition(".")
    head = "".join(f"{'  ' * depth}{part}:{end}" for depth, part in enumerate(above.split(".") if above else []))
    indent = "  " * len(head.splitlines())
    layer = f"{head}{indent}{last}: {{repository: {name}}}{end}"
    overlay = f"{head}{indent}{last}:{end}{indent}  digest: {old} # {name}"
    paths = ("env/dev/app.yaml", "base/app.yaml")
    layers, problems = read_layers([(paths[1], layer.encode(), 0)], OURS, [paths[0]])

    (one,) = discover(paths[0], overlay.encode(), OURS, layers).pins

    assert not problems
    assert (one.reference.digest, one.named_in) == (old, f"base/app.yaml:{len(head.splitlines()) + 1}")
    after = splice(overlay.encode(), rewrite(one, digest=new, tag=None))
    assert after.decode() == overlay.replace(str(old), str(new))


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
