"""What is printed is followed back to values, through variables, blocks, `dict` and named templates."""

import pytest

from bot.policy.templates.actions import scan
from bot.policy.templates.seen import UNKNOWN
from bot.policy.templates.sources import Dig, Followed, Follower, named_templates


def followed(text: str) -> Followed:
    scanned = scan(text)
    return Follower(named_templates([scanned]), most_steps=60_000).follow(scanned.actions)


def last(text: str) -> set[str]:
    """Where the last thing that is printed comes from."""
    printed = followed(text).printed
    return {".".join(keys) for keys in printed[max(printed)]}


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("{{ .Values.a.b }}", {"Values.a.b"}),
        ('{{ .Values.a | default "x" | quote }}', {"Values.a"}),
        ("{{ default .Values.b .Values.a }}", {"Values.a", "Values.b"}),
        ('{{ "x" }}', set()),
        ("{{ ((.Values.a).b).c }}", {"Values.a.b.c"}),
        ('{{ index .Values "a" "b" }}', {"Values.a.b"}),
        ('{{ get (get .Values "a") "b" }}', {"Values.a.b"}),
        ('{{ dig "a" "b" "none" .Values }}', {"Values.a.b"}),
        ('{{ .Values | dig "a" "none" }}', {"Values.a"}),
        ("{{ index .Values $x }}", {"Values", "?"}),
        ("{{ $x := .Values.a }}{{ $x.b }}", {"Values.a.b"}),
        ("{{ $x := .Values.a }}{{ if .c }}{{ $x = .Values.b }}{{ end }}{{ $x }}", {"Values.a", "Values.b"}),
        ("{{ if .c }}{{ $x := .Values.a }}{{ end }}{{ $x }}", {"?"}),
        ("{{ $x := .Values.a }}{{ if .c }}{{ $x := .Values.b }}{{ end }}{{ $x }}", {"Values.a"}),
        ("{{ with .Values.a }}{{ .b }}{{ end }}", {"Values.a.b"}),
        ("{{ with .Values.a }}{{ $.Values.b }}{{ end }}", {"Values.b"}),
        ("{{ with .Values.a }}{{ else }}{{ .Values.b }}{{ end }}", {"Values.b"}),
        ("{{ with .Values.a }}{{ else with .Values.c }}{{ .b }}{{ end }}", {"Values.c.b"}),
        ("{{ with $x := .Values.a }}{{ $x }}{{ end }}", {"Values.a"}),
        ("{{ range .Values.l }}{{ .b }}{{ end }}", {"Values.l.[].b"}),
        ("{{ range $i, $x := .Values.l }}{{ $x.b }}{{ end }}", {"Values.l.[].b"}),
        ('{{ include "h" . }}{{ define "h" }}{{ .Values.a }}{{ end }}{{ include "h" . }}', {"Values.a"}),
        ('{{ define "h" }}{{ .x.b }}{{ end }}{{ include "h" (dict "x" .Values.a "r" $) }}', {"Values.a.b"}),
        ('{{ define "h" }}{{ .Values.a }}{{ end }}{{ template "h" $ }}', {"Values.a"}),
        ('{{ include "elsewhere" . }}', {"?"}),
        ('{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}', {"?"}),
        ("{{ include $x . }}", {"?"}),
        ("{{ end }}{{ else }}{{ .Values.a }}", {"Values.a"}),
    ],
)
def test_where_it_comes_from(text: str, sources: set[str]) -> None:
    assert last(text) == sources


@pytest.mark.parametrize(
    ("text", "evaluated"),
    [
        ("{{ tpl .Values.a . }}", {("Values", "a")}),
        ("{{ range .Values.l }}{{ tpl . $ }}{{ end }}", {("Values", "l", "[]")}),
        ("{{ tpl (toYaml .Values.a) $ | nindent 2 }}", {("Values", "a")}),
        ('{{ define "r" }}{{ tpl .value .context }}{{ end }}{{ include "r" (dict "value" .Values.a "context" $) }}',
         {("Values", "a"), ("value",)}),
    ],
)  # fmt: skip
def test_what_goes_through_tpl(text: str, evaluated: set[tuple[str, ...]]) -> None:
    assert followed(text).evaluated == evaluated


