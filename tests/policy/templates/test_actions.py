"""Templates are divided as Go divides them; what is no template is said to be none, in one pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.templates.actions import (
    MOST_WORDS,
    Call,
    Dot,
    Expression,
    Field,
    Literal,
    Variable,
    scan,
    without_actions,
)


def only(text: str) -> Expression | None:
    (action,) = scan(text).actions
    return action.value


def values(*keys: str) -> Field:
    return Field(Dot(), ("Values", *keys))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("{{ .Values.a.b }}", values("a", "b"), id="a path"),
        pytest.param("{{- .Values.a -}}", values("a"), id="trimmed"),
        pytest.param("{{ (.Values.a).b.c }}", values("a", "b", "c"), id="parentheses"),
        pytest.param("{{ ((.Values.a).b).c }}", values("a", "b", "c"), id="nested"),
        pytest.param("{{ $.Values.a }}", Field(Variable(""), ("Values", "a")), id="the root"),
        pytest.param("{{ $x.a }}", Field(Variable("x"), ("a",)), id="a variable"),
        pytest.param("{{ . }}", Dot(), id="dot"),
        pytest.param('{{ "}}" }}', Literal("}}"), id="a text with the end in it"),
        pytest.param('{{ "a\\"}}" }}', Literal('a"}}'), id="an escaped quotation"),
        pytest.param("{{ `{{ \\` }}", Literal("{{ \\"), id="a raw text"),
        pytest.param("{{ '}' }}", Literal(None), id="a character"),
        pytest.param("{{ -3 }}", Literal(None), id="a number"),
        pytest.param("{{ true }}", Literal(None), id="a constant"),
        pytest.param("{{ f .a .b }}", Call("f", (Field(Dot(), ("a",)), Field(Dot(), ("b",))), 3), id="a call"),
        pytest.param("{{ .a | f 1 }}", Call("f", (Literal(None), Field(Dot(), ("a",))), 8), id="piped last"),
        pytest.param("{{ f\n  .a }}", Call("f", (Field(Dot(), ("a",)),), 3), id="over lines"),
        pytest.param("{{}}", None, id="nothing"),
    ],
)
def test_an_action(text: str, value: Expression | None) -> None:
    assert only(text) == value
    assert scan(text).broken is None


@pytest.mark.parametrize("text", ["{{/* {{ .a */}}", "{{- /* }} */ -}}"])
def test_a_comment_says_nothing(text: str) -> None:
    scanned = scan(f"{text}{{{{ .b }}}}")
    assert [action.value for action in scanned.actions] == [None, Field(Dot(), ("b",))]


def test_blocks_and_variables() -> None:
    text = "{{ range $i, $x := .l }}{{ else if .c }}{{ $y = 1 }}{{ end }}"
    said = [(one.keyword, one.also, one.sets, one.declares) for one in scan(text).actions]
    assert said == [
        ("range", "", ("i", "x"), True),
        ("else", "if", (), False),
        ("", "", ("y",), False),
        ("end", "", (), False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "{{ .a",
        '{{ "a }}',
        "{{ `a }}",
        "{{/* a }}",
        "{{/* a */ .b }}",
        "{{ (.a }}",
        "{{ .a) }}",
        "{{ a ; b }}",
        "{{{{",
    ],
)
def test_what_go_would_not_read_is_said(text: str) -> None:
    scanned = scan(f"{{{{ .good }}}}x{text}")
    assert [one.value for one in scanned.actions] == [Field(Dot(), ("good",))]
    assert scanned.broken is not None
    assert scanned.broken[0] == len("{{ .good }}x")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{" * 5_000_000, id="10 MB of openings"),
        pytest.param("{{ " + "(" * 1_000_000, id="parentheses"),
        pytest.param('{{ "' * 1_000_000, id="quotations"),
        pytest.param("{{ `" * 1_000_000, id="raw quotations"),
        pytest.param("{{/*" * 1_000_000, id="comments"),
        pytest.param("{{ " + "a " * 1_000_000, id="words"),
        pytest.param("{{}}" * 1_000_000, id="empty actions"),
        pytest.param("{{ " + ".a" * 1_000_000 + " }}", id="fields"),
    ],
)
def test_hostile_templates_are_given_up_at_a_bound(text: str) -> None:
    scanned = scan(text)
    assert scanned.broken is not None
    assert len(scanned.actions) <= MOST_WORDS


@given(st.text(alphabet='{}"`-/*.$ab|() \n:=', max_size=80))
def test_anything_is_read(text: str) -> None:
    scanned = scan(text)
    shown = without_actions(text, scanned)
    assert len(shown) == len(text)
    assert shown.count("\n") == text.count("\n")
    assert "{{" not in shown
