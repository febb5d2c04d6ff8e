"""What the cluster admits and refuses: tables of objects, by the rendered CEL, and by `bump check` over the same."""

import math
import re
from functools import cache

import pytest

from tests.policy.admission.cluster import LABELS, PERSON, Cluster, Json, containers, judged
from tests.policy.admission.objects import CASES, CONFIGURATION, POD, WORKLOADS, Case, manifest, tree
from tests.policy.admission.rendering import DENY, render
from tests.policy.checking import checked

REPLICASETS = {"username": "system:serviceaccount:kube-system:replicaset-controller", "groups": []}
NODE = {"username": "system:node:a", "groups": ["system:nodes", "system:authenticated"]}
FLOATING = "ghcr.io/acme/api:main"
PINNED = "ghcr.io/acme/api@<a>"
DEBUG = '  ephemeralContainers:\n  - {name: debug, image: "IMAGE", imagePullPolicy: IfNotPresent}\n'


@cache
def cluster(policy: str = DENY) -> Cluster:
    return Cluster(render(policy))


def rules(found: list[str]) -> tuple[str, ...]:
    return tuple(name.removeprefix("bump-production-").removesuffix("-warning") for name in found)


def denied(new: Json, *, policy: str = DENY, **more: object) -> tuple[str, ...]:
    asked = cluster(policy).asked(new, **more)  # type: ignore[arg-type]
    return rules([one.policy for one in asked if "Deny" in one.actions])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.image)
def test_an_image_is_refused_and_warned_of_as_the_table_says(case: Case) -> None:
    asked = cluster().asked(tree(POD, case.image))

    assert rules([one.policy for one in asked if "Deny" in one.actions]) == case.denied
    assert rules([one.policy for one in asked if "Deny" not in one.actions]) == case.warned


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.image)
def test_bump_check_says_the_same_of_the_same_manifest(case: Case) -> None:
    verdict = checked({"env/production/api.yaml": manifest(POD, case.image)}, configuration=CONFIGURATION)

    found = {(one.rule, one.level.value) for one in verdict.findings if one.rule != "channel-bleed"}
    assert found == {(rule, "error") for rule in case.denied} | {(rule, "warning") for rule in case.warned}


@pytest.mark.parametrize("text", WORKLOADS.values(), ids=WORKLOADS)
def test_every_workload_is_looked_into(text: str) -> None:
    assert denied(tree(text, FLOATING)) == ("floating-tag",)
    assert denied(tree(text, PINNED)) == ()


def test_the_message_names_rule_and_images() -> None:
    (refusal,) = cluster().asked(tree(WORKLOADS["Pod, sidecar"], FLOATING))

    assert refusal.message == f"a tag that moves or none, and no digest: {FLOATING} (bump: floating-tag)"


@pytest.mark.parametrize(
    ("image", "how", "expected"),
    [
        (PINNED, "Always", ("pull-policy",)),
        (PINNED, "Never", ("pull-policy",)),
        (PINNED, "IfNotPresent", ()),
        ("redis:7.2.5", "Always", ("unpinned",)),
        ("ghcr.io/acme/api:latest@<a>", None, ("channel-tag-with-digest", "pull-policy")),
        (PINNED, None, ()),
    ],
)
def test_nothing_is_pulled_always_beside_a_digest(image: str, how: str | None, expected: tuple[str, ...]) -> None:
    pod = tree(POD, image)
    for container in containers(pod):
        container.pop("imagePullPolicy")
        container.update({"imagePullPolicy": how} if how else {})

    assert denied(pod) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("ghcr.io/acme/api@<a>", ()),
        ("redis@<a>", ()),
        ("docker.io/acme/redis@<a>", ("allowed-registry",)),
        ("ghcr.io/acme-evil/api@<a>", ("allowed-registry",)),
        ("ghcr.io.evil.example/acme/api@<a>", ("allowed-registry",)),
        ("evil.example/ghcr.io/acme/api@<a>", ("allowed-registry",)),
    ],
)
def test_images_come_from_allowed_registries(image: str, expected: tuple[str, ...]) -> None:
    policy = '{admission: {actions: Deny, registries: ["ghcr.io/acme/**", "docker.io/library/*"]}}'

    assert denied(tree(POD, image), policy=policy) == expected


@pytest.mark.parametrize(
    "labels", [{}, {**LABELS, "ameide.io/environment": "dev"}, {"ameide.io/environment": "production"}]
)
def test_other_namespaces_are_left_alone(labels: dict[str, str]) -> None:
    assert denied(tree(POD, FLOATING), labels=labels) == ()


@pytest.mark.parametrize("kind", ["Pod", "Deployment", "CronJob", "PodTemplate"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"reference: '{FLOATING}', pullPolicy: IfNotPresent", ("floating-tag",)),
        ("reference: 'quay.io/x/y:main'", ("floating-tag",)),
        (f"reference: '{PINNED}', pullPolicy: Always", ("pull-policy",)),
        (f"reference: '{PINNED}', pullPolicy: Never", ("pull-policy",)),
        (f"reference: '{PINNED}'", ()),
        ("pullPolicy: IfNotPresent", ()),
    ],
)
def test_a_volume_made_of_an_image_is_judged_and_bump_check_says_the_same(
    kind: str, said: str, expected: tuple[str, ...]
) -> None:
    text = WORKLOADS[kind].replace("containers:", f"volumes: [{{name: model, image: {{{said}}}}}]\nAT containers:")
    (indent,) = re.findall(r"^( *)volumes:", text, re.MULTILINE)
    text = text.replace("AT ", indent)

    assert denied(tree(text, PINNED)) == expected
    verdict = checked({"env/production/api.yaml": manifest(text, PINNED)}, configuration=CONFIGURATION)
    assert tuple(one.rule for one in verdict.findings if one.rule != "channel-bleed") == expected


