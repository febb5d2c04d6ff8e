"""The fleet contract over charts, over texts in values, and over files that go through `tpl`."""

import pytest

from bot.pins import read_texts
from tests.policy.checking import checked

RULES = {"fleet-contract", "unreadable-file"}
CHART = {"charts/sales/Chart.yaml": "name: sales\n"}
PATH = "charts/sales/templates/domain.yaml"
KEY = ".Values.global.ameide.primitives.imagePullPolicy"
HEAD = "apiVersion: ameide.io/v1\nkind: Domain\nmetadata:\n  name: sales\nspec:\n"


def told(files: dict[str, str], policy: str = "") -> list[str]:
    """What the contract says about files, each with its place."""
    found = checked(files, policy=policy).findings
    return [f"{one.place} {one.remark.message}" for one in found if one.rule in RULES]


def templated(text: str, *, more: dict[str, str] | None = None, policy: str = "") -> list[str]:
    """The same about one template of a chart, without its path."""
    return [one.removeprefix(f"{PATH}:") for one in told({**CHART, PATH: text, **(more or {})}, policy)]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(f"  imagePullPolicy: {{{{ {KEY} }}}}\n", id="plain"),
        pytest.param(f'  imagePullPolicy: "{{{{ {KEY} | default "IfNotPresent" }}}}"\n', id="quoted, with a default"),
        pytest.param(f"  imagePullPolicy: {{{{ ${KEY} | quote }}}}\n", id="from the root"),
        pytest.param(
            "  imagePullPolicy: {{ (((.Values.global).ameide).primitives).imagePullPolicy }}\n", id="parentheses"
        ),
        pytest.param(
            f"  {{{{- with {KEY} }}}}\n  imagePullPolicy: {{{{ . }}}}\n  {{{{- end }}}}\n", id="where there is one"
        ),
        pytest.param(f"  {{{{- $policy := {KEY} }}}}\n  imagePullPolicy: {{{{ $policy }}}}\n", id="through a variable"),
        pytest.param('  imagePullPolicy: {{ include "policy" . }}\n', id="through a helper"),
        pytest.param(f"  image: x\n  # why\n  imagePullPolicy:\t{{{{ {KEY} }}}} # said by 603\n", id="comments"),
    ],
)
def test_the_one_value_is_what_is_asked_for(value: str) -> None:
    helper = f'{{{{- define "policy" -}}}}{{{{ {KEY} | default "IfNotPresent" }}}}{{{{- end -}}}}'
    assert templated(HEAD + value, more={"charts/sales/templates/_helpers.tpl": helper}) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("  image: x\n", "2:1 Domain: renders no spec.imagePullPolicy", id="nothing"),
        pytest.param(
            "  imagePullPolicy: Always\n", "6:20 Domain: spec.imagePullPolicy is the same for all, Always", id="a word"
        ),
        pytest.param("  imagePullPolicy:\n", "6:19 Domain: spec.imagePullPolicy is empty", id="empty"),
        pytest.param(
            "  imagePullPolicy: {{ .Values.image.pullPolicy }}\n",
            "6:20 Domain: spec.imagePullPolicy is rendered from .Values.image.pullPolicy",
            id="another value",
        ),
        pytest.param(
            f"  imagePullPolicy: {{{{ .Values.image.pullPolicy | default {KEY} }}}}\n",
            "6:20 Domain: spec.imagePullPolicy is rendered from .Values.image.pullPolicy",
            id="another value first",
        ),
        pytest.param(
            '  imagePullPolicy: {{ include "library.policy" . }}\n',
            "6:20 Domain: spec.imagePullPolicy is rendered from something that cannot be followed",
            id="who knows",
        ),
        pytest.param("  {{- toYaml .Values.spec | nindent 2 }}\n", "2:1 Domain: renders no", id="a spec as a whole"),
        pytest.param(
            "  template:\n    imagePullPolicy: x\n", "2:1 Domain: renders no spec.imagePullPolicy", id="further down"
        ),
    ],
)
def test_anything_else_is_told(value: str, said: str) -> None:
    (one,) = templated(HEAD + value)
    assert one.startswith(said)


