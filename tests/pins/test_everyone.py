"""Everybody’s images, for checks: where a key says that it names one, nowhere else; and what stands there wrongly."""

from dataclasses import replace

import pytest

from bot.pins import NO_LAYERS, Found, discover, read_layers
from bot.planning.coverage import relative
from bot.planning.glob import Glob
from tests.builders import OURS, found, written

EVERYONE = replace(OURS, everyone=True)


def seen(text: str) -> Found:
    return discover("values.yaml", written(text).encode(), EVERYONE, NO_LAYERS)


@pytest.mark.parametrize(
    ("text", "references"),
    [
        pytest.param("image: redis:7", ["redis:7"], id="image"),
        pytest.param("initImage: quay.io/x/y@<a>", ["quay.io/x/y@<a>"], id="a key that ends so"),
        pytest.param("image: {ref: redis:7}", ["redis:7"], id="image.ref"),
        pytest.param("volumes: [{image: {reference: redis:7}}]", ["redis:7"], id="a volume made of an image"),
        pytest.param("images: [redis:7, 'a=quay.io/x/y:1']", ["redis:7", "quay.io/x/y:1"], id="a list"),
        pytest.param("image: {repository: redis, tag: '7'}", ["redis:7"], id="a mapping"),
        pytest.param("image: {registry: quay.io, repository: x/y, tag: a}", ["quay.io/x/y:a"], id="with registry"),
        pytest.param("redis: {repository: quay.io/x/y, tag: a}", ["quay.io/x/y:a"], id="with a host"),
        pytest.param("redis: {repository: x/y, tag: a, pullPolicy: Always}", ["x/y:a"], id="with a pull policy"),
        pytest.param("redis: {repository: x/y, digest: <a>}", ["x/y@<a>"], id="with a digest"),
        pytest.param("x: {image: redis, tag: '7'}", ["redis:7"], id="image and tag"),
        pytest.param("a: {imageRepository: x/y, imageTag: b}", ["x/y:b"], id="imageTag"),
        pytest.param("images: [{name: x, newName: x/y, newTag: '1'}]", ["x/y:1"], id="kustomize"),
        pytest.param("m: |\n  spec: {image: redis:7}", ["redis:7"], id="in a text"),
        pytest.param("x: ghcr.io/acme/api:1", ["ghcr.io/acme/api:1"], id="ours, anywhere"),
        pytest.param("x: redis:7", [], id="another key"),
        pytest.param("x: {repository: github.com/x/y, tag: v1}", [], id="source code"),
        pytest.param("x: {repository: bitnami, tag: v1}", [], id="a chart"),
        pytest.param("image: {pullPolicy: Always}", [], id="no name"),
        pytest.param("image: true", ["true"], id="a word"),
    ],
)
def test_images_of_everybody(text: str, references: list[str]) -> None:
    assert [str(pin.reference) for pin in seen(text).pins] == [written(one) for one in references]


def test_an_update_looks_for_ours_alone() -> None:
    text = "image: redis:7\nx: ghcr.io/acme/api:1\ny: {image: 'ghcr.io/acme/API:1'}\n"
    assert [str(pin.reference) for pin in found(text).pins] == ["ghcr.io/acme/api:1"]
    assert found(text).illegible == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("image: ghcr.io/acme/API:1", True, id="upper case"),
        pytest.param('image: "ghcr.io/acme/api:\\n::x"', True, id="a line feed"),
        pytest.param("image: GHCR.io/Acme/api:1", True, id="an owner in upper case"),
        pytest.param("image: our ghcr.io/acme/api", False, id="a sentence"),
        pytest.param("image: https://ghcr.io/acme/API", False, id="an address"),
        pytest.param("image: other/API", False, id="another's"),
        pytest.param("x: ghcr.io/acme/API:1", False, id="another key"),
        pytest.param("image: 'ghcr.io/acme/API:{{ x }}'", False, id="a template"),
    ],
)
def test_what_can_only_be_meant_as_ours(text: str, told: bool) -> None:
    assert bool(seen(text).illegible) is told


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("kind: Domain\nspec: {image: redis:7}", ["Domain"], id="a document"),
        pytest.param("image: redis:7", [None], id="none"),
        pytest.param("kind: A\nimage: redis:7\n---\nkind: B\nimage: redis:7", ["A", "B"], id="two documents"),
        pytest.param("kind: A\nm: |\n  kind: B\n  image: redis:7\n", ["B"], id="a text in it"),
        pytest.param("kind: A\nm: |\n  image: redis:7\n", [None], id="a text without"),
        pytest.param("kind: A\nhelm: {valuesObject: {image: redis:7}}", [None], id="values in it"),
    ],
)
def test_the_kind_of_the_document_around(text: str, kinds: list[str | None]) -> None:
    assert [pin.kind for pin in seen(text).pins] == kinds


def test_a_layers_digest_under_another_repository() -> None:
    layer, path = written("image: {repository: ghcr.io/acme/api, digest: <a>}\n").encode(), "env/dev/a.yaml"
    names = relative([Glob.parse("env/dev/**")], [Glob.parse("shared/**")], [path], ["shared/a.yaml"])
    layers, _ = read_layers([("shared/a.yaml", layer, 0)], EVERYONE, [path], names)
    (one,) = discover(path, b"image: {repository: ghcr.io/acme/web}\n", EVERYONE, layers).overrides
    assert (one.name, one.key, one.named_in) == ("ghcr.io/acme/web", "image.repository", "shared/a.yaml:1")
