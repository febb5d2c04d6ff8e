"""Findings in words: whatever stands in a file, a line is a line, and no command of the runner."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import Finding, Level, Remark, Verdict
from bot.report.findings import escaped, lines, render, statistics_lines, summary


def finding(
    rule: str = "tag-only",
    level: Level = Level.ERROR,
    *,
    path: str = "a.yaml",
    message: str = "said",
    instead: str = "",
    text: str = "",
) -> Finding:
    remark = Remark(path=path, line=3, column=7, message=message, instead=instead, text=text)
    return Finding(rule=rule, level=level, environment="dev", remark=remark)


def test_an_error_and_a_warning() -> None:
    verdict = Verdict(findings=(finding(instead="this"), finding(level=Level.WARNING)), files=2, references=1)
    assert list(lines(verdict)) == ["a.yaml:3:7 tag-only said; write this", "a.yaml:3:7 tag-only [warning] said"]
    assert summary(verdict) == "Found 1 error and 1 warning: 1 reference in 2 files"


def test_what_was_fixed_and_what_nobody_was_asked_about_is_counted() -> None:
    verdict = Verdict(findings=(), fixed=(finding(),), unasked=2, files=2, references=3)
    assert summary(verdict) == "No findings: 3 references in 2 files; 1 fixed; 2 not checked online"
    tried = replace(verdict, dry_run=True)
    assert summary(tried) == "No findings: 3 references in 2 files; 1 would be fixed; 2 not checked online"
    assert summary(replace(tried, unasked=0)) == "All checks would pass: 3 references in 2 files; 1 would be fixed"
    assert (verdict.fails, tried.fails) == (False, True)
    document = json.loads(render(verdict))
    assert [one["rule"] for one in document["fixed"]] == ["tag-only"]
    assert (document["summary"]["fixed"], document["summary"]["unasked"]) == (1, 2)


def test_statistics_say_how_many_of_which() -> None:
    verdict = Verdict(findings=(finding("unpinned"), finding("unpinned", Level.WARNING), finding()))
    assert list(statistics_lines(verdict)) == [
        "2 unpinned [1 error, 1 warning] An image is named with its digest.",
        "1 tag-only A first-party image with a fixed tag and no digest is tracked by a waiver.",
    ]


@settings(deadline=None)
@given(st.text())
def test_nothing_invisible_is_shown(text: str) -> None:
    assert escaped(text).isprintable()
    if text.isascii() and text.isprintable():
        assert escaped(text) == text


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_a_finding_is_one_line_and_no_command(path: str, message: str, instead: str) -> None:
    (line,) = lines(Verdict(findings=(finding(path=path, message=message, instead=instead),)))
    assert line.isprintable()
    assert not line.lstrip().startswith("::")
    assert "##[" not in line


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param("::error::x", "\\x3a:error::x:3:7 ", id="a command"),
        pytest.param("  ::error::x", "\\x3a:error::x:3:7 ", id="behind blanks"),
        pytest.param("##[error]x", "#\\x23[error]x:3:7 ", id="an old command"),
        pytest.param("a:b.yaml", "a:b.yaml:3:7 ", id="a colon"),
    ],
)
def test_paths_that_read_as_commands(path: str, shown: str) -> None:
    (line,) = lines(Verdict(findings=(finding(path=path),)))
    assert line.startswith(shown)


@settings(deadline=None)
@given(st.text())
def test_the_document_is_ascii_and_says_everything(text: str) -> None:
    rendered = render(Verdict(findings=(finding(message=text, text=text),)))
    assert rendered.isascii()
    assert json.loads(rendered)["findings"][0]["text"] == text
