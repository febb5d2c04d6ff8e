"""What is not as it should be never counts: bytes, headers, types and sizes that a sound registry would not send."""

import base64
import gzip
from collections.abc import Iterator, Mapping

import httpx
import pytest
import respx

from bot.image import MANIFEST_LIMIT, Digest
from bot.planning.environment import RegistryRule
from bot.planning.resolution import Current, Resolution, Resolved, Unresolved
from bot.registry.client import CONFIG_LIMIT
from tests.doubles.registry import images
from tests.doubles.registry.images import Part
from tests.registry.asking import NEW, OLD, lookup, opened, resolve

AT = "https://registry.corp/v2/acme/api"
MAIN = f"{AT}/manifests/main"
ASKED = lookup("registry.corp/acme/api:main")
IMAGE = images.image("linux/amd64", {})
CONFIG = IMAGE.blobs[0]
CONFIG_AT = f"{AT}/blobs/{CONFIG.digest}"


@pytest.fixture
def web() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=True, assert_all_mocked=True) as router:
        yield router


@pytest.fixture(params=["", "http://proxy.corp:3128"], ids=["directly", "through a proxy"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through a proxy it is httpx's client that asks, which has a mind of its own about redirects and cookies."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    if request.param:
        monkeypatch.setenv("HTTPS_PROXY", request.param)


def answer(part: Part, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=part.body, headers={"Content-Type": part.media_type, **headers})


def code(resolution: Resolution) -> str:
    assert isinstance(resolution, Unresolved), resolution
    assert resolution.message.startswith("registry.corp/acme/api:main: ")
    assert not resolution.outage
    return resolution.code


# ---- manifests ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Docker-Content-Digest": "nonsense"}, {"Docker-Content-Digest": "md5:00"}])
def test_a_head_without_a_digest_that_counts_is_followed_by_a_get(
    web: respx.MockRouter, headers: dict[str, str]
) -> None:
    web.head(MAIN).respond(200, headers=headers)
    web.get(MAIN).mock(answer(IMAGE.manifest))
    asked = lookup("registry.corp/acme/api:main", known=[IMAGE.manifest.digest])
    assert resolve(opened(), asked) == Current(digest=IMAGE.manifest.digest)


@pytest.mark.parametrize("status", [400, 405, 406])
def test_a_head_that_is_not_answered_well_is_followed_by_a_get(web: respx.MockRouter, status: int) -> None:
    web.head(MAIN).respond(status)
    web.get(MAIN).mock(answer(IMAGE.manifest))
    asked = lookup("registry.corp/acme/api:main", known=[IMAGE.manifest.digest])
    assert resolve(opened(), asked) == Current(digest=IMAGE.manifest.digest)


def test_a_digest_of_a_head_is_never_proposed(web: respx.MockRouter) -> None:
    web.head(MAIN).respond(200, headers={"Docker-Content-Digest": str(NEW)})
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).mock(answer(CONFIG))
    web.get(f"{AT}/manifests/{OLD}").respond(404)
    found = resolve(opened(), lookup("registry.corp/acme/api:main", known=[OLD]))
    assert isinstance(found, Resolved)
    assert found.digest == IMAGE.manifest.digest


def test_sha512_is_hashed_as_well(web: respx.MockRouter) -> None:
    digest = Digest.of(IMAGE.manifest.body, algorithm="sha512")
    web.get(MAIN).mock(answer(IMAGE.manifest, **{"Docker-Content-Digest": str(digest)}))
    web.get(CONFIG_AT).mock(answer(CONFIG))
    found = resolve(opened(), ASKED)
    assert isinstance(found, Resolved)
    assert found.digest == digest


@pytest.mark.parametrize(
    ("part", "headers", "expected"),
    [
        (IMAGE.manifest, {"Docker-Content-Digest": str(NEW)}, "digest-mismatch"),
        (IMAGE.manifest, {"Docker-Content-Digest": "md5:d41d8cd98f00b204e9800998ecf8427e"}, "unsupported-digest"),
        (IMAGE.manifest, {"Content-Type": images.INDEX["oci"]}, "media-type-mismatch"),
        (IMAGE.manifest, {"Content-Type": ""}, "media-type-mismatch"),
        (Part(images.INDEX["oci"], b"{"), {}, "invalid-manifest"),
        (Part(images.INDEX["oci"], b'{"schemaVersion": 2}'), {}, "invalid-manifest"),
        (Part(images.INDEX["oci"], b'{"schemaVersion": 2, "manifests": [], "layers": []}'), {}, "ambiguous-manifest"),
        (
            Part("application/vnd.docker.distribution.manifest.v1+prettyjws", b'{"schemaVersion": 1}'),
            {},
            "unsupported-schema",
        ),
        (Part("text/html", b'{"schemaVersion": 2}'), {}, "unsupported-media-type"),
        (Part(images.INDEX["oci"], b" " * (MANIFEST_LIMIT + 1)), {}, "manifest-too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_manifest_that_is_not_sound_is_refused(
    web: respx.MockRouter, part: Part, headers: Mapping[str, str], expected: str
) -> None:
    main = web.get(MAIN).mock(answer(part, **headers))
    assert code(resolve(opened(), ASKED)) == expected
    assert main.call_count == 1


def test_a_compressed_answer_is_not_unpacked(web: respx.MockRouter) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    web.get(MAIN).respond(200, content=bomb, headers={"Content-Encoding": "gzip", "Content-Type": images.INDEX["oci"]})
    assert code(resolve(opened(), ASKED)) == "unexpected-encoding"


def test_an_error_that_is_compressed_is_still_an_error(web: respx.MockRouter) -> None:
    web.get(MAIN).respond(404, content=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    assert code(resolve(opened(), ASKED)) == "tag-not-found"


def test_an_error_page_without_end_is_not_read_to_its_end(web: respx.MockRouter) -> None:
    web.get(MAIN).respond(418, content=b"x" * 5_000_000)
    assert code(resolve(opened(), ASKED)) == "registry-error"


# ---- configs --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both_ways")
def test_a_config_may_lie_in_another_place_and_no_credential_goes_there(web: respx.MockRouter) -> None:
    basic = "Basic " + base64.b64encode(b"bot:corp-secret").decode()
    rule = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP", username="bot")
    web.get(MAIN).mock(side_effect=[httpx.Response(401, headers={"WWW-Authenticate": "Basic"}), answer(IMAGE.manifest)])
    web.get(CONFIG_AT).respond(307, headers={"Location": "/v2/elsewhere?a=b", "Set-Cookie": "session=1; Path=/"})
    here = web.get("https://registry.corp/v2/elsewhere?a=b")
    here.respond(302, headers={"Location": "https://storage.example/blob?signature=s1gned"})
    there = web.get("https://storage.example/blob?signature=s1gned").mock(answer(CONFIG))
    found = resolve(opened(rule, environ={"BUMP_REGISTRY_CORP": "corp-secret"}), ASKED)
    assert isinstance(found, Resolved)
    assert here.calls.last.request.headers["Authorization"] == basic
    assert "Cookie" not in here.calls.last.request.headers
    assert "Authorization" not in there.calls.last.request.headers


def test_no_challenge_of_the_other_place_is_answered(web: respx.MockRouter) -> None:
    rule = RegistryRule(host="registry.corp", token_env="BUMP_REGISTRY_CORP")
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).respond(307, headers={"Location": "https://storage.example/blob?signature=s1gned"})
    there = web.get("https://storage.example/blob?signature=s1gned")
    there.respond(401, headers={"WWW-Authenticate": 'Bearer realm="https://registry.corp/token"'})
    found = resolve(opened(rule, environ={"BUMP_REGISTRY_CORP": "corp-secret"}), ASKED)
    assert code(found) == "registry-error"
    assert "s1gned" not in str(found)
    assert there.call_count == 1
    assert not any("Authorization" in call.request.headers for call in web.calls)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    "location", ["http://storage.example/s1gned", "https://bot:pw@storage.example/s1gned", "", "gopher://x/s1gned"]
)
def test_a_redirect_that_is_not_safe_is_not_followed(web: respx.MockRouter, location: str) -> None:
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).respond(307, headers={"Location": location})
    found = resolve(opened(), ASKED)
    assert code(found) == "redirect-refused"
    assert "s1gned" not in str(found)


@pytest.mark.usefixtures("both_ways")
def test_a_redirect_to_what_is_no_name_is_an_error_not_a_crash(web: respx.MockRouter) -> None:
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).respond(307, headers={"Location": "https://xn--0/s1gned"})
    found = resolve(opened(), ASKED)
    assert code(found) == "registry-error"
    assert "the blob storage https://xn--0 has a name that cannot be asked for" in str(found)
    assert "s1gned" not in str(found)