def test_every_object_of_a_template_is_looked_at() -> None:
    text = (
        "{{- range .Values.domains }}\n---\n"
        f"{HEAD}  imagePullPolicy: {{{{ .policy }}}}\n"
        "{{- end }}\n---\nkind: ConfigMap\nspec: {}\n---\nspec:\n"
        f'  imagePullPolicy: {{{{ {KEY} }}}}\nkind: "Agent" # behind its spec\n---\n'
        f"items:\n  - kind: Process\n    spec: {{image: x, imagePullPolicy: {{{{ {KEY} }}}}}}\n"
        "  - kind: Process\n    spec: {image: x}\n"
        "{{/* kind: Domain */}}\n"
    )
    assert templated(text) == [
        "8:20 Domain: spec.imagePullPolicy is rendered from .Values.domains.[].policy",
        "21:5 Process: renders no spec.imagePullPolicy",
    ]


def test_key_and_kinds_are_configured() -> None:
    policy = "{fleet: {key: fleet.pull}, operators: {kinds: [Widget]}}"
    text = "kind: Widget\nspec:\n  imagePullPolicy: {{ .Values.fleet.pull }}\n---\nkind: Domain\nspec: {}\n"
    assert templated(text, policy=policy) == []
    (one,) = templated(text.replace("fleet.pull", "fleet.push"), policy=policy)
    assert one.startswith("3:20 Widget: spec.imagePullPolicy is rendered from .Values.fleet.push")


@pytest.mark.parametrize(
    "path",
    ["templates/domain.yaml", "charts/other/templates/domain.yaml", "charts/sales/crds/domain.yaml"],
)
def test_only_templates_beside_a_chart_are_templates(path: str) -> None:
    assert told({**CHART, path: HEAD}) == []


def test_dig_in_a_template_that_is_not_evaluated_is_nobodys_matter() -> None:
    assert templated('{{ dig "a" "" .Values }}\n# tpl\nkind: Domains\n') == []


TPL = {**CHART, "charts/sales/templates/raw.yaml": "{{ range .Values.manifests }}\n{{ tpl . $ }}\n{{ end }}\n"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            'manifests:\n  - |\n    a: b\n    c: {{ dig "x" "" .Values }}\n',
            ["4:11 dig on .Values in what tpl evaluates: fails where that is no plain map"],
            id="dig",
        ),
        pytest.param(
            'manifests: ["{{ get .Values.global `x` }}"]\n',
            ["1:13 get on .Values.global in what tpl evaluates: fails where that is no plain map"],
            id="get, in a quoted text",
        ),
        pytest.param(
            "manifests: ['{{ include \"h\" . }}']\n",
            ["1:13 dig on .Values in what tpl evaluates (in h): fails where that is no plain map"],
            id="in a helper",
        ),
        pytest.param(
            "manifests:\n  - |-\n    kind: Domain\n    spec:\n      image: x\n",
            ["3:5 Domain: renders no spec.imagePullPolicy"],
            id="a primitive without an action",
        ),
        pytest.param(
            f"x:\n  manifests:\n    - |\n      kind: Domain\n      spec:\n        imagePullPolicy: {{{{ {KEY} }}}}\n",
            [],
            id="of a chart around it",
        ),
        pytest.param(
            "manifests:\n  - |\n    a: {{ .Values.x\n",
            ["3:8 no template that could be read: an action that does not end"],
            id="no template",
        ),
        pytest.param("manifests: ['{{ .Values.x | default (dict) }}']\n", [], id="what is right"),
        pytest.param("other:\n  - |\n    kind: Domain\n    spec: {}\n", [], id="not passed to tpl"),
        pytest.param("other: ['{{ .path }} dig .Values']\n", [], id="an action of somebody else"),
        pytest.param("other: ['{{ x ; y }} % {{']\n", [], id="no action at all"),
    ],
)
def test_texts_in_values(text: str, said: list[str]) -> None:
    helper = {"charts/sales/templates/_h.tpl": '{{ define "h" }}{{ dig "x" "" .Values }}{{ end }}'}
    found = told({**TPL, **helper, "env/staging/sales.yaml": text})
    assert found == [f"env/staging/sales.yaml:{one}" for one in said]


