"""What is whole and what is not, over images built here and read from memory."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RegistryError
from bot.image import Content, Descriptor, Digest, Platform, parse_content
from bot.registry.proof import MOST_UNNAMED, Demand, Proven, glance, prove
from tests.doubles.registry import images
from tests.doubles.registry.images import Image, Kind, Part

REVISION = "org.opencontainers.image.revision"
AMD, ARM = "linux/amd64", "linux/arm64"


class Memory:
    """A repository in memory; `read` are the digests that were fetched, in order."""

    def __init__(self, *parts: Part | Image) -> None:
        self._parts: dict[Digest, Part] = {}
        for part in parts:
            for one in (part.manifest, *part.blobs) if isinstance(part, Image) else (part,):
                self._parts[one.digest] = one
        self.read: list[Digest] = []

    async def manifest(self, wanted: Digest) -> Content:
        await asyncio.sleep(0)
        self.read.append(wanted)
        part = self._parts.get(wanted)
        if part is None:
            raise RegistryError("manifest-missing", f"{wanted} is not here")
        return parse_content(part.body, content_type=part.media_type, expected=wanted)

    async def config(self, descriptor: Descriptor) -> bytes:
        await asyncio.sleep(0)
        self.read.append(descriptor.digest)
        return self._parts[descriptor.digest].body


def content(part: Part) -> Content:
    return parse_content(part.body, content_type=part.media_type, expected=part.digest)


def proven(top: Part, source: Memory, *platforms: str, allow_single_arch: bool = False) -> Proven:
    demand = Demand(
        platforms=tuple(Platform.parse(platform) for platform in platforms),
        allow_single_arch=allow_single_arch,
        named_in="images[0].platforms",
    )
    return asyncio.run(prove(content(top), source, demand))


def refused(top: Part, source: Memory, *platforms: str, allow_single_arch: bool = False) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        proven(top, source, *platforms, allow_single_arch=allow_single_arch)
    assert not caught.value.outage
    return caught.value


def built(
    platforms: Sequence[str] = (AMD, ARM),
    *,
    labels: Mapping[str, str] | None = None,
    labels_of: Mapping[str, Mapping[str, str]] | None = None,
    kind: Kind = "oci",
) -> tuple[Part, Memory, Mapping[str, Image]]:
    made = {
        platform: images.image(platform, {**(labels or {}), **(labels_of or {}).get(platform, {})}, kind=kind)
        for platform in platforms
    }
    index = images.index([images.entry(one.manifest, platform) for platform, one in made.items()], kind=kind)
    return index, Memory(index, *made.values()), made


# ---- platforms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["oci", "docker"])
def test_an_index_with_all_that_is_required_is_whole(kind: Kind) -> None:
    index, source, made = built(kind=kind)
    found = proven(index, source, AMD, ARM)
    assert [str(variant.platform) for variant in found.variants] == [AMD, ARM]
    assert [variant.digest for variant in found.variants] == [made[AMD].manifest.digest, made[ARM].manifest.digest]
    for variant, one in zip(found.variants, made.values(), strict=True):
        assert variant.size == len(one.manifest.body) + sum(len(blob.body) for blob in one.blobs)
    assert found.warnings == ()


def test_what_is_not_required_is_listed_and_not_fetched() -> None:
    index, source, made = built((AMD, ARM, "linux/s390x"))
    found = proven(index, source, AMD)
    assert [(str(variant.platform), variant.size is None) for variant in found.variants] == [
        (AMD, False),
        (ARM, True),
        ("linux/s390x", True),
    ]
    assert source.read == [made[AMD].manifest.digest, made[AMD].blobs[0].digest]


def test_without_required_platforms_all_are_looked_at() -> None:
    index, source, _ = built((AMD, ARM, "linux/s390x"))
    assert None not in {variant.size for variant in proven(index, source).variants}


def test_but_no_more_than_a_few() -> None:
    platforms = [f"linux/cpu{number:02}" for number in range(MOST_UNNAMED + 3)]
    index, source, _ = built(platforms)
    found = proven(index, source)
    assert len(source.read) == 2 * MOST_UNNAMED
    assert found.warnings == ("no platforms are required: 16 of 19 were looked at",)


def test_a_missing_platform_says_what_there_is_and_what_to_do() -> None:
    index, source, _ = built((AMD,))
    error = refused(index, source, AMD, ARM)
    assert (error.code, str(error)) == (
        "platform-missing",
        "no linux/arm64 in the index (has linux/amd64); publish it, or drop it from images[0].platforms",
    )
    assert source.read == []


@pytest.mark.parametrize("platforms", [(), (AMD,)])
def test_an_index_without_a_platform_proves_nothing(platforms: Sequence[str]) -> None:
    assert refused(images.index([]), Memory(), *platforms).code == "platform-missing"


def test_attestations_and_unknown_platforms_are_none() -> None:
    _, source, made = built((AMD,))
    about = made[AMD].manifest
    entries = [
        images.attestation_entry(images.attestation(about).manifest, about),
        {**images.attestation(about).manifest.descriptor, "platform": {"os": "unknown", "architecture": "unknown"}},
        {**about.descriptor, "artifactType": "application/vnd.docker.attestation.manifest.v1+json"},
        images.entry(about, None),
        {**about.descriptor, "mediaType": "application/vnd.example+json", "platform": {"os": "a", "architecture": "b"}},
        images.entry(about, AMD),
    ]
    found = proven(images.index(entries), source)
    assert found.platforms == {Platform.parse(AMD)}


def test_platforms_compare_after_normalisation() -> None:
    one = images.image(ARM, {})
    entry = {**one.manifest.descriptor, "platform": {"os": "linux", "architecture": "aarch64", "variant": "v8"}}
    assert proven(images.index([entry]), Memory(one), "linux/arm64/v8").platforms == {Platform.parse(ARM)}


def test_the_first_entry_of_a_platform_counts_as_it_does_for_runtimes() -> None:
    first, second = images.image(AMD, {}, seed="1"), images.image(AMD, {}, seed="2")
    index = images.index([images.entry(first.manifest, AMD), images.entry(second.manifest, AMD)])
    assert [variant.digest for variant in proven(index, Memory(first, second), AMD).variants] == [first.manifest.digest]


def test_a_manifest_that_is_not_there_is_no_platform() -> None:
    index, _, made = built()
    assert refused(index, Memory(index, made[AMD]), AMD, ARM).code == "manifest-missing"


@settings(deadline=None)  # an event loop is opened each time
@given(st.permutations([AMD, ARM, "linux/s390x", "linux/ppc64le"]))
def test_of_several_failures_the_first_platform_is_named(order: list[str]) -> None:
    index, _, made = built()
    several = images.index([images.entry(made[AMD].manifest, platform) for platform in order])
    error = refused(several, Memory(index), *sorted(order))
    assert str(made[AMD].manifest.digest) in str(error)


def test_a_config_for_another_platform_is_a_warning() -> None:
    one = images.image(AMD, {})
    index = images.index([images.entry(one.manifest, ARM)])
    assert proven(index, Memory(one), ARM).warnings == ("the config of linux/arm64 says linux/amd64",)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"size": 1}, "size-mismatch"), ({"mediaType": images.MANIFEST["docker"]}, "media-type-mismatch")],
)
def test_an_index_tells_the_truth_about_its_manifests(change: Mapping[str, object], code: str) -> None:
    one = images.image(AMD, {})
    index = images.index([{**images.entry(one.manifest, AMD), **change}])
    assert refused(index, Memory(one), AMD).code == code


def test_an_index_in_the_place_of_a_manifest_is_refused() -> None:
    inner, source, _ = built()
    entry = {**images.entry(inner, AMD), "mediaType": images.MANIFEST["oci"]}
    assert refused(images.index([entry]), source, AMD).code == "media-type-mismatch"


# ---- nested ---------------------------------------------------------------------------------------------------------


def nested(depth: int) -> tuple[Part, Memory]:
    one = images.image(AMD, {})
    levels = [images.index([images.entry(one.manifest, AMD)])]
    for _ in range(depth - 1):
        levels.append(images.index([images.entry(levels[-1], None)]))
    return levels[-1], Memory(one, *levels)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_indexes_within_indexes_are_followed_to_three(depth: int) -> None:
    top, source = nested(depth)
    assert proven(top, source, AMD).platforms == {Platform.parse(AMD)}


def test_and_no_deeper() -> None:
    top, source = nested(4)
    assert refused(top, source, AMD).code == "index-too-deep"


def test_nor_wider() -> None:
    inner = [images.index([{**images.image(f"linux/cpu{number}", {}).manifest.descriptor}]) for number in range(9)]
    top = images.index([images.entry(one, None) for one in inner])
    source = Memory(*inner)
    assert refused(top, source).code == "index-too-deep"
    assert source.read == []


# ---- one platform alone ---------------------------------------------------------------------------------------------


def test_a_single_manifest_is_of_the_platform_its_config_says() -> None:
    one = images.image(ARM, {REVISION: "a" * 40})
    found = proven(one.manifest, Memory(one), ARM)
    assert [(str(variant.platform), variant.digest) for variant in found.variants] == [(ARM, one.manifest.digest)]
    assert found.build.revision == "a" * 40


def test_where_two_are_required_a_single_manifest_is_refused() -> None:
    one = images.image(AMD, {})
    error = refused(one.manifest, Memory(one), AMD, ARM)
    assert error.code == "not-an-index"
    assert "expected an index with linux/amd64, linux/arm64" in str(error)


def test_unless_it_is_allowed_and_one_of_them() -> None:
    one = images.image(AMD, {})
    assert proven(one.manifest, Memory(one), AMD, ARM, allow_single_arch=True).platforms == {Platform.parse(AMD)}
    assert refused(one.manifest, Memory(one), ARM, "linux/s390x", allow_single_arch=True).code == "platform-missing"


def test_a_single_manifest_of_another_platform_is_missing_it() -> None:
    one = images.image(AMD, {})
    assert "no linux/arm64 in the manifest (has linux/amd64)" in str(refused(one.manifest, Memory(one), ARM))


def test_an_artifact_has_no_platform() -> None:
    config = Part("application/vnd.cncf.helm.config.v1+json", b'{"name": "chart"}')
    chart = Image(images.manifest(config, ()), (config,))
    assert proven(chart.manifest, Memory(chart)).variants == ()
    assert "(has none)" in str(refused(chart.manifest, Memory(chart), AMD))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"os": "a b", "architecture": "c"}'])
def test_a_config_that_is_none_is_refused(body: bytes) -> None:
    config = Part(images.CONFIG["oci"], body)
    one = Image(images.manifest(config, ()), (config,))
    assert refused(one.manifest, Memory(one)).code == "invalid-config"


# ---- labels ---------------------------------------------------------------------------------------------------------


def labels(**texts: str) -> dict[str, str]:
    return {f"org.opencontainers.image.{name}": text for name, text in texts.items()}


def test_what_all_platforms_say_is_the_build() -> None:
    source = "https://github.com/acme/api"
    index, memory, _ = built(
        labels=labels(revision="a" * 40, source=source, version="1.2"),
        labels_of={AMD: labels(created="2026-11-02T10:00:09Z"), ARM: labels(created="2026-11-02T10:00:00Z")},
    )
    build = proven(index, memory, AMD, ARM).build
    assert (build.revision, build.source, build.version) == ("a" * 40, source, "1.2")
    assert build.created == datetime(2026, 11, 2, 10, tzinfo=UTC)


def test_different_commits_are_told_apart() -> None:
    index, memory, _ = built(labels_of={AMD: labels(revision="a" * 40), ARM: labels(revision="b" * 40)})
    error = refused(index, memory, AMD, ARM)
    assert error.code == "mixed-revisions"
    assert "(linux/amd64 aaaaaaaaaaaa, linux/arm64 bbbbbbbbbbbb)" in str(error)


def test_only_the_required_platforms_have_a_say() -> None:
    index, memory, _ = built(labels_of={AMD: labels(revision="a" * 40), ARM: labels(revision="b" * 40)})
    assert proven(index, memory, AMD).build.revision == "a" * 40


def test_what_they_do_not_agree_on_is_not_known() -> None:
    index, memory, _ = built(labels_of={AMD: labels(version="1", revision="a" * 40), ARM: labels(version="2")})
    found = proven(index, memory, AMD, ARM)
    assert (found.build.version, found.build.revision) == (None, None)
    assert found.warnings == ("not every platform says which commit it was built from",)


# ---- the old one ----------------------------------------------------------------------------------------------------


def seen(index: Part, memory: Memory, *wanted: str, told: bool = True) -> tuple[set[str], str | None]:
    """The platforms, and the commit of the one whose labels were read."""
    platforms = tuple(Platform.parse(one) for one in wanted)
    there, build, _ = asyncio.run(glance(content(index), memory, platforms, told=told))
    return {str(one) for one in there}, build.revision


def test_which_platforms_there_were_and_what_one_says() -> None:
    index, memory, made = built(labels_of={AMD: labels(revision="a" * 40), ARM: labels(revision="b" * 40)})
    assert seen(index, memory, told=False) == ({AMD, ARM}, None)
    assert memory.read == []
    assert seen(index, memory) == ({AMD, ARM}, "a" * 40)
    assert seen(index, memory, "linux/s390x", ARM) == ({AMD, ARM}, "b" * 40)
    assert len(memory.read) == 4
    assert seen(made[ARM].manifest, memory) == ({ARM}, "b" * 40)


def test_labels_that_cannot_be_read_say_nothing_and_the_platforms_count() -> None:
    index, _, _ = built()
    assert seen(index, Memory()) == ({AMD, ARM}, None)


def test_an_old_artifact_had_none() -> None:
    config = Part("application/vnd.example+json", json.dumps({}).encode())
    one = Image(images.manifest(config, ()), (config,))
    assert seen(one.manifest, Memory(one)) == (set(), None)
