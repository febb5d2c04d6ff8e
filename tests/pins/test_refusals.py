"""What cannot be edited safely is still found, with its place and the reason; a file that cannot be read says so."""

import pytest

from bot.pins import FirstParty, Found, Shape, discover
from tests.builders import OURS, found, pin, pins_of, written


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("x: &a ghcr.io/acme/api@<a>\n", "anchored", "an anchor or a tag"),
        ("x: !!str ghcr.io/acme/api@<a>\n", "anchored", "an anchor or a tag"),
        ("x: ! 'ghcr.io/acme/api@<a>'\n", "anchored", "an anchor or a tag"),
        ("image: {repository: ghcr.io/acme/api, tag: &t main}\n", "anchored", "an anchor or a tag"),
        ("image:\n  repository: ghcr.io/acme/api\n  digest: &d <a>\n", "anchored", "an anchor or a tag"),
        ("d: &d <a>\nimage:\n  repository: ghcr.io/acme/api\n  digest: *d\n", "anchored", "alias *d"),
        ("d: &d <a>\nimage:\n  repository: ghcr.io/acme/api\n  tag: main\n  digest: *d\n", "anchored", "alias *d"),
        ("t: &t main\nimage:\n  repository: ghcr.io/acme/api\n  tag: *t\n", "anchored", "alias *t"),
        ("x: |-\n  ghcr.io/acme/api@<a>\n", "block-scalar", "block scalar"),
        ("x: >-\n  ghcr.io/acme/api@<a>\n", "block-scalar", "block scalar"),
        ('x: "ghcr.io/acme/\\u0061pi@<a>"\n', "escaped", "folded or holds escapes"),
        ('x: "ghcr.io/acme/\\\n  api@<a>"\n', "escaped", "folded or holds escapes"),
        ("image: ghcr.io/acme/api@<a>\nimage: ghcr.io/acme/api@<a>\n", "duplicate-key", "'image' stands twice"),
        (
            "i:\n  repository: ghcr.io/acme/api\n  digest: <a>\n  digest: <b>\n",
            "duplicate-key",
            "'digest' stands twice",
        ),
        ("i:\n  repository: ghcr.io/acme/api\n  tag: a\n  digest: <a>\n  tag: b\n", "duplicate-key", "'tag' stands"),
        ("x: {a: ghcr.io/acme/api@<a>}\nx: 1\n", "duplicate-key", "'x' stands twice"),
        ("image:\n  repository: ghcr.io/acme/api\n  digest: sha256:short\n", "invalid-reference", "64 lower-case"),
        ("image:\n  repository: ghcr.io/acme/api\n  tag: '{{ .tag }}'\n", "template", "template action"),
        ("image:\n  repository: ghcr.io/acme/api\n  digest: '{{ .digest }}'\n", "template", "template action"),
        ("image:\n  repository: ghcr.io/acme/api\n  tag: main@<a>\n  digest: <a>\n", "invalid-reference", "not a tag"),
        ("image: ghcr.io/acme/api@sha256:abc\n", "invalid-reference", "64 lower-case"),
        ("image: ghcr.io/acme/api:main@md5:abc\n", "invalid-reference", "md5"),
        ("x: ghcr.io/acme/api@sha256:{{ .d }}\n", "template", "template action"),
        ("x: 'ghcr.io/acme/api:{{ .t }}@{{ .d }}'\n", "template", "template action"),
        ("x: |\n  {{- if x }}\n  y: ghcr.io/acme/api:{{ .t }}\n  {{- end }}\n", "template", "template action"),
        ("""p: '[{"op":"replace","value":"ghcr.io/acme/api:main"}]'\n""", "escaped", "quoted text"),
        ('p: "image: ghcr.io/acme/api:main"\n', "escaped", "quoted text"),
        (
            "parameters: [{name: image, value: 'ghcr.io/acme/api:a'}, {name: image, value: 'ghcr.io/acme/api:b'}]",
            "duplicate-key",
            "'image' stands twice",
        ),
        (
            "parameters: [{name: repository, value: ghcr.io/acme/api}, {name: tag, value: a}, {name: tag, value: b}]",
            "duplicate-key",
            "'tag' stands twice",
        ),
    ],
)
def test_a_place_that_cannot_be_edited_safely_is_refused_with_the_reason(text: str, code: str, words: str) -> None:
    refused = pins_of(text)

    assert refused
    assert {one.refusal.code for one in refused if one.refusal} == {code}
    assert all(one.refusal and words in one.refusal.reason for one in refused)
    assert str(refused[0].reference.repository) == "ghcr.io/acme/api"


