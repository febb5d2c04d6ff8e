"""Which pins move, along which channel, and what `--image` means."""

import random

import pytest

from bot.errors import ConfigError, UsageError
from bot.pins import discover
from bot.planning.targets import Follows, Stays, first_party, movement, select
from tests.builders import (
    AMD64,
    ARM64,
    configuration,
    digest,
    environment,
    pin,
    repository,
    rule,
    snapshot,
    tag,
    targets_of,
)

DEV = environment()


@pytest.mark.parametrize(
    "text",
    [
        "x: ghcr.io/acme/api:main",
        "x: ghcr.io/acme/api@<a>",
        "x: ghcr.io/acme/api:1f3c9ab@<a>",
        "x: ghcr.io/acme/api:1.2.3@<a>",
        "x: {repository: ghcr.io/acme/api, tag: main}",
        "x: &a ghcr.io/acme/api@<a>",
        "x: {repository: ghcr.io/acme/api, tag: x, digest: 'sha256:short'}",
        "x: ghcr.io/acme/api@sha256:short",
        "x: 'ghcr.io/acme/api:{{ .Values.tag }}'",
        "x: 'ghcr.io/acme/api:1.2.3@{{ .Values.digest }}'",
        "x: {repository: ghcr.io/acme/api, tag: '{{ .Values.tag }}'}",
        "x: {repository: ghcr.io/acme/api, tag: x, digest: '{{ .Values.digest }}'}",
    ],
)
def test_a_pin_with_a_digest_or_with_the_channel_as_its_tag_follows(text: str) -> None:
    assert movement(pin(text), rule(), DEV) == Follows(tag("main"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x: ghcr.io/acme/api", "neither tag nor digest"),
        ("x: ghcr.io/acme/api:1.2.3", "no digest, and the tag 1.2.3 is not the channel main"),
        ("x: ghcr.io/acme/api:Main", "no digest, and the tag Main is not the channel main"),
        ("x: {repository: ghcr.io/acme/api, tag: 1.2.3}", "no digest, and the tag 1.2.3 is not the channel main"),
        ("x: &repository ghcr.io/acme/api", "neither tag nor digest"),
        ("x: '{{ .name }}=ghcr.io/acme/api:1.2.3'", "no digest, and the tag 1.2.3 is not the channel main"),
        ("x: &a ghcr.io/acme/api:1.2.3", "no digest, and the tag 1.2.3 is not the channel main"),
    ],
)
def test_a_pin_without_a_digest_stays_unless_its_tag_is_the_channel(text: str, reason: str) -> None:
    assert movement(pin(text), rule(), DEV) == Stays(reason)


def test_third_party_stays() -> None:
    assert movement(pin("x: acme/api@<a>"), None, DEV) == Stays("no rule of `images` matches")


def test_a_rule_can_forbid_to_move() -> None:
    assert movement(pin("x: acme/api@<a>"), rule(position=3, move=False), DEV) == Stays("images[3] says move: false")


def test_nothing_moves_by_itself_where_no_channel_is_followed() -> None:
    promoted = environment("staging", follow=None, promote_from="dev")
    shared = environment("shared", follow=None)
    one = pin("x: acme/api@<a>")

    assert movement(one, rule(), promoted) == Stays("staging is promoted from dev")
    assert movement(one, rule(channel="main"), shared) == Stays("shared is moved by hand")


def test_the_channel_of_the_image_comes_before_that_of_the_environment() -> None:
    edge = rule(channel="edge")

    assert movement(pin("x: ghcr.io/acme/api:edge"), edge, DEV) == Follows(tag("edge"))
    assert isinstance(movement(pin("x: ghcr.io/acme/api:main"), edge, DEV), Stays)


FILES = {
    "dev/a.yaml": "x: ghcr.io/acme/api@<a>\ny: ghcr.io/acme/web:main\nz: ghcr.io/acme/web:1.0.0\n",
    "dev/b.yaml": "x: ghcr.io/acme/api@<b>\ny: redis:7\n",
}


def test_pins_are_grouped_by_image_and_sorted_by_place() -> None:
    api, web = targets_of(snapshot(FILES))

    assert (api.repository, [one.place for one in api.pins]) == (
        repository("api"),
        ["dev/a.yaml:1:4", "dev/b.yaml:1:4"],
    )
    assert (web.repository, [one.place for one in web.pins]) == (repository("web"), ["dev/a.yaml:2:4"])


def test_a_lookup_asks_once_for_everything_that_is_needed() -> None:
    api, web = targets_of(
        snapshot(FILES), rule(position=2, platforms=[AMD64]), where=environment(platforms=[ARM64, AMD64])
    )

    assert api.lookup.known == {digest("a"), digest("b")}
    assert web.lookup.known == frozenset()
    assert api.lookup.platforms == (AMD64, ARM64)
    assert api.lookup.rule == "images[2]"
    assert api.lookup.subject == "ghcr.io/acme/api:main"


