"""What the doctor says: grouped, the fix below, nothing from outside that a terminal would obey."""

import json

import pytest

from bot.diagnosis.check import CannotTell, Check, Group, Name, Ok, Wrong, in_order, told
from bot.report.doctor import exit_code, lines, render

OK = Ok(Name.CONFIGURATION, "config/environments.yaml", "valid")
WRONG = Wrong(Name.KARGO, "x.yaml:3", "the Stage dev writes it", "take it out")
UNKNOWN = CannotTell(Name.BYPASS, "dev", "not shown", "look there")
DOWN = CannotTell(Name.REGISTRY, "ghcr.io", "not reached", "later", unreachable=True)


def test_lines_are_grouped_with_the_fix_below() -> None:
    assert [line for _, line in lines(in_order([WRONG, UNKNOWN, OK]))] == [
        "Configuration",
        "  ✓ configuration  config/environments.yaml: valid",
        "",
        "Merging",
        "  ? bypass  dev: not shown",
        "      → look there",
        "",
        "Other writers",
        "  ✗ kargo  x.yaml:3: the Stage dev writes it",
        "      → take it out",
        "",
        "1 ok, 1 wrong, 1 cannot tell",
    ]


def test_what_came_first_stays_first_within_its_name() -> None:
    two = [Ok(Name.PATHS, name, "x") for name in ("b", "a")]
    assert in_order([UNKNOWN, *two, OK]) == (OK, *two, UNKNOWN)


@pytest.mark.parametrize(
    ("checks", "code"),
    [([], 0), ([OK], 0), ([OK, UNKNOWN], 0), ([UNKNOWN, WRONG, OK], 2), ([DOWN], 3), ([WRONG, DOWN], 3)],
)
def test_the_exit_code(checks: list[Check], code: int) -> None:
    assert exit_code(checks) == code


def test_text_from_outside_is_one_plain_line_in_both() -> None:
    nasty = Wrong(Name.KARGO, "a\nb", "x\x1b[31m\u202ey\r\n::error::z", "f\x07")
    (_, line), (_, fix) = list(lines([nasty]))[1:3]
    assert (line, fix) == ("  ✗ kargo  a b: x[31my ::error::z", "      → f")
    (found,) = json.loads(render([nasty]))["checks"]
    assert (found["subject"], found["message"], found["fix"]) == ("a b", "x[31my ::error::z", "f")


def test_every_name_has_a_group_and_they_stand_together() -> None:
    groups = [name.group for name in Name]
    assert list(dict.fromkeys(groups)) == list(Group)
    assert groups == sorted(groups, key=list(Group).index)


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("a: b; do c; and d", "a: b", "do c; and d"),
        ("none: set X", "none", "set X"),
        ("plain", "plain", "otherwise"),
    ],
)
def test_a_message_is_split_into_what_is_so_and_what_to_do(text: str, message: str, fix: str) -> None:
    assert told(text, "otherwise") == (message, fix)
