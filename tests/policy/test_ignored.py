"""What Argo CD is told to ignore: which paths hide an image, which are narrow, and which cannot be read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.pins import Found, read_ignores
from bot.policy import House, Policy
from bot.policy.ignored_paths import Paths, Step, Unread, expression, pointer
from tests.policy.checking import CONFIGURATION, checked, placed

EACH, BELOW = Step.EACH, Step.BELOW
RULES = ("ignore-differences", "ignore-differences-unread")
DEPLOYMENT = "group: apps, kind: Deployment"
POD = "/spec/template/spec"
JQ_POD = ".spec.template.spec"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (".", [()]),
        (".spec.replicas", [("spec", "replicas")]),
        (".webhooks[]?.clientConfig.caBundle", [("webhooks", EACH, "clientConfig", "caBundle")]),
        ('.metadata.annotations["a/b"]', [("metadata", "annotations", "a/b")]),
        ('.metadata.annotations."a/b"?', [("metadata", "annotations", "a/b")]),
        ('.["spec"].["a"][-1]', [("spec", "a", EACH)]),
        (".containers[1:2][].image", [("containers", EACH, "image")]),
        ('.c[] | select(.name == "a)" and (.x | test("("))) | .env', [("c", EACH, "env")]),
        (".. | .image?", [(BELOW, "image")]),
        ("..", [(BELOW,)]),
        ("(.a, .b) | .c", [("a", "c"), ("b", "c")]),
        (".a, .b", [("a",), ("b",)]),
        ("# why\n.a", [("a",)]),
        (".a | empty", []),
    ],
)
def test_plain_paths_of_jq_are_read(text: str, paths: list[object]) -> None:
    assert expression(text) == Paths(tuple(paths))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".a-b",
        ".a // empty",
        "if .a then .b else .c end",
        'getpath(["spec"])',
        ".a[.b]",
        ".a[$i]",
        ".a[",
        ".a]",
        "[.a]",
        ".a .b",
        '.a"b"',
        '.a["\\(.b)"]',
        '.a[] | select("\\(.b)" == "c")',
        ".a[] | select(.b",
        ".spec = 1",
        "del(.a)",
        "recurse(.a)",
        "(" * 1_500,
        ".a" * 1_500,
        "|".join(["(.a,.b)"] * 30),
    ],
)
def test_what_computes_is_not_taken_for_narrow(text: str) -> None:
    assert text == ".a .b" or isinstance(expression(text), Unread)


@given(st.lists(st.text(min_size=1), max_size=6))
def test_every_key_is_read_back(keys: list[str]) -> None:
    quoted = "".join(f"[{json.dumps(key)}]" for key in keys)
    assert expression(f".{quoted}") == Paths((tuple(keys),))


@given(st.text(alphabet='.[]()|,?:"\\# ab0-$="select', max_size=40))
def test_anything_is_read_or_said_to_be_none(text: str) -> None:
    assert isinstance(expression(text), Paths | Unread)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("/spec/containers/0/image", ("spec", "containers", EACH, "image")),
        ("/metadata/annotations/a~1b~01", ("metadata", "annotations", "a/b~1")),
        ("/a//b", ("a", "", "b")),
    ],
)
def test_pointers(text: str, path: tuple[object, ...]) -> None:
    assert pointer(text) == Paths((path,))  # type: ignore[arg-type]


def test_a_pointer_begins_with_a_slash() -> None:
    assert isinstance(pointer("spec/replicas"), Unread)


def said(how: str, text: str, of: str = DEPLOYMENT, options: str = "") -> list[tuple[str, str]]:
    """The rules that an Application with one thing ignored breaks, and what they say is hidden."""
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n"
        f"  syncPolicy: {{syncOptions: [{options}]}}\n"
        f"  ignoreDifferences:\n    - {{{of + ', ' if of else ''}{how}: [{json.dumps(text)}]}}\n"
    )
    return [
        (one.rule, one.remark.message.partition(f"{text}: ")[2])
        for one in checked({"env/staging/a.yaml": application}).findings
    ]


@pytest.mark.parametrize(
    ("how", "text", "of", "hidden"),
    [
        ("jsonPointers", "", DEPLOYMENT, "hides the whole object of apps/Deployment"),
        ("jsonPointers", "/spec", DEPLOYMENT, "hides all of spec of apps/Deployment"),
        ("jsonPointers", "/spec/template", DEPLOYMENT, "hides all of template of apps/Deployment"),
        ("jsonPointers", f"{POD}/containers", DEPLOYMENT, "hides all containers of apps/Deployment"),
        ("jsonPointers", f"{POD}/containers/0", DEPLOYMENT, "hides a whole container of apps/Deployment"),
        ("jsonPointers", f"{POD}/initContainers/1/image", DEPLOYMENT, "hides the image of apps/Deployment"),
        ("jqPathExpressions", f"{JQ_POD}.containers[]", DEPLOYMENT, "hides a whole container of apps/Deployment"),
        ("jqPathExpressions", f'{JQ_POD}.containers[] | select(.name == "a")', DEPLOYMENT, "hides a whole container"),
        ("jqPathExpressions", f"{JQ_POD}.containers[].image", DEPLOYMENT, "hides the image of apps/Deployment"),
        ("jqPathExpressions", ".. | .image?", DEPLOYMENT, "hides the image of apps/Deployment"),
        ("jqPathExpressions", ".spec.replicas, .spec.template", DEPLOYMENT, "hides all of template"),
        ("jqPathExpressions", f"{JQ_POD}.containers[].image", "kind: Deployment", "hides the image of Deployment"),
        (
            "jqPathExpressions",
            ".spec.jobTemplate.spec.template.spec.containers[0].image",
            "group: batch, kind: CronJob",
            "hides the image of batch/CronJob",
        ),
        ("jsonPointers", "/spec/containers", "kind: Pod", "hides all containers of Pod"),
        ("jsonPointers", "/spec", "group: '*', kind: '*'", "hides all of spec of */*"),
        ("jsonPointers", "/spec/image", "group: ameide.io, kind: Domain", "hides the image of ameide.io/Domain"),
        ("jsonPointers", "/spec/image/tag", "group: acme.io, kind: App", "hides the image of acme.io/App"),
        ("jsonPointers", "/spec/initImage", "group: acme.io, kind: App", "hides all of initImage of acme.io/App"),
        ("jsonPointers", "/spec/nodes/0/podTemplate", "group: acme.io, kind: App", "hides all of podTemplate"),
        ("jsonPointers", "/spec/template", "group: serving.knative.dev, kind: Service", "hides all of template"),
        ("jsonPointers", "/spec/source/helm", "group: argoproj.io, kind: Application", "hides all of helm"),
        ("jqPathExpressions", ".spec.sources[].kustomize.images", "group: argoproj.io, kind: Application", "hides all"),
        ("managedFieldsManagers", "kubectl-edit", DEPLOYMENT, "hides whatever it writes, images too,"),
        ("managedFieldsManagers", "argocd-controller", "group: '*', kind: '*'", "hides whatever it writes"),
    ],
)
def test_wide_paths(how: str, text: str, of: str, hidden: str) -> None:
    ((rule, message),) = said(how, text, of)
    assert rule == "ignore-differences"
    assert message.startswith(hidden)


@pytest.mark.parametrize(
    ("how", "text", "of"),
    [
        ("jqPathExpressions", f"{JQ_POD}.containers[].imagePullPolicy", DEPLOYMENT),
        ("jsonPointers", f"{POD}/containers/0/imagePullPolicy", DEPLOYMENT),
        ("jsonPointers", f"{POD}/imagePullSecrets", DEPLOYMENT),
        ("jqPathExpressions", ".. | .imagePullPolicy?", DEPLOYMENT),
        ("jqPathExpressions", ".. | .imagePullPolicy?", "group: '*', kind: '*'"),
        ("jqPathExpressions", f'{JQ_POD}.containers[].env[] | select(.name == "image")', DEPLOYMENT),
        ("jsonPointers", "/spec/replicas", DEPLOYMENT),
        ("jsonPointers", "/metadata", DEPLOYMENT),
        ("jsonPointers", "/spec/imagePullPolicy", "group: ameide.io, kind: Domain"),
        ("jsonPointers", "/metadata/annotations/image", "group: acme.io, kind: App"),
        ("jsonPointers", "/spec/template/metadata/annotations/image", "group: acme.io, kind: App"),
        ("jsonPointers", "/spec/volumeClaimTemplates/0/spec", "group: apps, kind: StatefulSet"),
        ("jsonPointers", "/status", ""),
        ("jsonPointers", "/data", "group: '', kind: Secret"),
        ("jsonPointers", "/spec", "group: '', kind: Service"),
        ("jsonPointers", "/spec/template", "group: bitnami.com, kind: SealedSecret"),
        ("jqPathExpressions", ".webhooks[]", "group: admissionregistration.k8s.io, kind: MutatingWebhookConfiguration"),
        ("jsonPointers", "/spec/syncPolicy/automated", "group: argoproj.io, kind: Application"),
        ("managedFieldsManagers", "kube-controller-manager", "group: '*', kind: '*'"),
        ("managedFieldsManagers", "rancher", "group: '', kind: Secret"),
    ],
)
def test_narrow_paths_pass(how: str, text: str, of: str) -> None:
    assert said(how, text, of) == []


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("jqPathExpressions", 'getpath(["spec"])'),
        ("jqPathExpressions", "{{ .path }}"),
        ("jsonPointers", "spec"),
        ("managedFieldsManagers", "rancher"),
    ],
)
def test_what_cannot_be_read_is_said(how: str, text: str) -> None:
    ((rule, message),) = said(how, text)
    assert rule == "ignore-differences-unread"
    assert message.startswith("cannot be judged: ")


def test_what_has_no_image_need_not_be_read() -> None:
    assert said("jqPathExpressions", "del(.a)", "group: '', kind: Secret") == []


def test_a_sync_that_respects_it_is_said() -> None:
    ((_, message),) = said("jsonPointers", f"{POD}/containers/0/image", options="A=b, RespectIgnoreDifferences=true")
    assert message.endswith(", and RespectIgnoreDifferences=true keeps syncs from it, too")


CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data:
  resource.customizations.ignoreDifferences.apps_Deployment: |
    # why
    jsonPointers:
      - /spec/replicas
      - /spec/template
  resource.customizations.ignoreDifferences.all: |
    jqPathExpressions: ['.spec.template.spec.containers[].image', '.a[.b]']
    managedFieldsManagers: [kube-controller-manager]
  resource.customizations.ignoreResourceUpdates.all: |
    jsonPointers: [/spec]
  resource.customizations: |
    apps/StatefulSet:
      ignoreDifferences: |
        jsonPointers:
          - /spec
    "":
      health.lua: return {}
  folded: "resource.customizations"
"""


