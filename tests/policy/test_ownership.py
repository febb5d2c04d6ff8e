"""`pull-policy-propagated` and `pull-secret`: over all files of an environment together."""

from collections.abc import Mapping

import pytest

from tests.policy.checking import checked

API = "ghcr.io/acme/api@sha256:3fa4c1d…"
CR = """\
apiVersion: ameide.io/v1
kind: Domain
metadata: {name: sales, namespace: apps, uid: u-1}
spec: {image: IMAGE, imagePullPolicy: IfNotPresent}
"""


def workload(kind: str, how: str, *, name: str = "w", more: str = "", namespace: str = "apps") -> str:
    template = f"{{restartPolicy: Never, containers: [{{name: c, image: {API}, imagePullPolicy: {how}}}]}}"
    spec = f"{{template: {{spec: {template}}}}}"
    return (
        f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}{more}}}\n"
        f"spec: {f'{{jobTemplate: {{spec: {spec}}}}}' if kind == 'CronJob' else spec}\n"
    )


def owned(kind: str, name: str, uid: str) -> str:
    return f", ownerReferences: [{{apiVersion: x/v1, kind: {kind}, name: {name}, uid: {uid}}}]"


def messages(files: Mapping[str, str], rule: str, policy: str = "") -> list[str]:
    verdict = checked(files, policy=policy)
    return [f"{one.place} {one.remark.message}" for one in verdict.findings if one.rule == rule]


def propagated(*texts: str, policy: str = "") -> list[str]:
    files = {"env/staging/0.yaml": CR.replace("IMAGE", API)}
    files |= {f"env/staging/{number}.yaml": text for number, text in enumerate(texts, 1)}
    return messages(files, "pull-policy-propagated", policy)


BY_UID, BY_NAME = owned("Domain", "other", "u-1"), owned("Domain", "sales", "lost")
TOLD = "KIND w, container c: imagePullPolicy Always, but Domain sales (env/staging/0.yaml:4) says IfNotPresent"


@pytest.mark.parametrize("kind", ["Deployment", "Job", "CronJob"])
@pytest.mark.parametrize("more", [BY_UID, BY_NAME])
def test_what_a_primitive_says_stands_on_what_it_owns(kind: str, more: str) -> None:
    (said,) = propagated(workload(kind, "Always", more=more))

    assert said.partition(" ")[2] == TOLD.replace("KIND", kind)
    assert propagated(workload(kind, "IfNotPresent", more=more)) == []


def test_nothing_at_all_is_told_too() -> None:
    (said,) = propagated(workload("Job", "", more=BY_UID))

    assert "container c: no imagePullPolicy, but Domain sales" in said


@pytest.mark.parametrize(
    "more",
    ["", owned("Thing", "sales", "u-1x"), owned("Agent", "sales", "")],
    ids=["no owner", "another kind", "another primitive"],
)
def test_what_it_does_not_own_is_left(more: str) -> None:
    assert propagated(workload("Job", "Always", more=more)) == []


def test_another_namespace_is_another_owner() -> None:
    assert propagated(workload("Job", "Always", more=BY_NAME, namespace="other")) == []


def test_owners_are_followed_through_what_lies_between_and_in_circles() -> None:
    between = workload("CronJob", "IfNotPresent", name="nightly", more=f", uid: u-2{BY_UID}")
    job = workload("Job", "Always", more=owned("CronJob", "nightly", "u-2"))
    one = workload("Job", "Always", name="a", more=f", uid: a{owned('Job', 'b', 'b')}")
    other = workload("Job", "Always", name="b", more=f", uid: b{owned('Job', 'a', 'a')}")

    (said,) = propagated(job, between, one, other)

    assert said.startswith("env/staging/1.yaml:4:")


def test_a_label_names_the_owner_where_one_is_configured() -> None:
    labelled = workload("Job", "Always", more=", labels: {ameide.io/primitive: sales}")

    assert propagated(labelled) == []
    assert len(propagated(labelled, policy="{operators: {owner_label: ameide.io/primitive}}")) == 1


def test_pods_hold_what_others_put_into_them() -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: apps{BY_UID}}}\n"
    assert propagated(f"{pod}spec: {{containers: [{{image: {API}, imagePullPolicy: Always}}]}}\n") == []


