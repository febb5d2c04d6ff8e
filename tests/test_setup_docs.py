"""The pages about setting it up: what they quote, a run says; what they name, is there; and no check is left out."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.diagnosis.check import Name

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SHORTEST = 8


@cache
def texts() -> str:
    """Every text in the program, one a line; of an f-string the parts between what is put in."""
    found: list[str] = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return "\n".join(found)


def rows(page: str, heading: str) -> Iterator[list[str]]:
    """The rows of the tables of a page whose last column has that heading."""
    for table in (DOCS / page).read_text(encoding="utf-8").split("\n\n"):
        lines = table.splitlines()
        if lines and lines[0].startswith("|") and lines[0].rstrip(" |").endswith(heading):
            for line in lines[2:]:
                yield [cell.strip() for cell in line.strip("|").split(" | ")]


def quotes() -> list[str]:
    return [
        quote for row in rows("setup-github.md", "without it a run says") for quote in re.findall(r"`([^`]+)`", row[-1])
    ]


def test_there_are_quotes() -> None:
    assert len(quotes()) >= 15


@pytest.mark.parametrize("quote", quotes())
def test_a_quoted_symptom_is_what_the_program_says(quote: str) -> None:
    parts = [part.strip(" :;") for part in quote.split("…")]
    parts = [part for part in parts if len(part) >= SHORTEST]
    assert parts
    for part in parts:
        assert part in texts() or part in quote_names(), part


def quote_names() -> frozenset[str]:
    """What is quoted in that column and is no message: keys of the configuration and values of settings."""
    return frozenset({"by: bump"})


def test_every_check_of_the_doctor_is_explained_and_no_other() -> None:
    page = (DOCS / "doctor.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == [str(name) for name in Name]


@pytest.mark.parametrize("page", ["threat-model.md", "setup-github.md", "doctor.md"])
def test_tests_that_a_page_names_are_there(page: str) -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", (DOCS / page).read_text(encoding="utf-8")))
    assert named or page != "threat-model.md"
    assert {name for name in named if not (ROOT / name).is_file()} == set()