def test_the_settings_of_argo_cd_itself() -> None:
    assert placed(checked({"env/staging/a.yaml": CONFIG_MAP}), RULES) == [
        "env/staging/a.yaml:9:9 ignore-differences",
        "env/staging/a.yaml:11:25 ignore-differences",
        "env/staging/a.yaml:11:67 ignore-differences-unread",
        "env/staging/a.yaml:19:13 ignore-differences",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "kind: ApplicationSet\nspec:\n  template:\n    spec:\n      ignoreDifferences:\n"
            "        - {kind: Deployment, jsonPointers: [/spec]}\n",
            id="a set",
        ),
        pytest.param(
            "kind: ApplicationSet\nspec:\n  ignoreApplicationDifferences:\n    - jsonPointers: [/spec/source/helm]\n",
            id="a set's own applications",
        ),
        pytest.param("applications:\n  a: {ignoreDifferences: [{kind: Job, jsonPointers: /spec}]}\n", id="values"),
        pytest.param(
            "manifests: |-\n  kind: Application\n  metadata: {name: {{ .name }}}\n  spec:\n    ignoreDifferences:\n"
            "      - kind: Job\n        jsonPointers:\n          - /spec\n",
            id="a text with actions",
        ),
        pytest.param(
            "x: &x {kind: Job, jsonPointers: [/spec]}\nspec:\n  ignoreDifferences: [*x, *x]\n", id="an alias twice"
        ),
        pytest.param(
            "configs:\n  cm:\n    resource.customizations.ignoreDifferences.apps_Deployment:\n"
            "      jsonPointers: [/spec]\n",
            id="a mapping where a text is usual",
        ),
        pytest.param(
            'data:\n  resource.customizations.ignoreDifferences.all: "jsonPointers:\\n- /spec\\n"\n', id="a quoted text"
        ),
    ],
)
def test_wherever_it_stands(text: str) -> None:
    assert [one.rule for one in checked({"env/staging/a.yaml": text}).findings] == ["ignore-differences"]


