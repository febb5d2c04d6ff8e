"""Texts made to be slow, too much, or misread: each is read within its limits, or refused with the reason."""

from time import process_time

import pytest

from bot.errors import EditRefused
from bot.pins import Edit, Shape, Token, rewrite, splice
from tests.builders import digest, found, pin, pins_of, written

MEND = "mend it, or leave it out by `exclude`"


PARAMETERS = "parameters:\n- {name: repository, value: ghcr.io/acme/api}\n- {name: tag, value: main}\n"


def block(text: str, key: str = "x", *, by: int = 2) -> str:
    """`text` in a literal block under `key`."""
    return f"{key}: |\n" + "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def deep(texts: int, levels: int) -> str:
    """A reference within `texts` texts, each below `levels` keys."""
    text = "image: ghcr.io/acme/api@<a>\n"
    for _ in range(texts):
        above = "".join(f"{' ' * level}k:\n" for level in range(levels - 1))
        inside = block(text, "k")
        text = above + "".join(f"{' ' * (levels - 1)}{line}\n" for line in inside.splitlines())
    return text


@pytest.mark.parametrize(
    "actions",
    [
        "{{a}}" * 2_000 + " x",
        "{{" * 200_000,
        "}}" * 200_000,
        "{{a}} " * 2_000 + "x",
        "{" * 400_001,
        "{{a\t}}\t" * 2_000,
    ],
    ids=["many in a line", "never closed", "never opened", "spaced", "odd", "tabs"],
)
def test_template_actions_are_read_in_time_that_grows_with_the_text(actions: str) -> None:
    started = process_time()

    found(block(f"acme: b: c\n{actions}"))

    assert process_time() - started < 2


def test_a_line_of_text_between_two_actions_is_not_lost() -> None:
    one = pin("x: |\n  {{ if a }}\n  b: ghcr.io/acme/api:main\n  {{- end }} {{/* c */}}\n  d: {{ e }} ghcr {{ f }}\n")

    assert (one.key, one.refusal) == ("x|0.b", None)


def test_an_action_at_the_begin_of_a_text_within_a_template_hides_nothing() -> None:
    inner = block("{{- if a }}\nimage: ghcr.io/acme/api@<a>\n{{- end }}", "values")

    one = pin(block("{{- if b }}\n" + inner + "{{- end }}", by=1))

    assert (one.key, one.place, one.refusal) == ("x|0.values|0.image", "values.yaml:5:11", None)


def test_an_action_over_several_lines_hides_nothing_around_it() -> None:
    one = pin("x: |\n  {{- /* a\n  b: c: d */ -}}\n  image: ghcr.io/acme/api@<a>\n")

    assert (one.place, one.refusal) == ("values.yaml:4:10", None)


@pytest.mark.parametrize(
    "text", ['x: "acme: \\ud800\\nb: ghcr.io/acme/api:main\\n"\n', '"\\udc00": "acme\\n\\udc00"\n']
)
def test_half_a_character_in_a_quoted_text_raises_nothing(text: str) -> None:
    assert not found(text).problems


@pytest.mark.parametrize(("texts", "levels"), [(1, 1), (2, 10), (5, 10), (9, 9), (40, 1)])
def test_yaml_within_yaml_is_found_and_edited_to_any_depth_within_the_limit(texts: int, levels: int) -> None:
    text = deep(texts, levels)

    after = splice(written(text).encode(), rewrite(pin(text), digest=digest("b"), tag=None))

    assert after.decode() == written(text.replace("<a>", "<b>"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (deep(10, 10), "nested deeper than 100 levels"),
        (block("acme: " + "[" * 101 + "]" * 101), "nested deeper than 100 levels"),
        (block("acme: [" + "1," * 200_001 + "]"), "more than 200000 YAML events"),
        ("".join(block("acme: [" + "1," * 50_001 + "]", f"x{n}") for n in range(4)), "more than 200000 YAML events"),
        ("".join(block("acme: [" + "1," * 50_001 + "]\n---\n]", f"x{n}") for n in range(4)), "more than 200000 YAML"),
    ],
    ids=["levels of texts", "levels within", "events within", "events of all", "events of what is no YAML"],
)
def test_a_limit_that_is_reached_within_a_text_is_a_problem_of_the_file(text: str, words: str) -> None:
    result = found(text)

    assert not result.pins
    assert [words in problem.reason for problem in result.problems] == [True]


