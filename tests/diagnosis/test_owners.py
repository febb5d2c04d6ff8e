"""CODEOWNERS as GitHub's page describes it, pattern by pattern."""

import pytest

from bot.diagnosis.owners import read_owners


def owner(text: str, file: str) -> str:
    read = read_owners({"CODEOWNERS": text.encode()})
    assert read is not None
    line = read.of(file)
    return " ".join(line.owners) if line else "-"


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("*", ["a", "a/b/c"], []),
        ("/", ["a", "a/b"], []),
        ("*.yaml", ["a.yaml", "x/y/a.yaml"], ["a.yml"]),
        ("/env/", ["env/a", "env/b/c"], ["x/env/a", "env"]),
        ("env/", ["env/a", "x/env/a"], ["env"]),
        ("/env", ["env", "env/a"], ["x/env"]),
        ("docs/*", ["docs/a"], ["docs/a/b", "x/docs/a"]),
        ("apps", ["apps/a", "x/apps/b/c"], ["apps2/a"]),
        ("**/logs", ["logs/a", "x/logs/a"], ["logsx"]),
        ("/env/**/values.yaml", ["env/values.yaml", "env/a/b/values.yaml"], ["values.yaml"]),
        ("env/dev", ["env/dev/a"], ["x/env/dev/a"]),
    ],
)
def test_a_pattern(pattern: str, fits: list[str], does_not: list[str]) -> None:
    text = f"{pattern} @acme/team\n"
    assert {file: owner(text, file) for file in fits} == dict.fromkeys(fits, "@acme/team")
    assert {file: owner(text, file) for file in does_not} == dict.fromkeys(does_not, "-")


def test_the_last_line_that_fits_counts_and_may_name_nobody() -> None:
    text = "# all\n* @all # not @these\n\n/env/ @env\n/env/dev/\n!/env/x @no\n/env/[ab] @no\n"
    assert [owner(text, file) for file in ("a", "env/x/a", "env/dev/a")] == ["@all", "@env", "-"]


def test_the_first_place_counts_and_bytes_that_are_no_text_do_no_harm() -> None:
    read = read_owners({"docs/CODEOWNERS": b"* @docs\n", ".github/CODEOWNERS": b"\xff\xfe @a\n* @github\n"})
    assert read is not None
    line = read.of("a")
    assert line is not None
    assert (read.path, line.number, line.owners) == (".github/CODEOWNERS", 2, ("@github",))
    assert read_owners({"README": b""}) is None