def test_a_repository_that_is_an_alias_is_read_and_its_digest_is_edited() -> None:
    anchor, one = pins_of("r: &r ghcr.io/acme/api\nimage:\n  repository: *r\n  digest: <a>\n")

    assert anchor.refusal is not None
    assert (one.key, one.shape, one.refusal) == ("image.digest", Shape.DIGEST_KEY, None)
    assert str(one.reference) == written("ghcr.io/acme/api@<a>")


def test_an_alias_is_refused_where_it_stands_and_says_what_it_means() -> None:
    anchor, alias = pins_of("a: &x ghcr.io/acme/api@<a>\nb:\n  - *x\n")

    assert anchor.refusal is not None
    assert alias.refusal is not None
    assert (alias.key, alias.place) == ("b[0]", "values.yaml:3:5")
    assert alias.reference == anchor.reference


def test_an_alias_means_the_nearest_anchor_before_it() -> None:
    text = "a: &x ghcr.io/acme/api@<a>\nb: &x {c: 1}\nd: *x\n---\ne: *x\n"

    assert [one.key for one in pins_of(text)] == ["a"]


def test_one_refused_place_does_not_refuse_its_neighbours() -> None:
    refused, good = pins_of("a: &x ghcr.io/acme/api@<a>\nb: ghcr.io/acme/api@<a>\n")

    assert refused.refusal is not None
    assert good.refusal is None


def test_duplicate_keys_elsewhere_refuse_nothing() -> None:
    assert pin("a: 1\na: 2\nb: ghcr.io/acme/api@<a>\n").refusal is None


def test_aliases_of_collections_are_not_followed() -> None:
    bomb = "x: ghcr.io/acme/api@<a>\na0: &a0 [ghcr.io/acme/api@<a>]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))

    assert [one.key for one in pins_of(bomb)] == ["x", "a0[0]"]


