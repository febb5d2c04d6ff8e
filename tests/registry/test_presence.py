"""Whether a digest is there: by HEAD where that is enough, and what of an answer counts as gone, or as not known."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
import respx

from bot.errors import CredentialError
from bot.image import Digest, Platform, Repository
from bot.planning.environment import RegistryRule
from bot.planning.presence import Gone, Here, Inquiry, Presence, Unknown
from tests.doubles.registry import images
from tests.registry.asking import opened

AT = "https://registry.corp/v2/acme/api"
REPOSITORY = Repository.parse("registry.corp/acme/api")
AMD64, ARM64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")
IMAGE = images.image("linux/amd64", {})
PART = IMAGE.manifest
INDEX = images.index([images.entry(PART, "linux/amd64"), images.entry(PART, "linux/arm64")])


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=True, assert_all_mocked=True) as router:
        yield router


def url(digest: Digest) -> str:
    return f"{AT}/manifests/{digest}"


def content(part: images.Part) -> httpx.Response:
    return httpx.Response(200, content=part.body, headers={"Content-Type": part.media_type})


def examined(digest: Digest, *platforms: Platform, rule: RegistryRule | None = None) -> Presence:
    inquiry = Inquiry(repository=REPOSITORY, digest=digest, platforms=platforms)

    async def ask() -> Presence:
        async with opened(*([rule] if rule else [])) as registries:
            return (await registries.examine_all([inquiry, inquiry]))[inquiry]

    return asyncio.run(ask())


def test_a_head_is_enough_where_no_platform_counts(web: respx.MockRouter) -> None:
    head = web.head(url(PART.digest)).respond(200, headers={"Docker-Content-Digest": str(PART.digest)})
    assert examined(PART.digest) == Here()
    assert head.call_count == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(200), id="without a digest"),
        pytest.param(httpx.Response(200, headers={"Docker-Content-Digest": str(INDEX.digest)}), id="of another"),
        pytest.param(httpx.Response(405), id="no HEAD"),
    ],
)
def test_a_head_that_says_nothing_is_followed_by_a_get(web: respx.MockRouter, answer: httpx.Response) -> None:
    web.head(url(PART.digest)).mock(return_value=answer)
    web.get(url(PART.digest)).mock(return_value=content(PART))
    assert examined(PART.digest) == Here()


@pytest.mark.parametrize("platforms", [(), (AMD64,)], ids=["by HEAD", "by GET"])
def test_what_is_not_there_is_gone(web: respx.MockRouter, platforms: tuple[Platform, ...]) -> None:
    web.route(url=url(PART.digest)).respond(404)
    assert examined(PART.digest, *platforms) == Gone(
        f"{PART.digest} is not at registry.corp: cleaned up, or never pushed there"
    )


def test_other_bytes_are_not_the_pinned_ones(web: respx.MockRouter) -> None:
    web.get(url(PART.digest)).mock(return_value=content(INDEX))
    found = examined(PART.digest, AMD64)
    assert isinstance(found, Gone)
    assert f"the bytes hash to {INDEX.digest}" in found.reason


def test_a_platform_whose_config_is_gone_is_broken_and_the_others_are_not_looked_at(web: respx.MockRouter) -> None:
    web.get(url(INDEX.digest)).mock(return_value=content(INDEX))
    web.get(url(PART.digest)).mock(return_value=content(PART))
    web.get(f"{AT}/blobs/{IMAGE.blobs[0].digest}").respond(404)
    found = examined(INDEX.digest, ARM64, Platform.parse("linux/s390x"))
    assert isinstance(found, Here)
    assert (found.index, sorted(found.platforms), list(found.broken)) == (True, [AMD64, ARM64], [ARM64])


@pytest.mark.parametrize(
    ("status", "outage"), [pytest.param(500, True, id="an outage"), pytest.param(418, False, id="nonsense")]
)
def test_what_says_nothing_of_the_image_is_not_known(web: respx.MockRouter, status: int, *, outage: bool) -> None:
    web.get(url(INDEX.digest)).mock(return_value=content(INDEX))
    web.get(url(PART.digest)).respond(status)
    found = examined(INDEX.digest, AMD64)
    assert isinstance(found, Unknown)
    assert found.outage is outage
    assert found.reason.startswith(f"registry.corp/acme/api@{INDEX.digest}: ")


def test_an_empty_variable_stops_before_anything_is_asked(web: respx.MockRouter) -> None:
    with pytest.raises(CredentialError):
        examined(PART.digest, rule=RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_NONE"))
