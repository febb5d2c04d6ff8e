"""The text of a first configuration."""

from dataclasses import replace

import pytest

from bot import config
from bot.image import Tag
from bot.planning.environment import FirstPin
from bot.planning.glob import Glob
from bot.planning.places import Kind
from bot.planning.sightings import ImagesDraft, Owner
from bot.planning.survey import Draft, EnvironmentDraft
from bot.report.draft import render


def draft(name: str = "dev", *paths: str, unpinned: int = 0) -> Draft:
    return Draft(
        images=(
            ImagesDraft(match="ghcr.io/acme/mirror/**", move=False),
            ImagesDraft(match="ghcr.io/acme/*", unpinned=unpinned),
        ),
        environments=(
            EnvironmentDraft(
                name=name,
                kind=Kind.DEV,
                paths=tuple(Glob.parse(path) for path in paths or ("env/dev/**",)),
                follow=Tag("main"),
                reason="this tag stands once here",
            ),
        ),
        owners=(Owner("ghcr.io", "acme"),),
    )


def test_the_whole_of_it() -> None:
    text = render(draft(), origin="acme/gitops")
    assert (
        text.partition("version: 1\n")[2]
        == """
# gitops: {repository: acme/gitops, base: main}   # left out: the checkout's origin, its default branch

images:  # first match wins; no match means third-party: never moved
  - match: "ghcr.io/acme/mirror/**"
    move: false                                 # copies of other people's images, or charts
  - match: "ghcr.io/acme/*"
    platforms: [linux/amd64, linux/arm64]       # all must be there, or nothing is proposed

environments:
  dev:
    paths: ["env/dev/**"]
    follow: main                                # this tag stands once here
"""
    )


@pytest.mark.parametrize("name", ["1", "no", "null", "0x1f", "1e3", "true", "a-b", "2026-01-01"])
def test_any_name_is_read_back(name: str) -> None:
    read = config.load(render(draft(name), origin=None).encode(), path="c.yaml")
    assert list(read.environments) == [name]


def test_any_path_is_read_back() -> None:
    paths = ("env/größe/**", "a \"b\" 'c'/#d: e/**", "x?y/🚀/**")
    read = config.load(render(draft("dev", *paths), origin=None).encode(), path="c.yaml")
    assert tuple(str(glob) for glob in read.environments["dev"].paths) == paths


def test_it_asks_how_first_digests_are_written() -> None:
    text = render(draft(unpinned=3), origin=None)
    assert "no digest: 3." in text
    assert "first_pin: ask" in text
    assert "repository: owner/name" in text


def test_kustomize_needs_no_question_about_the_first_digest() -> None:
    images = (ImagesDraft(match="ghcr.io/acme/*", unpinned=3, first_pin=FirstPin.DIGEST_KEY),)
    text = render(replace(draft(), images=images), origin=None)

    assert "first_pin: ask" not in text
    assert config.load(text.encode(), path="c.yaml").images[0].first_pin is FirstPin.DIGEST_KEY
