"""`pull-policy` and `crd-pull-policy`: what they speak of, where, and what they pass."""

import pytest

from tests.policy.admission.objects import CONFIGURATION, POD, WORKLOADS, manifest
from tests.policy.checking import checked, placed, told

API = "ghcr.io/acme/api@sha256:3fa4c1d…"
HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec:\n  containers:\n"


def pod(image: str, pull: str = "") -> str:
    said = f"      imagePullPolicy: {pull}\n" if pull else ""
    return f"{HEAD}    - name: api\n      image: {image}\n{said}"


def lines(text: str, *, policy: str = "", rule: str = "pull-policy") -> list[str]:
    """Line and message of each finding of a rule."""
    verdict = checked(text, policy=policy)
    return [f"{one.remark.line} {one.remark.message}" for one in verdict.findings if one.rule == rule]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(pod(API), "7 no imagePullPolicy", id="missing"),
        pytest.param(pod(API, "''"), "7 no imagePullPolicy", id="empty"),
        pytest.param(pod(API, "IfNotPresent"), "", id="stated"),
        pytest.param(pod(API, "Always"), "8 imagePullPolicy: Always beside a digest", id="always"),
        pytest.param(pod("redis:7.2.5", "Always"), "", id="always by a tag"),
        pytest.param(pod(API, "Never"), "8 imagePullPolicy: Never", id="never"),
        pytest.param(pod(API, "ifNotPresent"), "8 ifNotPresent is no pull policy", id="misspelled"),
        pytest.param(pod(API, "'{{ .Values.pull }}'"), "", id="a template"),
        pytest.param(pod("'{{ .Values.image }}'"), "", id="an image by template"),
    ],
)
def test_a_container(text: str, expected: str) -> None:
    line, _, message = expected.partition(" ")

    assert lines(text) == ([f"{line} Pod api, container api: {message}"] if expected else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: {pullPolicy: Always}\n", ["1 image.pullPolicy: Always as a pull policy"]),
        ("a: {imagePullPolicy: Never}\n", ["1 a.imagePullPolicy: Never as a pull policy"]),
        ("a: {imagePullPolicy: never}\n", ["1 a.imagePullPolicy: never is no pull policy"]),
        ("a: {imagePullPolicy: IfNotPresent}\nrestartPolicy: Always\n", []),
    ],
)
def test_values(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize("text", WORKLOADS.values(), ids=WORKLOADS)
@pytest.mark.parametrize("how", ["Always", "Never", ""])
def test_every_workload_that_the_cluster_looks_into(text: str, how: str) -> None:
    """The table of admission: the API server refuses what is told here, once it has filled in what is missing."""
    said = text.replace("IMAGE, imagePullPolicy: IfNotPresent", f"IMAGE, imagePullPolicy: {how}")
    files = {"env/production/api.yaml": manifest(said, "ghcr.io/acme/api@<a>")}

    assert told(checked(files, configuration=CONFIGURATION)) == [("pull-policy", "error")]


@pytest.mark.parametrize(
    ("image", "how", "expected"),
    [
        ("ghcr.io/acme/api@<a>", "Always", [("pull-policy", "error")]),
        ("ghcr.io/acme/api@<a>", "Never", [("pull-policy", "error")]),
        ("ghcr.io/acme/api@<a>", "IfNotPresent", []),
        ("redis:7.2.5@<a>", "Always", [("pull-policy", "warning")]),
        ("ghcr.io/acme/mirror/redis@<a>", "Always", [("pull-policy", "warning")]),
        ("quay.io/x/some-operator@<a>", "Always", [("pull-policy", "error")]),
    ],
)
def test_whose_image_it_is_decides_the_level(image: str, how: str, expected: list[tuple[str, str]]) -> None:
    files = {"env/production/api.yaml": manifest(POD.replace("IfNotPresent", how), image)}

    assert told(checked(files, configuration=CONFIGURATION)) == expected


def test_the_fast_lane_is_warned_and_a_waiver_names_the_image() -> None:
    waiver = (
        "  - {rule: pull-policy, path: env/dev, image: ghcr.io/acme/api, reason: r, owner: o, expires: 2027-01-31}\n"
    )
    dev = {"env/dev/a.yaml": pod(API, "Never")}

    assert told(checked(dev)) == [("pull-policy", "warning")]
    assert told(checked({**dev, "config/waivers.yaml": f"version: 1\nwaivers:\n{waiver}"})) == []


def test_places_in_hidden_surfaces() -> None:
    inner = "".join(f"          {line}\n" for line in pod(API, "Always").splitlines())
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    helm:\n"
        f"      valuesObject:\n        image: {{pullPolicy: Always}}\n        manifests: |\n{inner}"
        "      parameters:\n      - {name: image.pullPolicy, value: Always}\n"
    )

    assert placed(checked(text), ["pull-policy"]) == [
        "env/staging/example.yaml:8:29 pull-policy",
        "env/staging/example.yaml:17:34 pull-policy",
        "env/staging/example.yaml:19:41 pull-policy",
    ]


