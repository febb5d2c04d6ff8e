"""Which objects are found in a file, with what they say of pulling, and that nothing that is blanked hides one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pins import FirstParty, Found, Object, Pull, discover
from tests.builders import written
from tests.pins.test_everyone import EVERYONE

EVERYTHING = replace(EVERYONE, needles=())  # so that nothing can be left out
LOOKED_FOR = replace(EVERYONE, kinds=frozenset({"ServiceAccount", "Domain"}), owner="acme/owner")
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: apps
spec:
  selector:
    matchLabels: {app: api}
  template:
    spec:
      serviceAccountName: runner
      initContainers:
        - name: migrate
          image: ghcr.io/acme/api@<a>
          imagePullPolicy: IfNotPresent
      containers:
        - name: api
          image: ghcr.io/acme/api@<a>
"""


def found(text: str, ours: FirstParty = LOOKED_FOR) -> Found:
    return discover("a.yaml", written(text).encode(), ours)


def pulls(one: Object) -> list[str]:
    """Each container's key and what it says."""
    return [f"{c.key} {c.pull.value if c.pull else None}" for pods in one.pods for c in pods.containers]


def test_a_workload_is_known_by_name_and_every_container_is_there() -> None:
    (one,) = found(DEPLOYMENT).objects

    assert (one.group, one.kind, one.name, one.namespace, one.line) == ("apps", "Deployment", "api", "apps", 2)
    assert pulls(one) == [
        "spec.template.spec.containers[0] None",
        "spec.template.spec.initContainers[0] IfNotPresent",
    ]
    (pods,) = one.pods
    assert (pods.account, pods.secrets, pods.entire) == ("runner", False, True)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param(f"a: 1\n---\n{DEPLOYMENT}---\n{DEPLOYMENT}", ["Deployment"] * 2, id="documents"),
        pytest.param(
            "manifests: |-\n" + "".join(f"  {line}\n" for line in DEPLOYMENT.splitlines()),
            ["Deployment"],
            id="a text",
        ),
        pytest.param(
            "extra:\n  - " + DEPLOYMENT.replace("\n", "\n    ").rstrip() + "\n", ["Deployment"], id="among values"
        ),
        pytest.param(
            "apiVersion: v1\nkind: List\nitems:\n- " + DEPLOYMENT.replace("\n", "\n  ").rstrip() + "\n",
            ["Deployment"],
            id="a list",
        ),
        pytest.param(
            '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "redis:7.2.1"}]}}\n',
            ["Pod"],
            id="JSON",
        ),
        pytest.param(
            "apiVersion: x.io/v1\nkind: Thing\nspec: {jobs: [{ephemeralContainers: [{image: 'redis:7.2.1'}]}]}\n",
            ["Thing"],
            id="any kind",
        ),
        pytest.param(
            "metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n"
            '      {"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"redis:7.2.1"}]}}\n',
            [],
            id="what was applied",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nstatus: {containers: [{image: 'redis:7.2.1'}]}\n", [], id="what it is"
        ),
        pytest.param(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n", ["ServiceAccount"], id="an account"
        ),
        pytest.param("apiVersion: v1\nkind: Service\nmetadata: {name: image}\n", [], id="nothing to say"),
        pytest.param("containers: [{image: 'redis:7.2.1'}]\n", [], id="no object"),
        pytest.param(
            "apiVersion: v1\nkind: Application\nspec:\n  helm:\n    valuesObject:\n"
            "      containers: [{image: 'redis:7.2.1'}]\n",
            [],
            id="values in an object",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Application\nspec:\n  valuesObject:\n    extra:\n"
            "    - {apiVersion: v1, kind: Pod, spec: {containers: [{image: 'redis:7.2.1'}]}}\n",
            ["Pod"],
            id="an object in values in an object",
        ),
    ],
)
def test_where_objects_stand(text: str, kinds: list[str]) -> None:
    assert [one.kind for one in found(text).objects] == kinds


NEVER = "restartPolicy: Never, "
TEMPLATE = f"{{template: {{spec: {{{NEVER}containers: [{{name: api, image: ghcr.io/acme/api:1.4.0}}]}}}}}}"
JOB = f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: api}}\nspec: {TEMPLATE}\n"
CRONJOB = f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: api}}\nspec: {{jobTemplate: {{spec: {TEMPLATE}}}}}\n"


@pytest.mark.parametrize(
    ("text", "entire"),
    [
        pytest.param(DEPLOYMENT.replace("  selector:\n    matchLabels: {app: api}\n", ""), False, id="a patch"),
        pytest.param(JOB, True, id="a Job"),
        pytest.param(JOB.replace(NEVER, ""), False, id="a patch to a Job"),
        pytest.param(CRONJOB, True, id="a CronJob"),
        pytest.param(
            CRONJOB.replace(NEVER, "").replace("spec: {job", "spec: {schedule: '@daily', job"),
            True,
            id="by its schedule",
        ),
        pytest.param(CRONJOB.replace(NEVER, ""), False, id="a patch to a CronJob"),
        pytest.param(JOB.replace("batch/v1", "acme.io/v1").replace(NEVER, ""), True, id="a Job of somebody else"),
        pytest.param(DEPLOYMENT.replace("apps/v1", "argoproj.io/v1"), True, id="another group's"),
        pytest.param(
            "m: |\n" + "".join(f"  {line}\n" for line in f"{DEPLOYMENT}      {{{{ more }}}}".splitlines()),
            False,
            id="in a template",
        ),
    ],
)
def test_what_is_missing_may_stand_elsewhere(text: str, entire: bool) -> None:
    assert [pods.entire for one in found(text).objects for pods in one.pods] == [entire]