def test_two_keys_that_are_collections_are_not_the_same_key() -> None:
    first, second = pins_of("? [a]\n: ghcr.io/acme/api@<a>\n? {b: c}\n: ghcr.io/acme/api@<a>\n")

    assert (first.refusal, second.refusal) == (None, None)


def test_a_key_that_is_an_alias_is_called_what_it_stands_for() -> None:
    one = pin("a: &k image\n*k : ghcr.io/acme/api@<a>\n")

    assert (one.key, one.refusal) == ("image", None)


def test_a_repository_from_a_list_of_merged_mappings_is_read() -> None:
    _, one = pins_of("a: &a\n  repository: ghcr.io/acme/api\nc: &c {d: e}\nb:\n  <<: [*c, *a]\n  digest: <a>\n")

    assert (one.key, str(one.reference)) == ("b.digest", written("ghcr.io/acme/api@<a>"))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("--image=ghcr.io/acme/api:main", True),
        ("a=b=ghcr.io/acme/api:main", True),
        ("see a=ghcr.io/acme/api:main", False),
        ("https://shields.example/?image=ghcr.io/acme/api:main", False),
        ("ghcr.io/acme/api:main=", False),
    ],
)
def test_what_stands_behind_an_equals_sign_is_a_reference_unless_more_than_a_name_is_before_it(
    text: str, known: bool
) -> None:
    assert bool(pins_of(f"x: {text}\n")) is known


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (
            "{{- if .acme }}\na: 1\n{{- end }}\n",
            1,
            f"not YAML (expected the node content, but found '-'), perhaps a Helm template; {MEND}",
        ),
        ("a: acme: b\n", 1, f"not YAML (mapping values are not allowed here); {MEND}"),
        ("acme: \0\n", 0, f"not YAML (special characters are not allowed); {MEND}"),
    ],
)
def test_a_file_that_is_not_yaml_says_so_and_what_to_do(content: str, line: int, reason: str) -> None:
    (problem,) = found(content).problems

    assert (problem.line, problem.reason) == (line, reason)


@pytest.mark.parametrize("comment", ["", "   # filled later"])
def test_an_empty_digest_key_is_filled_where_it_stands_whatever_follows(comment: str) -> None:
    text = f"image:\n  repository: ghcr.io/acme/api\n  tag: main\n  digest:{comment}\nother: 1\n"

    after = splice(text.encode(), rewrite(pin(text), digest=digest("b"), tag=None))

    assert after.decode() == written(text.replace("digest:", "digest: <b>"))


@pytest.mark.parametrize(
    "text",
    [
        "image:\n  repository: ghcr.io/acme/api\n  tag: main\n  ? digest\n  :\nother: 1\n",
        f"{PARAMETERS}- name: digest\n  value:\nother: 1\n",
    ],
    ids=["explicit key", "parameter"],
)
def test_an_empty_value_without_a_sure_place_is_refused(text: str) -> None:
    one = pin(text)

    assert one.refusal is not None
    assert one.refusal.code == "escaped"


def test_a_tag_alone_among_parameters_belongs_to_the_repository_there() -> None:
    one = pin(PARAMETERS)

    assert (one.key, one.shape, str(one.reference)) == ("parameters[1].value", Shape.TAG_KEY, "ghcr.io/acme/api:main")


def test_an_edit_that_no_value_shows_is_refused() -> None:
    text = written("a: 1 # ghcr.io/acme/api@<a>\n")
    start = text.index("ghcr")

    with pytest.raises(EditRefused, match="more than"):
        splice(text.encode(), [Edit(token=Token(start=start, end=start + 4, text="ghcr"), text="quay")])
