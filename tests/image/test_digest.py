"""Digests: only what we can hash, and only in its one spelling."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidReference
from bot.image import Digest
from tests.image.strategies import digests

HEX = "3fa4c1d" + "0" * 57


@pytest.mark.parametrize("text", [f"sha256:{HEX}", f"sha512:{HEX}{HEX}"], ids=["sha256", "sha512"])
def test_a_digest_parses_and_prints_as_it_was(text: str) -> None:
    assert str(Digest.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "not a digest", id="empty"),
        pytest.param(HEX, "not a digest", id="no algorithm"),
        pytest.param("sha256", "not a digest", id="no colon"),
        pytest.param(f"md5:{'0' * 32}", "sha256, sha512", id="an algorithm that is broken"),
        pytest.param(f"sha384:{'0' * 96}", "sha256, sha512", id="an algorithm that the registries do not use"),
        pytest.param(f"SHA256:{HEX}", "not a digest", id="algorithm in capitals"),
        pytest.param(f"sha256:{HEX.upper()}", "exactly 64 lower-case", id="hex in capitals"),
        pytest.param(f"sha256:{HEX[1:]}", "exactly 64", id="a digit short"),
        pytest.param(f"sha256:{HEX}0", "exactly 64", id="a digit long"),
        pytest.param(f"sha512:{HEX}", "exactly 128", id="the other algorithm's length"),
        pytest.param(f"sha256:{HEX}\n", "exactly 64", id="line end"),
        pytest.param(f" sha256:{HEX}", "not a digest", id="blank before"),
        pytest.param(f"sha256:{'g' * 64}", "exactly 64", id="not hex"),
        pytest.param(f"sha256:{'٣' * 64}", "exactly 64", id="digits of another script"),
        pytest.param(f"sha256:../{HEX[3:]}", "exactly 64", id="a path"),
        pytest.param(f"sha256+b64u:{HEX}", "not a digest", id="compound algorithm"),
    ],
)
def test_anything_else_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidReference, match=reason):
        Digest.parse(text)


def test_a_refusal_shows_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(InvalidReference) as caught:
        Digest.parse("x" * 100_000)
    assert len(str(caught.value)) < 300


def test_the_digest_of_content_is_its_hash() -> None:
    assert str(Digest.of(b"{}")) == f"sha256:{hashlib.sha256(b'{}').hexdigest()}"
    assert str(Digest.of(b"{}", algorithm="sha512")) == f"sha512:{hashlib.sha512(b'{}').hexdigest()}"


def test_short_is_the_first_seven_digits() -> None:
    assert Digest.parse(f"sha256:{HEX}").short == "3fa4c1d"


@given(digests)
def test_parsing_what_was_printed_gives_the_same(digest: Digest) -> None:
    assert Digest.parse(str(digest)) == digest


@given(st.text())
def test_any_text_is_a_digest_or_refused(text: str) -> None:
    with suppress(InvalidReference):
        assert str(Digest.parse(text)) == text