@pytest.mark.usefixtures("both_ways")
def test_redirects_end(web: respx.MockRouter) -> None:
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).respond(307, headers={"Location": "https://storage.example/again"})
    again = web.get("https://storage.example/again").respond(307, headers={"Location": "https://storage.example/again"})
    assert code(resolve(opened(), ASKED)) == "redirect-refused"
    assert again.call_count == 3


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        (httpx.Response(200, content=CONFIG.body[:-1] + b"!"), "digest-mismatch"),
        (httpx.Response(200, content=CONFIG.body[:-1]), "size-mismatch"),
        (httpx.Response(200, content=b" " * (CONFIG_LIMIT + 1)), "invalid-config"),
        (httpx.Response(404), "manifest-missing"),
        (httpx.Response(418), "registry-error"),
    ],
    ids=["other bytes", "fewer bytes", "too many bytes", "none", "an error"],
)
def test_a_config_is_checked(web: respx.MockRouter, blob: httpx.Response, expected: str) -> None:
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).mock(blob)
    assert code(resolve(opened(), ASKED)) == expected


def test_a_config_that_says_it_is_too_large_is_not_fetched(web: respx.MockRouter) -> None:
    large = Part(images.CONFIG["oci"], b" " * (CONFIG_LIMIT + 1))
    web.get(MAIN).mock(answer(images.manifest(large, ())))
    assert code(resolve(opened(), ASKED)) == "invalid-config"


# ---- old digests ----------------------------------------------------------------------------------------------------


def test_an_old_digest_that_cannot_be_read_is_only_not_comparable(web: respx.MockRouter) -> None:
    web.head(MAIN).respond(200)
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).mock(answer(CONFIG))
    web.get(f"{AT}/manifests/{OLD}").respond(200, content=b"something else")
    found = resolve(opened(), lookup("registry.corp/acme/api:main", known=[OLD]))
    assert isinstance(found, Resolved)
    assert found.warnings == (f"the old digest {OLD} cannot be read (digest-mismatch): not comparable",)


def test_an_outage_while_an_old_digest_is_read_is_an_outage(web: respx.MockRouter) -> None:
    web.head(MAIN).respond(200)
    web.get(MAIN).mock(answer(IMAGE.manifest))
    web.get(CONFIG_AT).mock(answer(CONFIG))
    web.get(f"{AT}/manifests/{OLD}").respond(503)
    found = resolve(opened(), lookup("registry.corp/acme/api:main", known=[OLD]))
    assert isinstance(found, Unresolved)
    assert (found.code, found.outage) == ("registry-error", True)
