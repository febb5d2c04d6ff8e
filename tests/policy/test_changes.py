"""Which lines of a file are new, and which findings a change has to do with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import Touched, Verdict, narrowed, suspects
from tests.policy.checking import checked

PATH = "env/staging/api.yaml"


def new(before: str, after: str) -> list[int]:
    return sorted(Touched.between(PATH, before.encode(), after.encode()).lines)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param("a\nb\n", "a\nb\n", [], id="nothing"),
        pytest.param("a\nb\n", "a\nx\nb\n", [2], id="put in"),
        pytest.param("a\nb\nc\n", "a\nc\n", [], id="taken out"),
        pytest.param("a\nb\nc\n", "a\nx\nc\n", [2], id="in another's place"),
        pytest.param("a\nb\nc\nd\n", "x\nb\nc\ny\n", [1, 4], id="around what stays"),
        pytest.param("a", "a\n", [2], id="an end of line"),
        pytest.param("", "a\nb", [1, 2], id="all of it"),
        pytest.param("a\nb\n", "a\r\nb\r\n", [1, 2], id="other line ends"),
    ],
)
def test_lines(before: str, after: str, lines: list[int]) -> None:
    assert new(before, after) == lines


def test_what_would_take_long_to_compare_counts_as_new() -> None:
    before = "".join(f"{number % 7}\n" for number in range(5000))
    after = "".join(f"{number % 5}\n" for number in range(5000))

    assert len(new(f"a\n{before}z", f"a\n{after}z")) >= 4900
    assert 1 not in new(f"a\n{before}z", f"a\n{after}z")


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_what_is_not_new_stood_there_before_in_this_order(before: list[str], after: list[str]) -> None:
    lines = new("\n".join(before), "\n".join(after))
    left = iter("\n".join(before).split("\n"))
    kept = [line for at, line in enumerate("\n".join(after).split("\n"), 1) if at not in lines]

    assert all(any(line == one for one in left) for line in kept)


def told(before: str, after: str, *, path: str = PATH, former: str = PATH) -> list[str]:
    """Line and rule of what is left of the findings, when a file became another one."""
    then, now = checked({former: before}), checked({path: after})
    touched = {path: Touched.between(former, before.encode(), after.encode())} if before != after else {}
    return [f"{one.remark.line} {one.rule}" for one in narrowed(now, touched, then.findings, ran=RAN).findings]


RAN = frozenset({"tag-only", "floating-tag", "digest-drift", "unpinned"})
A, B = "ghcr.io/acme/api@sha256:" + "a" * 64, "ghcr.io/acme/api@sha256:" + "b" * 64
MAPPING = "image:\n  repository: ghcr.io/acme/api\n  # why\n  tag: 1.4.0\n  # and\n"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param("a: {image: ghcr.io/acme/x:1.4.0}\n", "a: {image: ghcr.io/acme/x:1.4.0}\n", [], id="as it was"),
        pytest.param("image: ghcr.io/acme/x:1.4.0\n", "\n\nimage: ghcr.io/acme/x:1.4.0\n", [], id="moved down"),
        pytest.param(
            "image: ghcr.io/acme/x:1.4.0\n", "image: ghcr.io/acme/x:1.5.0\n", ["1 tag-only"], id="another, as bad"
        ),
        pytest.param(f"{MAPPING}  digest: sha256:{'a' * 64}\n", MAPPING, ["4 tag-only"], id="its digest taken out"),
        pytest.param(f"x: {{image: {A}}}\n", f"x: {{image: {A}}}\ny: {{image: {B}}}\n", ["2 digest-drift"], id="drift"),
        pytest.param(
            f"x: {{image: {A}}}\ny: {{image: {A}}}\n",
            f"x: {{image: {B}}}\ny: {{image: {A}}}\nz: {{image: {B}}}\n",
            ["2 digest-drift"],
            id="drift of what was not touched",
        ),
        pytest.param(
            "images: [ghcr.io/acme/x:1.4.0]\n",
            "images:\n  - ghcr.io/acme/x:1.4.0\n",
            ["2 tag-only"],
            id="written otherwise",
        ),
    ],
)
def test_what_a_change_has_to_do_with(before: str, after: str, found: list[str]) -> None:
    assert told(before, after) == found


def test_a_second_one_like_the_first_is_told_once() -> None:
    line = "  - image: ghcr.io/acme/x:1.4.0\n"

    assert told(f"a:\n{line}", f"a:\n{line}{line}") == ["3 tag-only"]


def test_a_file_that_moved_brings_nothing_new_unless_into_another_environment() -> None:
    text = "image: ghcr.io/acme/x:1.4.0\n"

    assert told(text, text + "# more\n", former="env/staging/old.yaml") == []
    assert told(text, text + "# more\n", former="env/dev/api.yaml") == ["1 tag-only"]


def test_a_new_file_is_told_whole() -> None:
    verdict = checked({PATH: "image: ghcr.io/acme/x:1.4.0\n"})

    assert narrowed(verdict, {PATH: None}, (), ran=RAN).findings == verdict.findings
    assert suspects(verdict, {PATH: None}) == ()


def test_what_nobody_looked_for_before_goes_by_its_line_alone() -> None:
    verdict = checked({PATH: "image: ghcr.io/acme/x:1.4.0\n"})

    assert narrowed(verdict, {}, (), ran=()).findings == ()
    assert narrowed(verdict, {}, (), ran=()).unchanged == 1


def test_what_is_said_of_waivers_is_always_told() -> None:
    waivers = "version: 1\nwaivers:\n  - {rule: tag-only, path: a, reason: r, owner: o, expires: 2026-01-01}\n"
    verdict: Verdict = checked({PATH: "a: 1\n", "config/waivers.yaml": waivers})

    assert [one.rule for one in narrowed(verdict, {}, (), ran=RAN).findings] == ["waiver-expired"]