@pytest.mark.parametrize(
    "tag", ["&t 1f3c9ab", "!!str 1f3c9ab", "*t", "'{{ .Values.tag }}'", '"1f3c\\x39ab"'], ids=lambda tag: tag
)
def test_a_tag_that_cannot_be_edited_does_not_keep_the_digest_beside_it_from_moving(tag: str) -> None:
    one = pin(f"t: &t 1f3c9ab\nimage:\n  repository: ghcr.io/acme/api\n  digest: <a>\n  tag: {tag}\n")

    assert (one.refusal, one.tag) == (None, None)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"acme: \xff\n", 0, "not UTF-8 at byte 6"),
        (b"acme: '\xc3'\n", 0, "not UTF-8"),
        (b"a: 1\nimage: ghcr.io/acme/api:main: x\n", 2, ""),
        (b"# acme\na: [1\n", 3, ""),
        (b"acme: \x00\n", 0, ""),
        (b"{{- if .Values.acme }}\nimage: ghcr.io/acme/api:main\n{{- end }}\n", 1, ""),
        (b"acme:\n\t- tab\n", 2, ""),
        (b'acme: "\\UFFFFFFFF"\n', 0, ""),
        (b"%YAML 1." + b"1" * 5000 + b"\n---\nacme: 1\n", 0, ""),
        (b"%YAML 1.200\n---\nacme: 1\n", 0, ""),
        (b"acme: " + b"[" * 101 + b"]" * 101, 0, "nested deeper than 100 levels"),
        (b"acme: " + b"[" * 50_000, 0, "nested deeper than 100 levels"),
        (b"acme:\n" + b"- " * 50_000, 0, "nested deeper than 100 levels"),
        (b"acme: [" + b"1," * 200_001 + b"]", 0, "more than 200000 YAML events"),
        (b"acme: 1\n" + b"#" * (4 * 1024 * 1024), 0, "the limit is 4194304"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem_with_its_reason(content: bytes, line: int, words: str) -> None:
    result = found(content)

    assert not result.pins
    (problem,) = result.problems
    assert (problem.path, problem.code) == ("values.yaml", "unreadable-file")
    assert problem.line == line or not words
    assert words in problem.reason
    assert problem.reason


@pytest.mark.parametrize("levels", [1, 99])
def test_what_is_just_within_the_limits_is_read(levels: int) -> None:
    text = "x: " + "[" * levels + "'ghcr.io/acme/api@<a>'" + "]" * levels

    assert pin(text).refusal is None


def test_a_file_of_just_the_limit_is_read() -> None:
    text = written("x: ghcr.io/acme/api@<a>\n")

    assert pin(text + "#" * (4 * 1024 * 1024 - len(text))).refusal is None


def test_a_git_lfs_pointer_is_a_problem_though_it_names_no_image() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 1234\n"

    (problem,) = found(pointer).problems

    assert "Git LFS pointer" in problem.reason


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_a_problem_though_no_name_can_be_found_in_it(codec: str) -> None:
    (problem,) = found(("\ufeff" + "image: ghcr.io/acme/api:main\n").encode(codec)).problems

    assert "save it as UTF-8" in problem.reason


@pytest.mark.parametrize(
    "text",
    [
        "{repository: 'ghcr.io/acme/{{ .n }}', digest: '<a>'}",
        "{registry: 'ghcr.io/{{ .n }}', repository: acme/api, digest: '<a>'}",
        "{global: {imageRegistry: '{{ .n }}'}, i: {repository: acme/api, digest: '<a>'}}",
        "{ref: 'ghcr.io/acme/{{ .n }}:main'}",
        "{ref: 'ghcr.io/acme/{{ .n }}@<a>'}",
        "{ref: 'ghcr.io/acme/api{{ .n }}'}",
    ],
)
@pytest.mark.parametrize(
    "around",
    ["%s\n", "x: |\n  {{- if x }}\n  %s\n  {{- end }}\n", 'x: "{{- if x }}\\n%s\\n{{- end }}"\n'],
    ids=["plain", "block", "quoted"],
)
def test_a_name_that_a_template_makes_is_not_known_and_not_made_up(text: str, around: str) -> None:
    assert pins_of(around % text) == ()


def test_a_template_before_the_reference_hides_nothing_of_it() -> None:
    one = pin('x: "--{{ .name }}=ghcr.io/acme/api:1.2.3"\n')

    assert (str(one.reference), one.refusal and one.refusal.code) == ("ghcr.io/acme/api:1.2.3", "template")


@pytest.mark.parametrize(
    "text", ["see: 'ghcr.io/acme/api:main is: ours'\n", "x: acme/api@v1\n", "x: 'docker pull ghcr.io/acme/api:main'\n"]
)
def test_a_line_of_text_is_no_reference(text: str) -> None:
    assert found(text) == Found()


@pytest.mark.parametrize("content", [b"", b"x: 1\n", b"\xff", b"a: [", b"%YAML 9\x00"])
def test_a_file_without_a_first_party_name_is_not_even_parsed(content: bytes) -> None:
    result = found(content)

    assert not result.pins
    assert not result.problems


def test_without_needles_every_file_is_read() -> None:
    everything = FirstParty(lambda repository: True, ())

    result = discover("x.yaml", b"image: redis:7\n", everything)

    assert [str(one.reference) for one in result.pins] == ["redis:7"]
    assert not discover("x.yaml", b"a: [", OURS).problems
    assert discover("x.yaml", b"a: [", everything).problems


@pytest.mark.parametrize("text", ['"\\ud800": ghcr.io/acme/api:main\n', '"\\e[0m\\n": ghcr.io/acme/api:main\n'])
def test_a_key_path_can_be_printed_whatever_the_key_holds(text: str) -> None:
    key = pin(text).key

    assert key.isprintable()
    assert key.encode()


def test_a_refused_mapping_without_a_sound_digest_still_has_its_shape() -> None:
    one = pin("image:\n  repository: ghcr.io/acme/api\n  digest: sha256:short\n")

    assert one.shape is Shape.DIGEST_KEY
    assert one.reference.digest is None


@pytest.mark.parametrize("short", ["sha256:ca978112ca1bbdca", "sha512:main", "'sha256:ca978112'"])
def test_a_digest_that_is_cut_short_is_no_image_of_that_name(short: str) -> None:
    everything = FirstParty(lambda repository: True, ())
    for text in (f"chart: {{name:, digest: {short}}}\n", f"checksum: {short}\n", f"- {short}\n"):
        assert discover("x.yaml", text.encode(), everything).pins == ()
