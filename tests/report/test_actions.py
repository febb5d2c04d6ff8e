"""What GitHub Actions is told: within its limits, and nothing from outside becomes a command of the runner."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.planning.decision import Failed, Held, Plan
from bot.proposal.outcome import Done, Outcome
from bot.report.actions import (
    MOST_SUMMARY,
    Annotation,
    annotations,
    assignment,
    error,
    harmless,
    mask,
    outputs,
    summary,
)
from bot.report.result import EnvironmentResult, Into, Result
from tests.builders import failed, pin, plan_of, repository, resolved, snapshot

STATE = snapshot({"dev/api.yaml": "\nimage: ghcr.io/acme/api@<a>\n", "dev/web.yaml": "image: ghcr.io/acme/web@<a>\n"})
HOSTILE = "::error::x\r\n::set-output name=a::b%0A::stop-commands::t\n##[command]x"


def ran(*results: EnvironmentResult, into: Into = Into.PULL_REQUEST, dry_run: bool = False) -> Result:
    return Result(command="update", dry_run=dry_run, into=into, environments=results)


def environment(name: str = "dev", *, action: Done = Done.CREATED) -> EnvironmentResult:
    outcome = Outcome(action=action, number=12, url="https://github.com/acme/gitops/pull/12", branch="bump/dev")
    return EnvironmentResult(name=name, plan=plan_of(STATE, {"api": failed(), "web": resolved("b")}), outcome=outcome)


def with_failures(count: int, message: str = "no linux/arm64") -> EnvironmentResult:
    one = pin("image: ghcr.io/acme/api@<a>\n", "dev/api.yaml")
    decisions = tuple(
        Failed(repository=repository("api"), code="platform-missing", message=f"{message} {number}", pins=(one,))
        for number in range(count)
    )
    return EnvironmentResult(name="dev", plan=Plan(environment="dev", commit="c0" * 20, decisions=decisions))


def test_what_failed_is_annotated_at_its_file_and_line() -> None:
    assert list(annotations(ran(environment()))) == [
        "::error file=dev/api.yaml,line=2,title=bump dev%3A platform-missing::no linux/arm64"
    ]


def test_what_is_held_is_a_warning_and_what_a_person_keeps_away_is_nothing() -> None:
    decisions = tuple(
        Held(repository=repository("api"), code=code, message=code, pins=()) for code in ("backwards", "declined")
    )
    one = EnvironmentResult(name="dev", plan=Plan(environment="dev", commit="c0" * 20, decisions=decisions))

    assert list(annotations(ran(one))) == ["::warning title=bump dev%3A backwards::backwards"]


def test_an_environment_that_was_stopped_or_is_blocked_is_an_error() -> None:
    stopped = EnvironmentResult(name="dev", error=ConfigError("config: bad, very"))
    blocked = EnvironmentResult(name="local", outcome=Outcome(action=Done.BLOCKED, warnings=("a person's commit",)))

    assert list(annotations(ran(stopped, blocked))) == [
        "::error title=bump dev::config: bad, very",
        "::error title=bump local::a person's commit",
    ]


@pytest.mark.parametrize(("count", "shown", "more"), [(10, 10, ""), (11, 10, "and 2 more"), (500, 10, "and 491 more")])
def test_beyond_the_runners_limit_the_rest_is_counted(count: int, shown: int, more: str) -> None:
    lines = list(annotations(ran(with_failures(count))))

    assert len(lines) == shown
    assert more in lines[-1]


def commands(lines: Sequence[str]) -> int:
    """How many lines the runner would take for commands, whatever it takes for the end of a line."""
    text = "\n".join(lines)
    return sum(line.lstrip().startswith(("::", "##[")) for line in text.replace("\r", "\n").split("\n"))


def test_a_hostile_message_stays_one_command() -> None:
    lines = list(annotations(ran(with_failures(1, HOSTILE))))

    assert (len(lines), commands(lines)) == (1, 1)


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_any_text_stays_one_command(message: str, path: str, title: str) -> None:
    line = Annotation(level="error", message=message, title=title, path=path or None, line=3).command()

    assert commands([line]) == 1
    properties = line.removeprefix("::error ").partition("::")[0]
    assert len(properties.split(",")) == 1 + bool(path) + bool(title)


def test_outputs_say_whether_something_changed_and_where() -> None:
    found = outputs(ran(environment()))

    assert {key: value for key, value in found.items() if key != "result"} == {
        "changed": "true",
        "pull_request_number": "12",
        "pull_request_url": "https://github.com/acme/gitops/pull/12",
    }
    assert json.loads(found["result"])["command"] == "update"


@pytest.mark.parametrize(
    ("result", "changed"),
    [
        (ran(environment(action=Done.UNCHANGED)), "false"),
        (ran(environment(action=Done.WAITING)), "false"),
        (ran(environment(action=Done.CLOSED)), "true"),
        (ran(environment(action=Done.NONE), into=Into.FILES), "true"),
        (ran(environment(), dry_run=True), "false"),
        (ran(environment(), environment("local")), "true"),
        (ran(), "false"),
    ],
)
def test_changed_is_true_only_where_something_was_written(result: Result, changed: str) -> None:
    found = outputs(result)

    assert found["changed"] == changed
    assert ("pull_request_number" in found) is (len(result.environments) == 1)


def test_an_output_cannot_end_itself() -> None:
    assert assignment("x", "a\nb", "d1") == "x<<d1\na\nb\nd1\n"
    with pytest.raises(ValueError, match="delimiter"):
        assignment("x", "a\nd1\ny<<z", "d1")


def test_the_summary_shows_every_environment_with_its_images() -> None:
    stopped = EnvironmentResult(name="local", error=ConfigError("broken `x` @acme #1"))
    text = summary(ran(environment(), stopped))

    assert "### bump dev\n\n[pull request #12](https://github.com/acme/gitops/pull/12): created" in text
    assert "**web**" in text
    assert "### bump local\n\n❌ stopped: ``broken `x` @acme #1``" in text


def test_a_dry_run_says_so() -> None:
    assert "dry run: 1 file" in summary(ran(environment(), dry_run=True))


def test_the_summary_keeps_within_its_limit() -> None:
    text = summary(ran(*(with_failures(2000, "é😀" * 400) for _ in range(5))))

    assert len(text.encode()) <= MOST_SUMMARY


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("no Git credential", "::error title=bump::no Git credential"),
        ("a/b.yaml:12: key: wrong", "::error file=a/b.yaml,line=12,title=bump::a/b.yaml:12: key: wrong"),
        ("ghcr.io:443/x: refused", "::error title=bump::ghcr.io:443/x: refused"),
        ("a.yaml:0: wrong", "::error title=bump::a.yaml:0: wrong"),
    ],
)
def test_an_error_is_annotated_where_it_says_that_it_is(line: str, command: str) -> None:
    assert error(line).command() == command


def test_a_secret_is_masked_on_one_line_or_not_at_all() -> None:
    assert mask("a%b") == "::add-mask::a%25b"
    assert [mask(one) for one in ("a\nb", "a\r::x", "é", "\x1b[1m")] == [""] * 4


@given(st.text(alphabet=" \t\r\n:#[]ax\x85\u2028", max_size=30))
def test_a_harmless_text_holds_no_command(text: str) -> None:
    shown = harmless(text, fresh=True)

    assert commands([shown]) == 0
    assert "##[" not in shown


@pytest.mark.parametrize("text", ["a::b", "x ::error::", "# [x]", "::", "\t::", "[##]"])
def test_within_a_line_two_colons_are_text(text: str) -> None:
    assert harmless(text, fresh=False) == text
    assert json.loads(harmless(json.dumps({"a": f"##[{text}"}), fresh=True)) == {"a": f"##[{text}"}
