"""Findings as annotations and as a job summary: within the runner's limits, and no command but ours."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import Finding, Level, Remark, Verdict
from bot.report.actions import MOST_SUMMARY
from bot.report.annotating import annotations, job_summary


def finding(number: int = 1, level: Level = Level.ERROR, *, path: str = "a.yaml", message: str = "said") -> Finding:
    remark = Remark(path=path, line=number, column=7, message=message)
    return Finding(rule="tag-only", level=level, environment="dev", remark=remark)


def many(count: int, level: Level) -> tuple[Finding, ...]:
    return tuple(finding(number + 1, level) for number in range(count))


def test_a_finding_is_annotated_at_its_place() -> None:
    assert list(annotations(Verdict(findings=(finding(3, Level.WARNING),)))) == [
        "::warning file=a.yaml,line=3,col=7,title=bump tag-only::said"
    ]


def test_a_whole_file_has_no_line() -> None:
    assert list(annotations(Verdict(findings=(finding(0),)))) == ["::error file=a.yaml,title=bump tag-only::said"]


def test_beyond_the_runners_limit_the_rest_is_counted_by_level() -> None:
    told = list(annotations(Verdict(findings=(*many(11, Level.WARNING), *many(10, Level.ERROR)))))

    assert [line.partition(" ")[0] for line in told] == ["::error"] * 10 + ["::warning"] * 10
    assert told[9] == "::error file=a.yaml,line=10,col=7,title=bump tag-only::said"
    assert told[-1] == "::warning title=bump::and 2 more; all are in the job summary"


@settings(deadline=None)
@given(st.text(), st.text(min_size=1))
def test_whatever_stands_there_an_annotation_is_one_visible_line(message: str, path: str) -> None:
    (line,) = annotations(Verdict(findings=(finding(message=message, path=path),)))
    assert line.isprintable()
    assert line.startswith("::error file=")
    assert line.partition("::error ")[2].partition("::")[0].count(",") == 3


def test_a_control_character_is_shown_as_an_escape() -> None:
    (line,) = annotations(Verdict(findings=(finding(message="a\x1b[31m\u202eb"),)))
    assert line.endswith("::a\\x1b[31m\\u202eb")


def test_the_summary_counts_and_lists() -> None:
    text = job_summary(Verdict(findings=(finding(),), files=2, references=1))
    assert text == (
        "### bump check\n\n❌ Found 1 error and 0 warnings: 1 reference in 2 files\n"
        "\n#### rules\n\n- `1 tag-only A first-party image with a fixed tag and no digest is tracked by a waiver.`\n"
        "\n#### findings\n\n- `a.yaml:1:7 tag-only said`\n"
    )
    assert job_summary(Verdict(findings=())) == "### bump check\n\n✅ All checks passed: 0 references in 0 files\n"


def test_what_stands_in_a_file_ends_no_code_span() -> None:
    text = job_summary(Verdict(findings=(finding(message="`](http://x) @all\n# x"),)))
    assert text.splitlines()[-1] == "- ``a.yaml:1:7 tag-only `](http://x) @all\\n# x``"


def test_the_summary_keeps_to_what_the_runner_takes() -> None:
    found = tuple(finding(number, message="é" * 900) for number in range(1, 1001))
    text = job_summary(Verdict(findings=found))

    assert MOST_SUMMARY - 3000 < len(text.encode()) <= MOST_SUMMARY
    shown = text.count("a.yaml:")
    assert text.endswith(f"- and {1000 - shown} more\n")