def test_a_patch_with_actions_cannot_be_judged() -> None:
    text = "kind: ApplicationSet\nspec:\n  templatePatch: |\n    {{ if .x }}\n    spec: {ignoreDifferences: []}\n"
    assert placed(checked({"env/staging/a.yaml": text}), RULES) == ["env/staging/a.yaml:3:18 ignore-differences-unread"]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("|\n    jsonPointers: [a[]]\n", id="no YAML"),
        pytest.param("'jsonPointers: ]'", id="on one line"),
        pytest.param("|\n    jsonPointers: [[/spec]]\n", id="no text"),
    ],
)
def test_a_customization_that_is_no_yaml_is_not_passed(value: str) -> None:
    text = f"data:\n  resource.customizations.ignoreDifferences.all: {value}\n"
    assert [one.rule for one in checked({"env/staging/a.yaml": text}).findings] == ["ignore-differences-unread"]


def test_prose_about_it_is_no_finding() -> None:
    text = "notes: |\n  See ignoreDifferences: it has jsonPointers, and [is no YAML.\n"
    assert checked({"env/staging/a.yaml": text}).findings == ()


def test_an_alias_bomb_is_walked_once() -> None:
    lines = ["a0: &a0 {ignoreDifferences: [{kind: Job, jsonPointers: [/spec]}]}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    assert len(read_ignores("\n".join(lines).encode())) == 1


def test_a_part_of_a_stream_has_the_lines_of_the_stream() -> None:
    read = config.load(CONFIGURATION.encode(), path="x.yaml")
    content = (CONFIG_MAP + "raw: '{{ dig `a` .Values }}'\n").encode()
    sheet = House(read, Policy()).sheet("a.yaml", content, None, Found(), before=100)
    assert [one.line for one in sheet.ignored] == [108, 109, 111, 111, 112, 119]
    assert [one.line for one in sheet.breaches] == [123]
