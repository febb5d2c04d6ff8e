"""At the real registry: what each channel comes to, and what it costs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.image import Digest, Platform, Tag
from bot.planning.environment import RegistryRule
from bot.planning.order import Relation, relation
from bot.planning.resolution import Current, Lookup, Resolution, Resolved, Unresolved
from bot.registry import Registries
from tests.doubles.registry import PASSWORD, RegistryServer, images
from tests.registry.asking import BOTH, lookup, opened, resolve

ENVIRON = {"BUMP_REGISTRY_TESTS": PASSWORD}
REVISION = "org.opencontainers.image.revision"
CREATED = "org.opencontainers.image.created"


def named(registry: RegistryServer) -> Registries:
    return opened(RegistryRule(host=registry.host, token_env="BUMP_REGISTRY_TESTS"), environ=ENVIRON)


def ask(registry: RegistryServer, *known: Digest, platforms: tuple[str, ...] = BOTH, **flags: bool) -> Resolution:
    registry.forget()
    return resolve(named(registry), about(registry, *known, platforms=platforms, **flags))


def about(registry: RegistryServer, *known: Digest, platforms: tuple[str, ...] = BOTH, **flags: bool) -> Lookup:
    return lookup(f"{registry.host}/acme/api:main", known=known, platforms=platforms, **flags)


def sent(registry: RegistryServer) -> list[str]:
    """The requests without those for authentication: method and kind of path."""
    return [
        f"{one.method} {one.path.split('/')[4]}"
        for one in registry.exchanges
        if one.path != "/token" and one.status != 401
    ]


def code(resolution: Resolution) -> str:
    assert isinstance(resolution, Unresolved)
    assert not resolution.outage
    return resolution.code


# ---- what it comes to -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["oci", "docker"])
def test_a_new_image_is_proven(registry: RegistryServer, kind: images.Kind) -> None:
    pushed = registry.push("acme/api", "main", labels={REVISION: "a" * 40}, kind=kind)
    found = ask(registry)
    assert isinstance(found, Resolved)
    assert found.digest == pushed.digest
    assert found.media_type == images.INDEX[kind]
    assert {str(variant.platform): variant.digest for variant in found.variants} == pushed.platforms
    assert found.build.revision == "a" * 40
    assert found.warnings == ()


def test_an_unchanged_one_is_current(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    assert ask(registry, pushed.digest) == Current(digest=pushed.digest)


def test_pins_that_differ_are_brought_together(registry: RegistryServer) -> None:
    old, new = registry.push("acme/api", "main", seed="1"), registry.push("acme/api", "main", seed="2")
    found = ask(registry, old.digest, new.digest)
    assert isinstance(found, Resolved)
    assert found.digest == new.digest


@pytest.mark.parametrize("pattern", ["{revision}", "sha-{revision:7}"])
def test_the_builds_own_tag_is_named_when_it_is_the_new_digest(registry: RegistryServer, pattern: str) -> None:
    old = registry.push("acme/api", "main", seed="1")
    new = registry.push("acme/api", "main", seed="2", labels={REVISION: "a1b2c3d" + "0" * 33})
    text = pattern.replace("{revision}", "a1b2c3d" + "0" * 33).replace("{revision:7}", "a1b2c3d")
    asked = replace(about(registry, old.digest), revision_tag=pattern)

    missing = resolve(named(registry), asked)
    registry.retag("acme/api", old.digest, text)
    other = resolve(named(registry), asked)
    registry.retag("acme/api", new.digest, text)
    registry.forget()
    found = resolve(named(registry), asked)

    assert [one.revision_tag for one in (missing, other, found) if isinstance(one, Resolved)] == [None, None, Tag(text)]
    assert sent(registry).count("HEAD manifests") == 2


def test_a_repository_of_which_only_a_layer_speaks_has_to_hold_the_old_digest(registry: RegistryServer) -> None:
    other = registry.push("acme/web", "main", seed="9")
    old = registry.push("acme/api", "main", seed="1")
    asked = replace(about(registry, other.digest), doubtful=frozenset({other.digest}))
    wrong = resolve(named(registry), asked)
    assert isinstance(wrong, Unresolved)
    assert (wrong.code, wrong.held) == ("repository-unsure", True)
    assert isinstance(resolve(named(registry), replace(asked, allow_lost_platforms=True)), Unresolved)

    registry.push("acme/api", "main", seed="2")
    right = replace(about(registry, old.digest), doubtful=frozenset({old.digest}))
    assert isinstance(resolve(named(registry), right), Resolved)


def test_a_tag_that_moves_between_two_requests_is_taken_as_it_was_fetched(registry: RegistryServer) -> None:
    old = registry.push("acme/api", "main", seed="1")
    middle = registry.push("acme/api", "main", seed="2")
    late = registry.push("acme/api", "later", seed="3")

    def move(method: str, path: str) -> None:
        if method == "GET" and path.endswith("/main"):
            registry.retag("acme/api", late.digest, "main")

    registry.front.before = move
    found = ask(registry, old.digest)
    assert isinstance(found, Resolved)
    assert found.digest == late.digest
    assert middle.digest not in {variant.digest for variant in found.variants}
    assert {variant.digest for variant in found.variants} == set(late.platforms.values())


def test_a_tag_that_moves_back_between_two_requests_is_current(registry: RegistryServer) -> None:
    old = registry.push("acme/api", "main", seed="1")
    registry.push("acme/api", "main", seed="2")

    def move(method: str, path: str) -> None:
        if method == "GET" and path.endswith("/main"):
            registry.retag("acme/api", old.digest, "main")

    registry.front.before = move
    assert ask(registry, old.digest) == Current(digest=old.digest)


def test_a_tag_that_vanishes_between_two_requests_is_not_found(registry: RegistryServer) -> None:
    old, new = registry.push("acme/api", "old", seed="1"), registry.push("acme/api", "main", seed="2")

    def vanish(method: str, path: str) -> None:
        if method == "GET" and path.endswith("/main"):
            registry.delete("acme/api", new.digest)

    registry.front.before = vanish
    assert code(ask(registry, old.digest)) == "tag-not-found"


@pytest.mark.parametrize("known", [(), (Digest.of(b"old"),)], ids=["by GET", "by HEAD"])
def test_a_tag_that_is_not_there(registry: RegistryServer, known: tuple[Digest, ...]) -> None:
    registry.push("acme/api", "other")
    answer = ask(registry, *known)
    assert code(answer) == "tag-not-found"
    assert isinstance(answer, Unresolved)
    assert answer.message.startswith(f"{registry.host}/acme/api:main: no such tag")


def test_a_missing_platform_is_named(registry: RegistryServer) -> None:
    registry.push("acme/api", "main", platforms=["linux/amd64"])
    answer = ask(registry)
    assert answer == Unresolved(
        code="platform-missing",
        message=f"{registry.host}/acme/api:main: no linux/arm64 in the index (has linux/amd64); publish it, or drop "
        "it from images[0].platforms",
    )


def test_a_platform_whose_manifest_was_deleted(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    registry.delete("acme/api", pushed.platforms["linux/arm64"])
    assert code(ask(registry)) == "manifest-missing"


def test_a_platform_whose_config_was_deleted(registry: RegistryServer) -> None:
    image = images.image("linux/amd64", {})
    registry.push_image("acme/api", image, "main")
    registry.delete_blob("acme/api", image.blobs[0].digest)
    assert code(ask(registry, platforms=("linux/amd64",))) == "manifest-missing"


def test_different_commits_are_held(registry: RegistryServer) -> None:
    of = {"linux/amd64": {REVISION: "a" * 40}, "linux/arm64": {REVISION: "b" * 40}}
    registry.push("acme/api", "main", labels_of=of)
    answer = ask(registry)
    assert code(answer) == "mixed-revisions"
    assert isinstance(answer, Unresolved)
    assert answer.held


def test_a_single_platform_where_two_are_required(registry: RegistryServer) -> None:
    digest = registry.push_single("acme/api", "main")
    assert code(ask(registry)) == "not-an-index"
    found = ask(registry, allow_single_arch=True)
    assert isinstance(found, Resolved)
    assert (found.digest, [str(platform) for platform in found.platforms]) == (digest, ["linux/amd64"])


# ---- lost platforms -------------------------------------------------------------------------------------------------


def test_a_platform_that_was_there_is_not_lost_silently(registry: RegistryServer) -> None:
    old = registry.push("acme/api", "main", platforms=(*BOTH, "linux/s390x"))
    registry.push("acme/api", "main")
    answer = ask(registry, old.digest)
    assert code(answer) == "platforms-lost"
    assert isinstance(answer, Unresolved)
    assert f"linux/s390x is lost (it is in {old.digest})" in answer.message
    assert isinstance(ask(registry, old.digest, allow_lost_platforms=True), Resolved)


def test_every_old_digest_is_compared(registry: RegistryServer) -> None:
    same = registry.push("acme/api", "main", seed="1")
    more = registry.push("acme/api", "main", platforms=(*BOTH, "linux/s390x"), seed="2")
    registry.push("acme/api", "main", seed="3")
    assert isinstance(ask(registry, same.digest), Resolved)
    assert code(ask(registry, same.digest, more.digest)) == "platforms-lost"


def test_one_single_platform_in_the_place_of_another_is_a_loss(registry: RegistryServer) -> None:
    old = registry.push_single("acme/api", "main", platform="linux/amd64")
    registry.push_single("acme/api", "main", platform="linux/arm64")
    assert code(ask(registry, old, platforms=())) == "platforms-lost"


def test_an_index_without_the_single_platform_before_it_is_a_loss(registry: RegistryServer) -> None:
    old = registry.push_single("acme/api", "main", platform="linux/amd64")
    registry.push("acme/api", "main", platforms=["linux/arm64"])
    assert code(ask(registry, old, platforms=())) == "platforms-lost"


def test_an_old_digest_that_is_gone_is_only_not_comparable(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    gone = Digest.of(b"gone")
    found = ask(registry, gone)
    assert isinstance(found, Resolved)
    assert found.digest == pushed.digest
    assert found.warnings == (f"the old digest {gone} is gone: not comparable",)


# ---- what it costs --------------------------------------------------------------------------------------------------


def counted(registry: RegistryServer) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for one in registry.exchanges:
        kind = "token" if one.path == "/token" else "challenge" if one.status == 401 else "request"
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def test_an_unchanged_image_costs_one_request(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    ask(registry, pushed.digest)
    assert sent(registry) == ["HEAD manifests"]
    assert counted(registry) == {"challenge": 1, "token": 1, "request": 1}


def test_many_unchanged_images_cost_one_each_and_one_challenge(registry: RegistryServer) -> None:
    digests = [registry.push(f"acme/api{number}", "main", seed=str(number)).digest for number in range(5)]
    asked = [
        lookup(f"{registry.host}/acme/api{number}:main", known=[digest], platforms=BOTH)
        for number, digest in enumerate(digests)
    ]
    assert isinstance(resolve(named(registry), *asked), Current)
    assert counted(registry) == {"challenge": 1, "token": 5, "request": 5}


@pytest.mark.parametrize("platforms", [("linux/amd64",), BOTH, (*BOTH, "linux/s390x")], ids=len)
def test_a_changed_image_costs_two_and_two_per_required_platform_and_one(
    registry: RegistryServer, platforms: tuple[str, ...]
) -> None:
    there = (*BOTH, "linux/s390x", "linux/ppc64le")
    old = registry.push("acme/api", "main", platforms=there, seed="1")
    registry.push("acme/api", "main", platforms=there, seed="2")
    assert isinstance(ask(registry, old.digest, platforms=platforms), Resolved)
    assert counted(registry)["request"] == 2 + 2 * len(platforms) + 1


def test_the_age_of_an_old_build_costs_two_more(registry: RegistryServer) -> None:
    days = [{CREATED: f"2026-01-0{day}T00:00:00Z"} for day in (1, 2)]
    old = registry.push("acme/api", "main", seed="1", labels=days[0])
    new = registry.push("acme/api", "main", seed="2", labels=days[1])
    found = ask(registry, old.digest)
    assert isinstance(found, Resolved)
    assert counted(registry)["request"] == 2 + 2 * len(BOTH) + 1 + 2
    assert found.build.created is not None
    assert {digest: build.created for digest, build in found.olds.items()} == {
        old.digest: datetime(2026, 1, 1, tzinfo=UTC)
    }

    registry.push("acme/api", "main", seed="3", labels=days[1])
    registry.forget()
    asked = replace(about(registry, old.digest), proposed=frozenset({new.digest}))
    again = resolve(named(registry), asked)
    assert isinstance(again, Resolved)
    assert set(again.olds) == {old.digest, new.digest}


def test_what_an_open_pull_request_proposes_costs_no_head(registry: RegistryServer) -> None:
    old, new = registry.push("acme/api", "main", seed="1"), registry.push("acme/api", "main", seed="2")
    asked = replace(about(registry, old.digest), proposed=frozenset({new.digest}))
    found = resolve(named(registry), asked)
    assert isinstance(found, Resolved)
    assert found.digest == new.digest
    assert counted(registry)["request"] == 1 + 2 * len(BOTH) + 1

    registry.retag("acme/api", old.digest, "main")
    registry.forget()
    assert resolve(named(registry), asked) == Current(digest=old.digest)
    assert sent(registry) == ["GET manifests"]


def test_builds_are_compared_by_the_time_of_the_same_platform(registry: RegistryServer) -> None:
    def at(amd: int, arm: int) -> dict[str, dict[str, str]]:
        return {
            "linux/amd64": {CREATED: f"2026-01-01T{amd:02}:00:00Z"},
            "linux/arm64": {CREATED: f"2026-01-01T{arm:02}:00:00Z"},
        }

    old = registry.push("acme/api", "main", seed="1", labels_of=at(10, 8))
    single = registry.push_single("acme/api", "main", platform="linux/arm64", labels=at(10, 7)["linux/arm64"])
    unlike = registry.push(
        "acme/api", "main", platforms=["linux/s390x"], seed="2", labels={CREATED: "2026-01-01T23:00:00Z"}
    )
    registry.push("acme/api", "main", seed="3", labels_of=at(11, 9))
    found = ask(registry, old.digest, single, unlike.digest, allow_lost_platforms=True)
    assert isinstance(found, Resolved)
    assert found.build.created == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert found.beside == {
        old.digest: datetime(2026, 1, 1, 11, tzinfo=UTC),
        single: datetime(2026, 1, 1, 9, tzinfo=UTC),
        unlike.digest: None,
    }
    relations = {digest: relation(found.build_beside(digest), build) for digest, build in found.olds.items()}
    assert relations == {old.digest: Relation.AHEAD, single: Relation.AHEAD, unlike.digest: Relation.UNKNOWN}


def test_an_old_build_is_looked_at_where_the_new_one_names_its_commit_alone(registry: RegistryServer) -> None:
    source = {"org.opencontainers.image.source": "https://github.com/acme/api"}
    labels = [{**source, "org.opencontainers.image.revision": digit * 40} for digit in "12"]
    old = registry.push("acme/api", "main", seed="1", labels=labels[0])
    registry.push("acme/api", "main", seed="2", labels=labels[1])

    found = ask(registry, old.digest)

    assert isinstance(found, Resolved)
    assert {digest: build.revision for digest, build in found.olds.items()} == {old.digest: "1" * 40}


def test_an_old_build_that_is_gone_is_not_comparable(registry: RegistryServer) -> None:
    old = registry.push("acme/api", "main", seed="1")
    registry.push("acme/api", "main", seed="2", labels={CREATED: "2026-01-02T00:00:00Z"})
    registry.delete("acme/api", old.digest)
    found = ask(registry, old.digest)
    assert isinstance(found, Resolved)
    assert (found.olds, found.warnings) == ({}, (f"the old digest {old.digest} is gone: not comparable",))


def test_a_changed_single_platform_costs_five(registry: RegistryServer) -> None:
    old = registry.push_single("acme/api", "main", seed="1")
    registry.push_single("acme/api", "main", seed="2")
    assert isinstance(ask(registry, old, platforms=("linux/amd64",)), Resolved)
    assert sent(registry) == ["HEAD manifests", "GET manifests", "GET blobs", "GET manifests", "GET blobs"]


def test_an_index_in_the_place_of_a_single_platform_costs_no_more(registry: RegistryServer) -> None:
    old = registry.push_single("acme/api", "main")
    registry.push("acme/api", "main")
    assert isinstance(ask(registry, old), Resolved)
    assert counted(registry)["request"] == 2 + 2 * len(BOTH) + 1


def test_a_first_pin_costs_no_head(registry: RegistryServer) -> None:
    registry.push("acme/api", "main")
    ask(registry)
    assert sorted(sent(registry)) == ["GET blobs"] * 2 + ["GET manifests"] * 3


# ---- who may --------------------------------------------------------------------------------------------------------


def test_a_public_repository_is_read_without_a_credential(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    registry.publish("acme/api")
    assert resolve(opened(), about(registry, pushed.digest)) == Current(digest=pushed.digest)
    assert {one.authorization for one in registry.exchanges} == {"", "bearer"}


def test_a_private_one_is_not(registry: RegistryServer) -> None:
    registry.push("acme/api", "main")
    assert code(resolve(opened(), about(registry))) == "access-denied"


def test_a_wrong_named_credential_is_refused(registry: RegistryServer) -> None:
    registry.push("acme/api", "main")
    rule = RegistryRule(host=registry.host, token_env="BUMP_REGISTRY_TESTS")
    answer = resolve(opened(rule, environ={"BUMP_REGISTRY_TESTS": "wrong-password"}), about(registry))
    assert code(answer) == "access-denied"  # with 403, as at ghcr.io: it does not say what is wrong with it
    assert "wrong-password" not in str(answer)


def test_a_token_that_is_revoked_is_fetched_again(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")

    def revoke(method: str, path: str) -> None:
        if path.endswith("/other"):
            registry.revoke_tokens()

    registry.front.before = revoke
    other = lookup(f"{registry.host}/acme/api:other")
    assert resolve(named(registry), other, about(registry, pushed.digest)) == Current(digest=pushed.digest)
    assert counted(registry)["token"] == 2


def test_ghcr_can_be_mapped_to_a_registry_of_the_demonstration(registry: RegistryServer) -> None:
    pushed = registry.push("acme/api", "main")
    registry.publish("acme/api")
    mapped = opened(endpoints={"ghcr.io": registry.origin})
    assert resolve(mapped, lookup(known=[pushed.digest])) == Current(digest=pushed.digest)


def test_required_platforms_are_normalised(registry: RegistryServer) -> None:
    registry.push("acme/api", "main", platforms=["linux/arm/v7"])
    found = ask(registry, platforms=("linux/arm",))
    assert isinstance(found, Resolved)
    assert found.platforms == (Platform.parse("linux/arm/v7"),)