def test_a_lookup_tells_whether_a_pin_has_no_digest_yet() -> None:
    both, pinned = targets_of(
        snapshot({"dev/a.yaml": "x: acme/api@<a>\ny: acme/api:main\nz: acme/web@<a>"}), rule("docker.io/acme/*")
    )

    assert (both.lookup.unpinned, pinned.lookup.unpinned) == (True, False)


def test_the_first_rule_that_matches_decides() -> None:
    mirror = rule("ghcr.io/acme/web", position=0, move=False)

    assert [one.repository.last for one in targets_of(snapshot(FILES), mirror, rule(position=1))] == ["api"]


def test_the_order_of_files_does_not_matter() -> None:
    files = list(FILES.items())
    expected = targets_of(snapshot(FILES))

    for seed in range(5):
        random.Random(seed).shuffle(files)
        assert targets_of(snapshot(dict(files))) == expected


IMAGES = tuple(
    map(repository, ["ghcr.io/acme/api", "ghcr.io/acme/web", "ghcr.io/acme/team/api", "registry.corp:5000/acme/worker"])
)


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ([], {0, 1, 2, 3}),
        (["web"], {1}),
        (["worker"], {3}),
        (["ghcr.io/acme/api"], {0}),
        (["registry.corp:5000/acme/worker"], {3}),
        (["ghcr.io/acme/*"], {0, 1}),
        (["ghcr.io/**"], {0, 1, 2}),
        (["**/api"], {0, 2}),
        (["*"], {0, 1, 2, 3}),
        (["w*"], {1, 3}),
        (["ap?"], {0, 2}),
        (["web", "worker", "web"], {1, 3}),
    ],
)
def test_image_selects_by_the_whole_name_or_by_the_last_segment(texts: list[str], chosen: set[int]) -> None:
    assert select(texts, reversed(IMAGES), "dev") == {IMAGES[number] for number in chosen}


@pytest.mark.parametrize("text", ["apiserver", "API", "acme/api", "ghcr.io/acme", "acme", "ghcr.io/acme/api:main"])
def test_image_that_matches_nothing_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        select([text], IMAGES, "dev")

    assert str(caught.value).startswith(f"--image {text}: matches no image that moves in dev; there are: ")
    assert all(str(image) in str(caught.value) for image in IMAGES)


def test_image_without_a_wildcard_must_name_one_image() -> None:
    with pytest.raises(UsageError, match=r"ambiguous in dev; write one of: ghcr\.io/acme/api, ghcr\.io/acme/team/api"):
        select(["api"], IMAGES, "dev")


def test_image_where_nothing_moves_is_refused() -> None:
    with pytest.raises(UsageError, match="there are: none"):
        select(["*"], [], "dev")


@pytest.mark.parametrize("text", ["", "{api,web}", "api/", "ap[i]"])
def test_image_that_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises((UsageError, ConfigError)):
        select([text], IMAGES, "dev")


def test_an_image_that_is_not_selected_keeps_its_target() -> None:
    assert [(one.repository.last, one.selected) for one in targets_of(snapshot(FILES), selection=["web"])] == [
        ("api", False),
        ("web", True),
    ]


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ("ghcr.io/acme/*", "x: ghcr.io/acme/api@<a>"),
        ("ghcr.io/acme/*", "x: {registry: ghcr.io, repository: acme/api, digest: '<a>'}"),
        ("ghcr.io/acme/*", "x: {registry: ghcr.io/acme, repository: api, digest: '<a>'}"),
        ("ghcr.io/acme/api", "x: ghcr.io/acme/api@<a>"),
        ("ghcr.io/**", "x: ghcr.io/acme/api@<a>"),
        ("ghcr.io/**", "x: GHCR.io/acme/api@<a>"),
        ("ghcr.io/*/api", "x: ghcr.io/acme/api@<a>"),
        ("**/api", "x: ghcr.io/acme/api@<a>"),
        ("*/acme/api", "x: ghcr.io/acme/api@<a>"),
        ("docker.io/acme/*", "x: acme/api@<a>"),
        ("docker.io/acme/*", "x: index.docker.io/acme/api@<a>"),
        ("docker.io/*/api", "x: acme/api@<a>"),
        ("docker.io/**", "x: acme/api@<a>"),
        ("docker.io/library/redis", "x: redis@<a>"),
        ("docker.io/library/*", "x: redis@<a>"),
        ("docker.io/library/*", "x: docker.io/redis@<a>"),
    ],
)
def test_no_file_is_skipped_that_holds_a_first_party_reference(match: str, text: str) -> None:
    assert targets_of(snapshot({"dev/x.yaml": text}), rule(match))


@pytest.mark.parametrize(("match", "image"), [("ghcr.io/acme/*", "redis:7"), ("docker.io/library/redis", "nginx")])
def test_files_of_others_are_skipped_unread(match: str, image: str) -> None:
    assert not discover("x", f"image: {image}\nnot: [yaml".encode(), first_party(configuration(rule(match)))).problems