PRIMITIVE = (
    f"apiVersion: ameide.io/v1\nkind: Domain\nmetadata: {{name: a}}\nspec: {{image: {API}, imagePullPolicy: HOW}}\n"
)


@pytest.mark.parametrize(
    ("how", "policy", "broken"),
    [
        ("IfNotPresent", "", True),
        ("Always", "", True),
        ("IfNotPresent", "{operators: {image_pull_policy: IfNotPresent}}", False),
        ("Always", "{operators: {image_pull_policy: IfNotPresent}}", True),
        ("IfNotPresent", "{operators: {group: acme.io}}", False),
        ("IfNotPresent", "{operators: {kinds: [Agent]}}", False),
        ("'{{ x }}'", "", False),
    ],
)
def test_a_primitive_has_none_of_its_own(how: str, policy: str, broken: bool) -> None:
    assert bool(lines(PRIMITIVE.replace("HOW", how), policy=policy)) is broken
    assert bool(lines(PRIMITIVE.replace("HOW", how).replace("ameide.io", "run.ameide.io"), policy=policy)) is broken
    assert (
        not lines(PRIMITIVE.replace("HOW", how).replace("ameide.io", "evilameide.io"), policy=policy) or "Always" in how
    )


FIELD = "spec.imagePullPolicy"
NONE = f"Domain: no served version declares {FIELD}"
VERSION = """\
  - name: NAME
    served: SERVED
    schema: {openAPIV3Schema: {properties: {spec: {properties: {image: {type: string}, imagePullPolicy: FIELD}}}}}
"""
GOOD = "{type: string, enum: [Never, Always, IfNotPresent]}"


def definition(*versions: tuple[str, str, str], kind: str = "Domain", group: str = "ameide.io") -> str:
    head = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: domains.ameide.io}\n"
        f"spec:\n  group: {group}\n  names: {{kind: {kind}, plural: domains}}\n  versions:\n"
    )
    return head + "".join(
        VERSION.replace("NAME", name).replace("SERVED", served).replace("FIELD", field)
        for name, served, field in versions
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (definition(("v1", "true", GOOD)), ""),
        (definition(("v1", "true", GOOD), ("v0", "false", "{type: string}")), ""),
        (definition(("v1", "true", GOOD), ("v2", "true", "{type: string}")), f"11 Domain v2: {FIELD} takes any string"),
        (definition(("v1", "true", "{type: integer}")), f"8 Domain v1: {FIELD} is of type integer, not string"),
        (definition(("v1", "true", "{}")), f"8 Domain v1: {FIELD} is of type nothing, not string"),
        (definition(("v1", "true", GOOD.replace("Never, ", ""))), f"8 Domain v1: {FIELD} has another enum"),
        (definition(("v1", "true", GOOD.replace(", IfNotPresent", ""))), f"8 Domain v1: {FIELD} has another enum"),
        (definition(("v1", "true", GOOD.replace("]", ", Maybe]"))), f"8 Domain v1: {FIELD} has another enum"),
        (definition(("v1", "true", GOOD)).replace("imagePullPolicy", "other"), f"8 Domain v1: no {FIELD}"),
        (definition(("v1", "false", GOOD)), f"2 {NONE}"),
        (definition(), f"2 {NONE}"),
        (definition(("v1", "true", "{}"), kind="Thing"), ""),
        (definition(("v1", "true", "{}"), group="acme.io"), ""),
    ],
)
def test_crd_pull_policy(text: str, expected: str) -> None:
    assert lines(text, rule="crd-pull-policy") == ([expected] if expected else [])


def test_a_definition_that_names_no_image_at_all_is_found() -> None:
    text = definition(("v1", "true", GOOD)).partition("    schema:")[0]

    assert lines(f"a: 1\n---\n{text}---\nb: 1\n", rule="crd-pull-policy") == [f"4 {NONE}"]
