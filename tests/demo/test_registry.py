"""The embedded registry, asked over HTTP as any client would."""

from collections.abc import Iterator

import httpx
import pytest

from bot.demo.gitops import repository_of
from bot.demo.images import build
from bot.demo.registry import EmbeddedRegistry
from bot.image import Digest, Tag

API = repository_of("api")
MAIN = Tag.parse("main")
INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = build(API, 1)


@pytest.fixture
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as running:
        running.push(API, MAIN, IMAGE)
        yield running


@pytest.fixture
def client(registry: EmbeddedRegistry) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=registry.url, trust_env=False) as opened:
        yield opened


def test_it_listens_on_this_machine_alone(registry: EmbeddedRegistry) -> None:
    assert registry.url.startswith("http://127.0.0.1:")


def test_it_says_that_it_is_a_registry(client: httpx.Client) -> None:
    answer = client.get("/v2/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("reference", ["main", str(IMAGE.index.digest)])
def test_a_manifest_is_given_by_tag_and_by_digest(client: httpx.Client, reference: str) -> None:
    answer = client.get(f"/v2/acme/api/manifests/{reference}")
    assert answer.status_code == 200
    assert answer.content == IMAGE.index.body
    assert answer.headers["content-type"] == INDEX
    assert answer.headers["docker-content-digest"] == str(Digest.of(answer.content))


@pytest.mark.parametrize("path", ["manifests/main", f"blobs/{IMAGE.blobs[0].digest}"])
def test_head_says_what_get_says_without_the_body(client: httpx.Client, path: str) -> None:
    head, get = client.head(f"/v2/acme/api/{path}"), client.get(f"/v2/acme/api/{path}")
    assert head.status_code == 200
    assert head.content == b""
    named = ("content-type", "content-length", "docker-content-digest")
    assert [head.headers[name] for name in named] == [get.headers[name] for name in named]


def test_everything_that_an_image_names_is_there(client: httpx.Client) -> None:
    for manifest in IMAGE.manifests:
        answer = client.get(f"/v2/acme/api/manifests/{manifest.digest}")
        assert (answer.content, answer.headers["content-type"]) == (manifest.body, manifest.media_type)
    for blob in IMAGE.blobs:
        assert client.get(f"/v2/acme/api/blobs/{blob.digest}").content == blob.body


def test_a_push_moves_the_tag_and_keeps_the_old_build(registry: EmbeddedRegistry, client: httpx.Client) -> None:
    digest = registry.push(API, MAIN, build(API, 2))
    assert client.head("/v2/acme/api/manifests/main").headers["docker-content-digest"] == str(digest)
    assert client.get(f"/v2/acme/api/manifests/{IMAGE.index.digest}").content == IMAGE.index.body


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v2/acme/api/manifests/other", "MANIFEST_UNKNOWN"),
        (f"/v2/acme/web/manifests/{IMAGE.index.digest}", "MANIFEST_UNKNOWN"),
        (f"/v2/acme/api/blobs/{IMAGE.index.digest}", "BLOB_UNKNOWN"),
        ("/v2/acme/api/tags/list", "NAME_UNKNOWN"),
        ("/", "NAME_UNKNOWN"),
    ],
    ids=["other tag", "other repository", "a manifest is no blob", "list of tags", "not below v2"],
)
def test_what_is_not_there_is_a_404_with_its_code(client: httpx.Client, path: str, code: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_it_cannot_be_written_to(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/v2/acme/api/manifests/main", content=b"{}")
    assert answer.status_code == 405
    assert client.get("/v2/acme/api/manifests/main").content == IMAGE.index.body


def test_it_counts_what_it_is_asked(registry: EmbeddedRegistry, client: httpx.Client) -> None:
    client.head("/v2/acme/api/manifests/main")
    client.get("/v2/acme/api/manifests/other")
    assert registry.requests == 2


def test_a_client_that_hangs_up_disturbs_nobody(
    registry: EmbeddedRegistry, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    with httpx.Client(base_url=registry.url, trust_env=False) as other, other.stream("GET", "/v2/"):
        pass
    assert client.get("/v2/").status_code == 200
    assert capfd.readouterr().err == ""


def test_after_the_demo_nobody_listens() -> None:
    with EmbeddedRegistry() as registry:
        url = registry.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/v2/", trust_env=False)
