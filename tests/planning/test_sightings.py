"""What counts as a reference, and whose images they are."""

import pytest

from bot.pins import discover
from bot.planning.environment import FirstPin
from bot.planning.sightings import ImagesDraft, Sighting, anybodys, image_rules, may_count, owners, sightings
from tests.builders import written


def seen(*texts: str) -> tuple[Sighting, ...]:
    pins = [pin for text in texts for pin in discover("a.yaml", written(text).encode(), anybodys()).pins]
    return tuple(sightings(pins))


@pytest.mark.parametrize(
    "text",
    [
        "image: ghcr.io/acme/api:main",
        "anything: ghcr.io/acme/api@<a>",
        "image: ghcr.io/acme/api",
        "image: {repository: ghcr.io/acme/api, pullPolicy: Always}",
        "image: {registry: ghcr.io, repository: acme/api, tag: main}",
        "image: {repository: acme/api, tag: main}",
        "spec: {image: acme/api:1.2}",
        "images: [{name: api, newName: ghcr.io/acme/api, newTag: x}]",
        "text: |\n  image: ghcr.io/acme/api:main\n",
    ],
)
def test_references_count(text: str) -> None:
    assert len(seen(text)) == 1
    assert may_count(written(text).encode())


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: networking.k8s.io/v1",
        "apiVersion: apps/v1",
        "chart: {repository: https://charts.example.org/stable, version: 1.2.3}",
        "repoURL: https://github.com/acme/gitops.git",
        "repoURL: ghcr.io/acme/charts",
        "repository: oci://ghcr.io/acme/charts",
        "repository: acme/gitops",
        "repository: github.com/acme/gitops",
        "image: redis:8.2.1",
        "forward: svc/api:8080",
        "address: api.default.svc:8080",
        'image: "ghcr.io/acme/api:{{ .Values.tag }}"',
        "uses: acme/actions/build@v1",
    ],
)
def test_what_only_reads_like_one_does_not(text: str) -> None:
    assert seen(text) == ()


def test_most_files_need_not_be_read() -> None:
    assert not may_count(b"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\ndata: {a/b: c}\n")


HEX = "1f3c9ab"


@pytest.mark.parametrize(
    ("texts", "origin", "expected"),
    [
        pytest.param(["a: ghcr.io/acme/api:1.0.0", "a: quay.io/x/y:main"], "Acme", ["ghcr.io/acme"], id="origin"),
        pytest.param(
            ["a: quay.io/acme/api:1.0.0", "a: ghcr.io/acme/y:main"],
            "acme",
            ["ghcr.io/acme", "quay.io/acme"],
            id="hosts",
        ),
        pytest.param(["a: quay.io/x/y:main"], "acme", ["quay.io/x"], id="the origin has no images"),
        pytest.param(
            ["a: quay.io/x/y:main", "a: ghcr.io/z/a:main", "a: ghcr.io/z/b:dev"],
            None,
            ["ghcr.io/z"],
            id="most frequent",
        ),
        pytest.param(
            ["a: quay.io/x/y:latest", "a: quay.io/x/z:latest", "a: a.io/b/c:main"], None, ["a.io/b"], id="latest"
        ),
        pytest.param(["image: a/b:main", "image: a/c:main", "a: g.io/b/c:main"], None, ["g.io/b"], id="a host written"),
        pytest.param([f"a: g.io/b/c:{HEX}", "a: docker.io/x/y:1.2"], None, ["g.io/b"], id="a commit"),
        pytest.param(["a: g.io/b/c@<a>", "a: x.io/x/y:1.2@<a>"], None, ["g.io/b"], id="a digest without a version"),
        pytest.param(
            ["a: 1.dkr.ecr.eu-west-1.amazonaws.com/api:main"], None, ["1.dkr.ecr.eu-west-1.amazonaws.com"], id="host"
        ),
        pytest.param(["a: localhost:5001/b/api:main"], None, [], id="localhost"),
        pytest.param(["a: '[::1]:5001/b/api:main'"], None, [], id="no pattern can hold it"),
        pytest.param(["a: docker.io/bitnami/redis:7.2.1"], None, [], id="versions alone"),
        pytest.param([], "acme", [], id="nothing"),
    ],
)
def test_owners(texts: list[str], origin: str | None, expected: list[str]) -> None:
    assert [str(one) for one in owners(seen(*texts), origin)] == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["acme/api"], [("ghcr.io/acme/*", True)], id="flat"),
        pytest.param(
            ["acme/api", "acme/mirror/redis", "acme/charts/x", "acme/docker.io/y"],
            [
                ("ghcr.io/acme/charts/**", False),
                ("ghcr.io/acme/docker.io/**", False),
                ("ghcr.io/acme/mirror/**", False),
                ("ghcr.io/acme/*", True),
            ],
            id="mirrors first",
        ),
        pytest.param(["acme/shop/api", "acme/mirror"], [("ghcr.io/acme/**", True)], id="nested"),
        pytest.param(["api"], [("ghcr.io/*", True)], id="on the host"),
    ],
)
def test_image_rules(names: list[str], expected: list[tuple[str, bool]]) -> None:
    found = seen(*(f"a: ghcr.io/{name}:main" for name in names))
    assert [(one.match, one.move) for one in image_rules(found, owners(found, None))] == expected


def test_it_counts_the_first_pins_that_need_a_word() -> None:
    found = seen(
        "a: {repository: ghcr.io/acme/api, tag: main}",
        "a: {repository: ghcr.io/acme/api, tag: v1.2.3}",
        "a: {repository: ghcr.io/acme/mirror/api, tag: main}",
        "a: {repository: ghcr.io/acme/api, tag: main, digest: ''}",
    )
    assert image_rules(found, owners(found, None))[1] == ImagesDraft(match="ghcr.io/acme/*", unpinned=1)


@pytest.mark.parametrize(
    ("text", "unpinned", "first"),
    [
        ("images: [{name: a, newName: ghcr.io/acme/api, newTag: main}]", 1, FirstPin.DIGEST_KEY),
        (
            "images: [{name: ghcr.io/acme/api, newTag: main}, {name: ghcr.io/acme/web, newTag: v1}]",
            1,
            FirstPin.DIGEST_KEY,
        ),
        ("images: [{name: ghcr.io/acme/api, newTag: v1}]\nx: ghcr.io/acme/api:main", 0, FirstPin.ASK),
        (
            "images: [{name: ghcr.io/acme/api, newTag: main}]\nx: {repository: ghcr.io/acme/api, tag: v1}",
            1,
            FirstPin.ASK,
        ),
    ],
)
def test_the_first_digest_is_a_key_where_all_without_one_are_kustomizes(
    text: str, unpinned: int, first: FirstPin
) -> None:
    found = seen(text)

    (rule,) = image_rules(found, owners(found, "acme"))
    assert (rule.unpinned, rule.first_pin) == (unpinned, first)
