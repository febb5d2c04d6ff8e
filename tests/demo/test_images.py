"""The demo's images: whole, and the same bytes everywhere."""

import json

import pytest

from bot.demo.gitops import repository_of
from bot.demo.images import AMD64, ARM64, Image, build
from bot.image import Digest, Index, Manifest, Platform, parse_config, parse_content, parse_platform

API = repository_of("api")


def manifests_of(image: Image) -> list[Manifest]:
    parsed = [parse_content(one.body, content_type=one.media_type, expected=one.digest) for one in image.manifests]
    return [one for one in parsed if isinstance(one, Manifest)]


def test_the_digests_are_the_same_on_every_machine() -> None:
    # Should this ever have to change, so do the README and whatever else shows the demo.
    assert str(build(API, 1).index.digest) == "sha256:305380cf0f6b50e9d14c241fcc4be20ea1af5e653bde7a2d788639f07ff5adf3"


def test_every_image_build_and_choice_of_platforms_has_its_own() -> None:
    images = [build(API, 1), build(API, 2), build(repository_of("web"), 1), build(API, 1, AMD64)]
    assert len({image.index.digest for image in images}) == len(images)


@pytest.mark.parametrize("platforms", [(AMD64, ARM64), (AMD64,)], ids=["two platforms", "one platform"])
def test_what_an_image_names_is_in_it(platforms: tuple[Platform, ...]) -> None:
    image = build(API, 1, *platforms)
    index = parse_content(image.index.body, content_type=image.index.media_type, expected=image.index.digest)
    assert isinstance(index, Index)
    assert [entry.platform for entry in index.manifests] == list(platforms)
    assert {entry.digest for entry in index.manifests} == {one.digest for one in image.manifests}
    assert all(entry.size == len(one.body) for entry, one in zip(index.manifests, image.manifests, strict=True))
    blobs = {blob.digest: blob.body for blob in image.blobs}
    for manifest, platform in zip(manifests_of(image), platforms, strict=True):
        named = [manifest.config, *manifest.layers]
        assert [len(blobs[one.digest]) for one in named] == [one.size for one in named]
        config = blobs[manifest.config.digest]
        assert parse_platform(config) == platform
        assert json.loads(config)["rootfs"]["diff_ids"] == [str(manifest.layers[0].digest)]


def test_its_labels_say_which_build_it_is() -> None:
    first, second = (parse_config(build(API, number).blobs[0].body) for number in (1, 2))
    assert first.source == "https://github.com/acme/api"
    assert first.revision
    assert first.revision != second.revision
    assert first.created
    assert second.created
    assert first.created < second.created


def test_all_platforms_of_a_build_are_of_one_revision() -> None:
    image = build(API, 1)
    configs = {one.config.digest for one in manifests_of(image)}
    revisions = {parse_config(blob.body).revision for blob in image.blobs if Digest.of(blob.body) in configs}
    assert len(revisions) == 1