def test_what_an_object_had_before_may_stay_and_what_is_new_is_judged() -> None:
    old = tree(WORKLOADS["Deployment"], FLOATING)
    scaled = tree(WORKLOADS["Deployment"].replace("spec:\n  sel", "spec:\n  replicas: 3\n  sel"), FLOATING)
    other = tree(WORKLOADS["Deployment"], "ghcr.io/acme/web:main")

    assert denied(scaled, old=old) == ()
    assert denied(other, old=old) == ("floating-tag",)
    assert denied(old, old=tree(WORKLOADS["Deployment"], PINNED)) == ("floating-tag",)


def test_a_pull_policy_that_was_there_may_stay_and_a_new_one_may_not() -> None:
    always = tree(POD.replace("IfNotPresent", "Always"), PINNED)

    assert denied(always, old=always) == ()
    assert denied(always, old=tree(POD, PINNED)) == ("pull-policy",)


def test_a_debug_container_is_judged_and_its_pod_is_not() -> None:
    pod = tree(POD, FLOATING)
    debugged = tree(POD.replace("IMAGE", f'"{FLOATING}"') + DEBUG.replace('"IMAGE"', "busybox:latest"))

    assert denied(debugged, old=pod, subresource="ephemeralcontainers") == ("floating-tag",)
    (refusal,) = cluster().asked(debugged, old=pod, subresource="ephemeralcontainers")
    assert "docker.io/library/busybox:latest" in refusal.message
    assert FLOATING not in refusal.message


def test_pods_of_a_template_that_was_judged_are_made_again_on_another_node() -> None:
    assert denied(tree(POD, FLOATING), user=REPLICASETS) == ()
    imitation = {"username": "system:serviceaccount:default:replicaset-controller", "groups": []}
    assert denied(tree(POD, FLOATING), user=imitation) == ("floating-tag",)


def test_a_mirror_of_a_kubelets_own_pod_passes_and_only_a_node_makes_one() -> None:
    mirror = tree(POD.replace("{name: api}", "{name: api, annotations: {kubernetes.io/config.mirror: x}}", 1), FLOATING)

    assert denied(mirror, user=NODE) == ()
    assert denied(mirror) == ("floating-tag",)
    assert denied(tree(POD, FLOATING), user=NODE) == ("floating-tag",)


@pytest.mark.parametrize("actions", ["Warn", "Audit", "[Warn, Audit]"])
def test_what_only_watches_tells_of_everything_and_stops_nothing(actions: str) -> None:
    watching = cluster(f"{{admission: {{actions: {actions}}}}}")
    old = tree(POD, FLOATING)

    for more in ({"user": REPLICASETS}, {"old": old}, {}):
        (refusal,) = watching.asked(old, **more)
        assert refusal.policy == "bump-production-floating-tag"
        assert "Deny" not in refusal.actions
    assert {one["spec"]["failurePolicy"] for one in watching.policies.values()} == {"Ignore"}
    assert not any(name.endswith("-warning") for name in watching.policies)


def test_a_level_in_the_configuration_is_the_clusters_too() -> None:
    policy = "{rules: {floating-tag: {production: warning}, tag-only: ignore}, admission: {actions: [Deny, Audit]}}"
    strict = Cluster(render(policy))

    (refusal,) = strict.asked(tree(POD, FLOATING))
    assert (refusal.policy, refusal.actions) == ("bump-production-floating-tag-warning", ("Warn", "Audit"))
    assert strict.asked(tree(POD, "ghcr.io/acme/api:1.4.0")) == []


def test_an_environment_without_actions_has_no_policies() -> None:
    text = render("{admission: {actions: {production: Deny, dev: []}}}", environments=("dev", "production"))

    assert "bump-dev-" not in text
    assert "bump-production-" in text


def test_an_expression_that_fails_refuses_where_the_policy_denies() -> None:
    broken = tree(POD, PINNED)
    spec = cluster().policies["bump-production-floating-tag"]["spec"]
    spec = {**spec, "variables": [{"name": "broken", "expression": "object.nowhere.at_all"}]}
    assert spec["failurePolicy"] == "Fail"

    context = {"object": broken, "oldObject": None, "request": {"userInfo": PERSON}}
    assert str(judged(spec, context)).startswith("failed")


CONTAINERS = 100
LONGEST = 200
BUDGET = 1_000_000


def test_a_pod_of_a_hundred_containers_stays_below_the_budget() -> None:
    """By Kubernetes' weights a match costs a tenth of the text times a quarter of the expression."""
    found = Cluster(render('{admission: {actions: Deny, registries: ["ghcr.io/**", "docker.io/library/*"]}}'))
    for policy in found.policies.values():
        for one in (*policy["spec"]["variables"], *policy["spec"]["matchConditions"]):
            lengths = [len(pattern) for pattern in re.findall(r"matches\(r'([^']*)'\)", one["expression"])]
            cost = sum(math.ceil(LONGEST / 10) * math.ceil(length / 4) for length in lengths) * CONTAINERS
            assert cost < BUDGET / 2, one["name"]


def test_no_expression_repeats_more_often_than_re2_allows() -> None:
    for most in re.findall(r"\{(?:\d+,)?(\d+)\}", render()):
        assert int(most) <= 1000