def test_files_that_go_through_tpl() -> None:
    assert followed('{{ $x := .Files.Get "a/b.yaml" }}{{ tpl $x . }}').documents == {"a/b.yaml"}


@pytest.mark.parametrize(
    ("text", "digs"),
    [
        ('{{ dig "a" "" .Values }}', [Dig("dig", ("Values",), 3)]),
        ('{{ .Values | dig "a" "" }}', [Dig("dig", ("Values",), 13)]),
        ('{{ get $.Values.a "b" }}', [Dig("get", ("Values", "a"), 3)]),
        ('{{ $v := .Values }}{{ dig "a" "" $v }}', [Dig("dig", ("Values",), 22)]),
        ('{{ if dig "a" "" .Values }}{{ end }}', [Dig("dig", ("Values",), 6)]),
        ('{{ dig "a" "" (.Values | default dict) }}', [Dig("dig", ("Values",), 3)]),
        ('{{ dig "a" "" (.Values | toYaml | fromYaml) }}', []),
        ('{{ dig "a" "" .Values.AsMap }}', []),
        ('{{ dig "a" "" .other }}', []),
        ('{{ get (dict "a" .Values) "a" }}', []),
        ('{{ "dig .Values" }}{{/* dig "a" "" .Values */}}', []),
    ],
)
def test_dig_and_get_on_values(text: str, digs: list[Dig]) -> None:
    assert followed(text).digs == digs


def test_dig_in_a_named_template_is_found_where_it_is_included() -> None:
    text = '{{ include "h" . }}'
    defined = named_templates([scan('{{ define "h" }}{{ include "i" . }}{{ end }}'), scan(
        '{{ define "i" }}{{ dig "a" "" .Values }}{{ end }}')])  # fmt: skip
    found = Follower(defined).follow(scan(text).actions)
    assert found.digs == [Dig("dig", ("Values",), 3, through="i")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{ $x := .Values }}" + "{{ $x := $x.a }}" * 5_000 + "{{ $x }}", id="a path that grows"),
        pytest.param("{{ $x := .Values }}" + '{{ $x := dict "a" $x "b" $x }}' * 5_000 + "{{ $x }}", id="a dict"),
        pytest.param(
            "{{ $x := .Values.a }}" + "".join(f"{{{{ $x = f $x .Values.a{n} }}}}" for n in range(5_000)) + "{{ $x }}",
            id="sources that grow",
        ),
        pytest.param(
            "".join(
                f'{{{{ define "a{n}" }}}}{{{{ include "a{n + 1}" .x }}}}{{{{ include "a{n + 1}" .y }}}}{{{{ end }}}}'
                for n in range(40)
            )
            + '{{ include "a0" . }}',
            id="twice as many each time",
        ),
    ],
)
def test_nothing_grows_without_end(text: str) -> None:
    found = followed(text)
    sources = found.printed[max(found.printed)]
    assert len(sources) <= 65
    assert max(map(len, sources)) <= 52
    assert len(sources) == 1 or UNKNOWN in sources


def test_what_was_given_up_is_followed_again() -> None:
    chain = [
        scan(f'{{{{ define "a{n}" }}}}{{{{ include "a{n + 1}" .x }}}}{{{{ include "a{n + 1}" .y }}}}{{{{ end }}}}')
        for n in range(18)
    ]
    follower = Follower(named_templates([*chain, scan('{{ define "a18" }}{{ .b }}{{ end }}')]), most_steps=9_000)
    assert not follower.follow(scan('{{ include "a0" . }}').actions).complete
    small = follower.follow(scan('{{ include "a17" .Values }}').actions)
    assert small.complete
    assert small.printed == {0: frozenset({("Values", "x", "b"), ("Values", "y", "b")})}


def test_deep_blocks_need_no_stack() -> None:
    assert last("{{ if .a }}" * 20_000 + "{{ .Values.a }}") == {"Values.a"}
