"""A tag that stands beside a digest must not lie about the new build."""

import pytest

from bot.planning.tags import is_semantic, revision_tag, tag_beside
from tests.builders import pin, tag


@pytest.mark.parametrize("text", ["1.2.3", "v1.2.3", "0.0.0", "1.2.3-rc.1", "v10.20.30-alpha-b.7"])
def test_a_semantic_version_is_one_with_or_without_v(text: str) -> None:
    assert is_semantic(tag(text))


@pytest.mark.parametrize("text", ["main", "1", "1.2", "1.2.3.4", "01.2.3", "V1.2.3", "v1.2.3_x", "1f3c9ab", "v1.2.3-"])
def test_what_only_looks_like_a_version_is_none(text: str) -> None:
    assert not is_semantic(tag(text))


@pytest.mark.parametrize(
    ("text", "kept", "notes"),
    [
        ("x: ghcr.io/acme/api@<a>", None, ()),
        ("x: ghcr.io/acme/api:main", None, ()),
        ("x: ghcr.io/acme/api:main@<a>", None, ()),
        ("x: ghcr.io/acme/api:1f3c9ab@<a>", None, ()),
        ("x: ghcr.io/acme/api:v1.2.3@<a>", "v1.2.3", ("semantic-tag",)),
        ("x: {repository: acme/api, digest: '<a>'}", None, ()),
        ("x: {repository: acme/api, tag: main, digest: '<a>'}", None, ()),
        ("x: {repository: acme/api, tag: 1f3c9ab, digest: '<a>'}", None, ("stale-tag",)),
        ("x: {repository: acme/api, tag: 1.2.3, digest: '<a>'}", "1.2.3", ("semantic-tag",)),
        ("x: {repository: acme/api, tag: 'main@<a>'}", None, ()),
        ("x: {repository: acme/api, tag: '1f3c9ab@<a>'}", None, ("stale-tag",)),
        ("x: {repository: acme/api, tag: '1.2.3@<a>'}", "1.2.3", ("semantic-tag",)),
        ("x: {repository: acme/api, tag: main}", None, ()),
    ],
)
def test_a_channel_goes_a_version_stays_and_anything_else_is_stale(
    text: str, kept: str | None, notes: tuple[str, ...]
) -> None:
    beside, noted = tag_beside(pin(text), tag("main"))

    assert (beside and str(beside), noted) == (kept, notes)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{revision}", "9bc17e0" + "f" * 33),
        ("{revision:7}", "9bc17e0"),
        ("sha-{revision:12}", "sha-9bc17e0fffff"),
        ("main-{revision:64}", "main-9bc17e0" + "f" * 33),
    ],
)
def test_a_pattern_is_filled_with_the_commit_or_its_beginning(pattern: str, expected: str) -> None:
    assert revision_tag(pattern, "9bc17e0" + "f" * 33) == tag(expected)


def test_without_a_commit_there_is_no_tag() -> None:
    assert revision_tag("{revision}", None) is None
    assert revision_tag("x" * 100 + "{revision}", "f" * 64) is None


@pytest.mark.parametrize(
    "text",
    [
        "x: ghcr.io/acme/api:1.2.3@<a>",
        "x: ghcr.io/acme/api:1.2.3",
        "x: {repository: acme/api, tag: 1.2.3, digest: '<a>'}",
        "x: {repository: acme/api, tag: '1.2.3@<a>'}",
    ],
)
def test_a_channel_that_looks_like_a_version_is_a_channel(text: str) -> None:
    assert tag_beside(pin(text), tag("1.2.3")) == (None, ())