PRIVATE = "{private_images: ['ghcr.io/acme/*']}"
PULL = "imagePullSecrets: [{name: pull}]\n"
NAMED = "  serviceAccountName: runner\n"


def account(name: str, more: str = "") -> str:
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}}}\n{more}"


def secrets(
    *, pod: str = "", image: str = API, files: Mapping[str, str] | None = None, policy: str = PRIVATE
) -> list[str]:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers: [{{image: {image}}}]\n{pod}"
    return messages({"env/staging/p.yaml": text, **(files or {})}, "pull-secret", policy)


@pytest.mark.parametrize(
    ("pod", "beside", "told"),
    [
        ("", "", True),
        (f"  {PULL}", "", False),
        ("  imagePullSecrets: []\n", "", True),
        (NAMED, "", False),  # who knows
        (NAMED, account("runner"), True),
        (NAMED, account("runner", PULL), False),
        ("", account("default", PULL), False),
        ("", account("other", PULL), True),
    ],
)
def test_who_pulls_a_private_image(pod: str, beside: str, told: bool) -> None:
    assert bool(secrets(pod=pod, files={"env/staging/sa.yaml": beside or "a: 1\n"})) is told


def test_an_account_of_another_environment_or_namespace_is_another() -> None:
    default = account("default", PULL)
    elsewhere = default.replace("name: default", "name: default, namespace: other")
    here = workload("Job", "IfNotPresent")

    assert len(secrets(files={"env/dev/sa.yaml": default})) == 1
    assert len(messages({"env/staging/a.yaml": here, "env/staging/b.yaml": elsewhere}, "pull-secret", PRIVATE)) == 1


def test_only_private_images_need_one_and_none_are_by_default() -> None:
    assert secrets(image="redis:7.2.5") == []
    assert secrets(policy="") == []
    (said,) = secrets()
    assert said == (
        "env/staging/p.yaml:5:24 Pod p, container spec.containers[0]: ghcr.io/acme/api is private, and neither the "
        "pods nor the service account default name a pull secret"
    )


@pytest.mark.parametrize(
    ("api", "spec", "told"),
    [
        ("argoproj.io/v1alpha1", "", True),
        ("argoproj.io/v1alpha1", "imagePullSecrets: [{name: ghcr-pull}], ", False),
        ("argoproj.io/v1alpha1", "serviceAccountName: runner, ", False),
        ("apps/v1", "imagePullSecrets: [{name: ghcr-pull}], ", True),
    ],
)
def test_a_custom_resource_may_name_the_secret_for_all_its_pods(api: str, spec: str, told: bool) -> None:
    """As a Workflow does; in the spec of a Deployment it says nothing."""
    pods = f"{{containers: [{{image: {API}}}]}}"
    text = f"apiVersion: {api}\nkind: X\nmetadata: {{name: x}}\nspec: {{{spec}templates: [{pods}]}}\n"

    assert bool(messages({"env/staging/x.yaml": text}, "pull-secret", PRIVATE)) is told


@pytest.mark.parametrize(("of_primitive", "of_job"), [("", "namespace: apps, "), ("namespace: apps, ", "")])
def test_a_namespace_that_only_one_side_states_parts_nobody(of_primitive: str, of_job: str) -> None:
    """What `helm template` renders states one where the chart does, and nowhere else."""
    primitive = CR.replace("IMAGE", API).replace("namespace: apps, ", of_primitive)
    for more in (BY_NAME, ", labels: {ameide.io/primitive: sales}"):
        job = workload("Job", "Always", more=more).replace("namespace: apps, ", of_job).replace(", namespace: apps", "")
        job = job.replace("{name: w", f"{{{of_job}name: w")
        files = {"env/staging/0.yaml": primitive, "env/staging/1.yaml": job}
        policy = "{operators: {owner_label: ameide.io/primitive}}"

        assert len(messages(files, "pull-policy-propagated", policy)) == 1, more


def test_without_a_namespace_nobody_tells_which_of_two_primitives_is_meant() -> None:
    text = CR.replace("IMAGE", API)
    files = {
        "env/staging/0.yaml": text,
        "env/staging/1.yaml": text.replace("namespace: apps, uid: u-1", "namespace: other, uid: u-2"),
        "env/staging/2.yaml": workload("Job", "Always", more=BY_NAME).replace(", namespace: apps", ""),
    }

    assert messages(files, "pull-policy-propagated") == []
