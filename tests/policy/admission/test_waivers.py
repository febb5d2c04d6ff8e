"""Waivers in the cluster: for an image and a rule, in the environments whose files they speak of, until they expire."""

from datetime import date

import pytest

from tests.policy.admission.cluster import READER, Cluster, Json
from tests.policy.admission.objects import POD, WORKLOADS, tree
from tests.policy.admission.rendering import TODAY, excused, render

LEGACY = "ghcr.io/acme/legacy:1.4.0"
WAIVER = (
    "{rule: tag-only, path: env/production, image: ghcr.io/acme/legacy, reason: no digests yet, owner: platform, "
    "expires: 2026-12-31}"
)


def policies(text: str) -> dict[str, Json]:
    objects = [one for one in READER.load_all(text) if one]
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == "ValidatingAdmissionPolicy"}


def denied(image: str, waivers: str, *, text: str = POD, today: date = TODAY) -> list[str]:
    return [one.policy for one in Cluster(render(waivers=waivers, today=today)).asked(tree(text, image))]


@pytest.mark.parametrize(
    ("image", "passes"),
    [
        (LEGACY, True),
        ("ghcr.io/acme/legacy/worker:1.4.0", True),
        ("ghcr.io/acme/legacy-2:1.4.0", False),
        ("ghcr.io/acme/api:1.4.0", False),
    ],
)
def test_a_waiver_lets_its_image_in_and_no_other(image: str, passes: bool) -> None:
    assert (denied(image, WAIVER) == []) == passes


def test_a_waiver_is_of_one_rule() -> None:
    assert denied("ghcr.io/acme/legacy:main", WAIVER) == ["bump-production-floating-tag"]


def test_other_peoples_versions_are_refused_until_a_waiver_or_a_level_lets_them_in() -> None:
    waiver = WAIVER.replace("tag-only", "unpinned").replace("ghcr.io/acme/legacy", "docker.io/library/redis")
    softer = Cluster(render("{rules: {unpinned: warning}, admission: {actions: Deny}}"))

    assert denied("redis:7.2.5", WAIVER) == ["bump-production-unpinned"]
    assert denied("redis:7.2.5", waiver) == []
    (told,) = softer.asked(tree(POD, "redis:7.2.5"))
    assert (told.policy, told.actions) == ("bump-production-unpinned-warning", ("Warn",))


def test_a_waived_image_does_not_bring_its_neighbour_in() -> None:
    text = WORKLOADS["Pod, sidecar"].replace("ghcr.io/acme/api@<a>", "ghcr.io/acme/web:1.4.0")
    (refusal,) = Cluster(render(waivers=WAIVER)).asked(tree(text, LEGACY))

    assert "ghcr.io/acme/web:1.4.0" in refusal.message
    assert "legacy" not in refusal.message


def test_a_pattern_is_a_waiver_too() -> None:
    waiver = WAIVER.replace("ghcr.io/acme/legacy", '"ghcr.io/*/legacy-*"')

    assert denied("ghcr.io/acme/legacy-2:1.4.0", waiver) == []
    assert denied("ghcr.io/acme/api:1.4.0", waiver) == ["bump-production-tag-only"]


def test_several_waivers_let_an_object_of_several_images_in() -> None:
    both = f"{WAIVER}, {WAIVER.replace('acme/legacy', 'acme/api')}"
    text = WORKLOADS["Pod, sidecar"].replace("ghcr.io/acme/api@<a>", "ghcr.io/acme/api:1.4.0")

    assert denied(LEGACY, both, text=text) == []


def test_the_waived_object_skips_the_policy_by_a_match_condition_and_the_end_is_an_annotation() -> None:
    found = policies(render(waivers=WAIVER))

    waived = found.pop("bump-production-tag-only")
    assert waived["metadata"]["annotations"] == {
        "bump/waivers": "ghcr.io/acme/legacy until 2026-12-31, platform: no digests yet"
    }
    assert [one["name"] for one in waived["spec"]["matchConditions"]][-1] == "not-waived"
    for other in found.values():
        assert "annotations" not in other["metadata"]
        assert "not-waived" not in [one["name"] for one in other["spec"]["matchConditions"]]


def test_an_expired_waiver_is_left_out_on_the_day_after_its_last() -> None:
    assert denied(LEGACY, WAIVER, today=date(2026, 12, 31)) == []
    assert denied(LEGACY, WAIVER, today=date(2027, 1, 1)) == ["bump-production-tag-only"]
    assert render(waivers=WAIVER, today=date(2027, 1, 1)) == render()
    assert [one.rule for one in excused(WAIVER, today=date(2027, 1, 1)).expired] == ["tag-only"]


@pytest.mark.parametrize(
    ("path", "environments"),
    [
        ("env/production", ["production"]),
        ("env/production/api.yaml", ["production"]),
        ('"**"', ["dev", "production"]),
        ("shared", ["production"]),
        ("env/prod", []),
        ("docs", []),
    ],
)
def test_a_waiver_holds_where_its_files_are_or_are_layers(path: str, environments: list[str]) -> None:
    held = excused(WAIVER.replace("env/production", path), environments=("dev", "production")).held

    assert [name for name, waivers in held.items() if waivers] == environments


def test_a_waiver_without_an_image_is_left_out_and_told() -> None:
    waiver = WAIVER.replace("image: ghcr.io/acme/legacy, ", "")

    assert [one.rule for one in excused(waiver).imageless] == ["tag-only"]
    assert denied(LEGACY, waiver) == ["bump-production-tag-only"]


def test_a_waiver_of_a_rule_that_no_cluster_sees_is_nobodys_matter() -> None:
    found = excused(WAIVER.replace("tag-only", "image-shape").replace("image: ghcr.io/acme/legacy, ", ""))

    assert (found.held, found.expired, found.imageless) == ({"production": ()}, (), ())


def test_the_order_of_waivers_does_not_matter() -> None:
    other = WAIVER.replace("acme/legacy", "acme/api")

    assert render(waivers=f"{WAIVER}, {other}") == render(waivers=f"{other}, {WAIVER}")


def test_a_hundred_waivers_stay_one_condition() -> None:
    many = ", ".join(WAIVER.replace("acme/legacy", f"acme/legacy{number}") for number in range(100))
    found = policies(render(waivers=many))["bump-production-tag-only"]

    assert len(found["spec"]["matchConditions"]) == len(("not-a-mirror-pod", "not-by-a-controller", "not-waived"))
    assert denied("ghcr.io/acme/legacy99:1.4.0", many) == []