def test_anchors_aliases_and_merges_are_followed_once() -> None:
    text = """\
x: &x {imagePullPolicy: IfNotPresent}
apiVersion: v1
kind: Pods
one: &one
  containers:
    - &side {name: side, image: "redis:7.2.1"}
    - {<<: *x, name: api, image: "redis:7.2.2"}
two: *one
three: {containers: [*side, *side]}
"""
    (one,) = found(text).objects

    assert pulls(one) == ["one.containers[0] None", "one.containers[1] IfNotPresent"]


def test_a_small_file_of_aliases_is_no_large_walk() -> None:
    lines = ["l0: &l0 {containers: [{image: 'redis:7.2.1'}]}"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    text = "apiVersion: v1\nkind: Pod\n" + "\n".join(lines) + "\n"

    (one,) = found(text).objects

    assert len(one.pods) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image:\n  pullPolicy: Always\n", [("image.pullPolicy", "Always", "")]),
        ("imagePullPolicy: Always\n", [("imagePullPolicy", "Always", "")]),
        ("jobs: {initImagePullPolicy: Never}\n", [("jobs.initImagePullPolicy", "Never", "")]),
        (
            "helm:\n  parameters:\n  - {name: image.pullPolicy, value: Always}\n",
            [("helm.parameters[0].value", "Always", "")],
        ),
        (
            "apiVersion: ameide.io/v1\nkind: Domain\nspec: {imagePullPolicy: Never}\n",
            [("spec.imagePullPolicy", "Never", "Domain")],
        ),
        ("imagePullPolicy: ''\n", []),
        ("imagePullPolicy: IfNotPresent\n", []),
        ("env:\n- {name: image.pullPolicy, value: Always}\n", []),
        ("restartPolicy: Always\n", []),
    ],
)
def test_pull_policies_that_are_no_containers(text: str, expected: list[tuple[str, str, str]]) -> None:
    def shown(one: Pull) -> tuple[str, str, str]:
        return one.key, one.written.value, one.kind

    assert [shown(one) for one in found(text).pulls] == expected


def test_owners_labels_and_secrets_are_read() -> None:
    (one,) = found("""\
apiVersion: v1
kind: Pod
metadata:
  generateName: api-
  labels: {acme/owner: sales}
  uid: u-1
  ownerReferences:
  - {apiVersion: apps/v1, kind: ReplicaSet, name: api, uid: u-2}
spec:
  serviceAccount: old
  imagePullSecrets: [{name: pull}]
  containers: [{image: "redis:7.2.1"}]
""").objects

    assert (one.name, one.uid, one.label) == ("api-", "u-1", "sales")
    assert [(owner.kind, owner.name, owner.uid) for owner in one.owners] == [("ReplicaSet", "api", "u-2")]
    assert [(pods.secrets, pods.account) for pods in one.pods] == [(True, "old")]


def test_a_definition_is_read_version_by_version() -> None:
    text = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: domains.ameide.io}
spec:
  group: ameide.io
  names: {kind: Domain, plural: domains}
  versions:
  - name: v1
    served: true
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              imagePullPolicy: {type: string, enum: [Always, IfNotPresent, Never]}
  - name: v0
    served: false
    schema: {openAPIV3Schema: {type: object}}
"""
    (one,) = found(text).objects

    assert one.definition is not None
    assert (one.definition.group, one.definition.kind) == ("ameide.io", "Domain")
    first, second = one.definition.versions
    assert (first.name, first.served, first.pull, first.type) == ("v1", True, True, "string")
    assert first.enum == ("Always", "IfNotPresent", "Never")
    assert (second.name, second.served, second.pull, second.enum) == ("v0", False, False, None)


# ---- what is blanked ------------------------------------------------------------------------------------------------

LINES = (
    *("env:", "- name: a", "  value: b", "  env:", "  - name: c", "    image: redis:7.2.1", "image: ghcr.io/acme/api"),
    *("  image: 'redis:7.2.1'", "labels:", "  a: b", "  - --x=y", "args: [a, 'b']", "data: |", "  env:", "    x: y"),
    *(
        "resources: {a: b}",
        "ports:",
        "-",
        "  -",
        "volumes: &v",
        "rules: *v",
        'command: "a',
        'b"',
        "  # c",
        "",
        "a: b: c",
    ),
    *("  containers:", "  - image: redis:7.2.1", "    imagePullPolicy: Always", "    env:", "    - a: image", "? a"),
    *("---", "--- # x", "...", "annotations: >", "selector:", "  pullPolicy: Always", "kind: ServiceAccount", "    b"),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_nothing_is_lost_by_blanking(lines: list[str]) -> None:
    text = "\n".join(["apiVersion: v1", "kind: Pod", *lines, ""])
    shown, everything = found(text), found(text, replace(EVERYTHING, owner="acme/owner"))

    if everything.problems or shown.problems:  # what is wrong need not be noticed
        return
    assert shown.pulls == everything.pulls
    assert shown.objects == everything.objects
    assert set(shown.pins) <= set(everything.pins)


def test_a_definition_that_is_something_else_as_well_is_read() -> None:
    pod = "---\napiVersion: v1\nkind: Pod\nspec: {containers: [{image: redis:7.2.1}]}\n"
    said = pod.replace("kind: Pod", "kind: CustomResourceDefinition\n'kind': Pod")

    assert [one.kind for one in found(pod).objects] == ["Pod"]
    assert [str(pin.reference) for pin in found(said).pins] == ["redis:7.2.1"]
