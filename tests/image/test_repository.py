"""Repositories and tags, as the container tools read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidReference
from bot.image import Repository, Tag
from tests.image.strategies import names, tags


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        pytest.param("ghcr.io/acme/api", "ghcr.io", "acme/api", id="host and path"),
        pytest.param("redis", "docker.io", "library/redis", id="Docker's short name"),
        pytest.param("acme/api", "docker.io", "acme/api", id="Docker's owner and name"),
        pytest.param("docker.io/redis", "docker.io", "library/redis", id="Docker's host and short name"),
        pytest.param("index.docker.io/acme/api", "docker.io", "acme/api", id="Docker's old host"),
        pytest.param("registry-1.docker.io/redis", "docker.io", "library/redis", id="Docker's real host"),
        pytest.param("localhost/api", "localhost", "api", id="localhost"),
        pytest.param("LOCALHOST/api", "localhost", "api", id="localhost in capitals"),
        pytest.param("localhost:5000/api", "localhost:5000", "api", id="localhost with port"),
        pytest.param("registry:5000/api", "registry:5000", "api", id="a port makes a host"),
        pytest.param("GHCR.io/acme/api", "ghcr.io", "acme/api", id="host in capitals"),
        pytest.param("[::1]:5000/api", "[::1]:5000", "api", id="IPv6 with port"),
        pytest.param("127.0.0.1:5000/a/b/c/d", "127.0.0.1:5000", "a/b/c/d", id="IPv4, deep path"),
        pytest.param("ghcr.io/a__b/c.d-e--f_g", "ghcr.io", "a__b/c.d-e--f_g", id="every separator"),
        pytest.param("localhost", "docker.io", "library/localhost", id="localhost alone is a name"),
    ],
)
def test_host_and_path_are_told_apart(text: str, host: str, path: str) -> None:
    assert Repository.parse(text) == Repository(host, path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "not a repository path", id="empty"),
        pytest.param("/", "not a repository path", id="slash"),
        pytest.param("ghcr.io/", "not a repository path", id="host alone"),
        pytest.param("/acme/api", "not a repository path", id="from the root"),
        pytest.param("ghcr.io/acme//api", "not a repository path", id="empty component"),
        pytest.param("ghcr.io/acme/api/", "not a repository path", id="slash at the end"),
        pytest.param("ghcr.io/Acme/api", "write it in lower case", id="path in capitals"),
        pytest.param("Acme/api", "write it in lower case", id="owner in capitals reads as a host, and is none"),
        pytest.param("ghcr.io/acme/../api", "not a repository path", id="dots"),
        pytest.param("ghcr.io/acme/a___b", "not a repository path", id="three underscores"),
        pytest.param("ghcr.io/acme/a..b", "not a repository path", id="two dots"),
        pytest.param("ghcr.io/acme/-a", "not a repository path", id="separator first"),
        pytest.param("ghcr.io/acme/a b", "not a repository path", id="blank"),
        pytest.param("ghcr.io/acme/api\n", "not a repository path", id="line end"),
        pytest.param("ghcr.io/acme/api:main", "not a repository path", id="tag"),
        pytest.param("https://ghcr.io/acme/api", "not a registry host", id="URL"),
        pytest.param("user@ghcr.io/acme/api", "not a registry host", id="userinfo"),
        pytest.param("ghcr.io:/api", "not a registry host", id="empty port"),
        pytest.param("ghcr.io:123456/api", "not a registry host", id="port too long"),
        pytest.param("-a.io/api", "not a registry host", id="hyphen first"),
        pytest.param("./api", "not a registry host", id="relative path"),
        pytest.param("doc\N{KELVIN SIGN}er.io/api", "not a registry host", id="a letter that lower-cases to ASCII"),
        pytest.param("ghcr.io/" + "a" * 249, "longer than 255", id="256 characters"),
    ],
)
def test_anything_else_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidReference, match=reason):
        Repository.parse(text)


def test_255_characters_are_allowed() -> None:
    assert Repository.parse("ghcr.io/" + "a" * 248).path == "a" * 248


def test_the_last_segment_is_what_people_call_it() -> None:
    assert Repository.parse("ghcr.io/acme/team/api").last == "api"
    assert Repository.parse("redis").last == "redis"


@given(names)
def test_parsing_what_was_printed_gives_the_same(text: str) -> None:
    repository = Repository.parse(text)
    assert Repository.parse(str(repository)) == repository


@given(st.text(st.sampled_from("aAzZ0./:-_@[]~\n é\N{KELVIN SIGN}"), max_size=30))
def test_any_text_is_a_repository_that_prints_and_parses_or_refused(text: str) -> None:
    try:
        repository = Repository.parse(text)
    except InvalidReference:
        return
    assert str(repository).isascii()
    assert Repository.parse(str(repository)) == repository


@pytest.mark.parametrize("text", ["main", "1f3c9ab", "_x", "V1.2.3-rc.1", "x" * 128])
def test_a_tag_prints_as_it_was(text: str) -> None:
    assert str(Tag.parse(text)) == text


@pytest.mark.parametrize("text", ["", ".x", "-x", "a/b", "a:b", "a@b", "a b", "main\n", "é", "x" * 129, "{{ .tag }}"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference, match="not a tag"):
        Tag.parse(text)


@given(tags)
def test_every_tag_of_the_specification_parses(text: str) -> None:
    assert str(Tag.parse(text)) == text