def test_an_action_on_values_in_values_goes_through_tpl_of_a_chart_from_elsewhere() -> None:
    text = f"raw: |\n  {HEAD.replace(chr(10), chr(10) + '  ')}  imagePullPolicy: {{{{ .Values.pull }}}}\n"
    (one,) = told({"env/staging/a.yaml": text})
    assert one.startswith("env/staging/a.yaml:7:22 Domain: spec.imagePullPolicy is rendered from .Values.pull")


def test_a_file_that_is_no_yaml_for_its_actions_is_a_template() -> None:
    text = f"{{{{ if .x }}}}\n{HEAD}  imagePullPolicy: {{{{ .Values.pull }}}}\n{{{{ end }}}}\n"
    one = told({"env/staging/a.yaml": text})[-1]
    assert one.startswith("env/staging/a.yaml:7:20 Domain: spec.imagePullPolicy is rendered from .Values.pull")
    assert told({"env/staging/a.txt": "{{ if .x }}\n- [\n", "env/staging/b": "{{ \xff: ["}) == []


def test_files_that_go_through_tpl() -> None:
    dig = '{{ dig "x" "" .Values }}\n'
    files = {
        **CHART,
        "charts/sales/templates/a.yaml": '{{ tpl (.Files.Get "files/a.json") . }}\n',
        "charts/sales/files/a.json": dig,
        "charts/sales/files/b.json": dig,
        "raw/c.yaml": f"\n{dig}",
        "raw/d.txt": "{{",
    }
    assert [one.partition(" in ")[0] for one in told(files, "{fleet: {evaluated: ['raw/*']}}")] == [
        "charts/sales/files/a.json:1:4 dig on .Values",
        "raw/c.yaml:2:4 dig on .Values",
        "raw/d.txt:1:1 no template that could be read: an action that does not end",
    ]


def test_what_is_too_much_to_follow_is_not_passed() -> None:
    calls = "(f " * 40 + ")" * 40
    text = "{{ .Values.a }}" + f"{{{{ f {calls} }}}}" * 500
    defined = {"charts/sales/templates/_h.tpl": f'{{{{ define "h" }}}}{text}{{{{ end }}}}'}
    included = "".join(f'{{{{ include "h" .Values.x{n} }}}}' for n in range(20))
    (one,) = told({**TPL, **defined, "env/staging/sales.yaml": f"manifests: ['{included}']\n"})
    assert one == "env/staging/sales.yaml:1:13 too much to follow: split the template"


def test_a_template_that_is_too_large_is_told() -> None:
    files = {**CHART, PATH: "kind: Domain\n" + "{{" * 5_000_000}
    (one,) = told(files)
    assert one.startswith(f"{PATH}:1:1 cannot be checked: 10000013 bytes; the limit is ")


def test_a_waiver_excuses_a_template() -> None:
    waiver = (
        "version: 1\nwaivers:\n"
        "  - {rule: fleet-contract, path: charts/sales, reason: r, owner: o, expires: 2027-01-01}\n"
    )
    verdict = checked({**CHART, PATH: HEAD, "config/waivers.yaml": waiver})
    assert ([one.rule for one in verdict.findings], len(verdict.waived)) == ([], 1)


def test_texts_have_places_in_their_files() -> None:
    content = '\ufeffa:\n  b: |2-\n\n     {{ x }}\n    y\n  c: "\\n{{ x }}"\n'.encode()
    first, second = read_texts(content, lambda _: False)
    assert [first.at(first.value.index(one)) for one in ("{{", "y")] == [(4, 6), (5, 5)]
    assert second.at(second.value.index("{{")) == (6, 6)
    assert (first.key, second.key) == ("a.b", "a.c")
