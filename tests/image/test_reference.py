"""References keep all that was written: name, tag and digest."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidReference
from bot.image import Digest, Reference, Repository, Tag
from tests.image.strategies import digests, names, references, tags

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        pytest.param("ghcr.io/acme/api", "ghcr.io/acme/api", None, None, id="repository alone"),
        pytest.param("ghcr.io/acme/api:main", "ghcr.io/acme/api", "main", None, id="tag"),
        pytest.param(f"ghcr.io/acme/api@{DIGEST}", "ghcr.io/acme/api", None, DIGEST, id="digest"),
        pytest.param(f"ghcr.io/acme/api:1f3c9ab@{DIGEST}", "ghcr.io/acme/api", "1f3c9ab", DIGEST, id="tag and digest"),
        pytest.param("redis:7", "docker.io/library/redis", "7", None, id="short name"),
        pytest.param("localhost:5000/api", "localhost:5000/api", None, None, id="a port is no tag"),
        pytest.param("localhost:5000/api:5000", "localhost:5000/api", "5000", None, id="port and tag"),
        pytest.param("localhost:5000", "docker.io/library/localhost", "5000", None, id="without a slash it is a tag"),
        pytest.param(f"[::1]:5000/api@{DIGEST}", "[::1]:5000/api", None, DIGEST, id="IPv6"),
    ],
)
def test_the_parts_are_told_apart(text: str, repository: str, tag: str | None, digest: str | None) -> None:
    reference = Reference.parse(text)
    assert reference.repository == Repository.parse(repository)
    assert reference.tag == (None if tag is None else Tag(tag))
    assert reference.digest == (None if digest is None else Digest.parse(digest))
    assert str(reference) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "no repository", id="empty"),
        pytest.param(":main", "no repository", id="tag alone"),
        pytest.param(f"@{DIGEST}", "no repository", id="digest alone"),
        pytest.param("ghcr.io/acme/api:", "not a tag", id="empty tag"),
        pytest.param("ghcr.io/acme/api@", "not a digest", id="empty digest"),
        pytest.param(f"ghcr.io/acme/api:@{DIGEST}", "not a tag", id="empty tag before a digest"),
        pytest.param("ghcr.io/acme/api:a:b", "not a tag", id="two tags"),
        pytest.param(f"ghcr.io/acme/api@{DIGEST}@{DIGEST}", "exactly 64", id="two digests"),
        pytest.param(f"ghcr.io/acme/api@{DIGEST}:main", "exactly 64", id="tag behind the digest"),
        pytest.param("ghcr.io/acme/api@sha256:abc", "exactly 64", id="short digest"),
        pytest.param("ghcr.io/acme/api:main ", "not a tag", id="blank"),
        pytest.param("{{ .Values.image }}", "not a", id="template"),
        pytest.param("docker-pullable://ghcr.io/acme/api", "not a", id="scheme"),
    ],
)
def test_a_refusal_names_the_text_and_what_is_wrong_with_it(text: str, reason: str) -> None:
    with pytest.raises(InvalidReference, match=reason) as caught:
        Reference.parse(text)
    assert str(caught.value).startswith(repr(text[:300]))


def test_spellings_of_one_repository_are_equal_and_print_as_they_were() -> None:
    short, long = Reference.parse("redis:7"), Reference.parse("docker.io/library/redis:7")
    assert short == long
    assert (str(short), str(long)) == ("redis:7", "docker.io/library/redis:7")


@given(references)
def test_every_reference_prints_as_it_was(text: str) -> None:
    assert str(Reference.parse(text)) == text


@given(references)
def test_parsing_what_was_printed_gives_the_same(text: str) -> None:
    reference = Reference.parse(text)
    assert Reference.parse(str(reference)) == reference


@given(names, tags, digests)
def test_tag_and_digest_are_both_kept(name: str, tag: str, digest: Digest) -> None:
    reference = Reference.parse(f"{name}:{tag}@{digest}")
    assert (reference.tag, reference.digest) == (Tag(tag), digest)


@given(st.text(st.sampled_from("aZ09./:-_@[]sha256:\n é"), max_size=40))
def test_any_text_is_a_reference_that_prints_as_it_was_or_refused(text: str) -> None:
    with suppress(InvalidReference):
        assert str(Reference.parse(text)) == text
