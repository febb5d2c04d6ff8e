"""The lines for a pipe: tab-separated, unwrapped, full digests, nothing that steers a terminal."""

import pytest

from bot.errors import ConfigError
from bot.image import Platform
from bot.proposal.outcome import Done, Outcome
from bot.report.result import NOTHING, EnvironmentResult, Into, Result
from bot.report.text import render, warnings
from tests.builders import Answers, current, digest, failed, held, plan_of, repository, resolved, snapshot, written

STATE = snapshot(
    {
        "dev/a.yaml": "- ghcr.io/acme/api@<a>\n- ghcr.io/acme/api@<c>\n- ghcr.io/acme/web@<a>\n- ghcr.io/acme/x:main\n",
        "dev/b.yaml": "- ghcr.io/acme/worker@<a>\n- ghcr.io/acme/cron@<a>\n",
        "dev/c.yaml": "acme: [\n",
    }
)
PLAN = plan_of(
    STATE,
    {"api": resolved("b"), "web": current("a"), "x": resolved("d"), "worker": failed(), "cron": held()},
    proposed={(repository("cron"), digest("a")): digest("e")},
)
OUTCOME = Outcome(
    action=Done.CREATED, number=12, url="https://github.com/acme/gitops/pull/12", branch="bump/dev", head="be" * 20
)


def rendered(*environments: EnvironmentResult, dry_run: bool = False, into: Into = Into.PULL_REQUEST) -> str:
    return render(Result(command="update", dry_run=dry_run, into=into, environments=environments))


def test_one_line_per_image_and_one_for_the_pull_request() -> None:
    lines = rendered(EnvironmentResult(name="dev", plan=PLAN, outcome=OUTCOME)).splitlines()

    broken, *others = (line.split("\t") for line in lines)
    assert broken[:5] == ["dev", "failed", "-", "-", "-"]
    assert broken[5].startswith("unreadable-file: dev/c.yaml:2: ")
    assert others == [
        ["dev", "updated", "ghcr.io/acme/api", written("<a>,<c>"), written("<b>"), "linux/amd64 linux/arm64"],
        ["dev", "held", "ghcr.io/acme/cron", "-", "-", "mixed-revisions: two revisions"],
        ["dev", "up-to-date", "ghcr.io/acme/web", "-", written("<a>"), "-"],
        ["dev", "failed", "ghcr.io/acme/worker", "-", "-", "platform-missing: no linux/arm64"],
        ["dev", "updated", "ghcr.io/acme/x", "-", written("<d>"), "linux/amd64 linux/arm64"],
        ["dev", "carried", "ghcr.io/acme/cron", written("<a>"), written("<e>"), "kept from an earlier run"],
        ["dev", "pull-request", "created", "bump/dev", "be" * 20, "https://github.com/acme/gitops/pull/12"],
    ]


def test_an_environment_that_was_stopped_has_one_line() -> None:
    stopped = EnvironmentResult(name="dev", error=ConfigError("environments.yaml:\n\tline 3"))

    assert rendered(stopped) == "dev\terror\t-\t-\t-\tenvironments.yaml: line 3\n"


def test_nothing_done_is_said_with_the_same_columns() -> None:
    assert rendered(EnvironmentResult(name="dev", plan=plan_of(STATE, {}))).splitlines()[-1] == (
        "dev\tpull-request\tnone\t-\t-\t-"
    )


def test_the_last_line_names_where_it_went_and_how_many_files_it_is() -> None:
    moved = plan_of(snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n"}), {"api": resolved("b")})
    same = plan_of(snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n"}), {"api": current("a")})
    branch = Outcome(action=Done.CREATED, branch="bump/dev", head="be" * 20)
    for into, plan, outcome, dry_run, columns in (
        (Into.FILES, moved, None, False, ["files", "changed", "1", "-", "-"]),
        (Into.FILES, same, None, False, ["files", "none", "0", "-", "-"]),
        (Into.FILES, moved, None, True, ["dry-run", "files", "1", "-", "-"]),
        (Into.BRANCH, moved, branch, False, ["branch", "created", "bump/dev", "be" * 20, "-"]),
        (Into.BRANCH, same, None, True, ["dry-run", "branch", "0", "-", "-"]),
        (Into.PULL_REQUEST, moved, None, True, ["dry-run", "pull-request", "1", "-", "-"]),
    ):
        one = EnvironmentResult(name="dev", plan=plan, outcome=outcome or NOTHING)
        assert rendered(one, dry_run=dry_run, into=into).splitlines()[1].split("\t") == ["dev", *columns]


@pytest.mark.parametrize(
    "message", ["a\tb\nc\rd", "\x1b[31mred\x1b[0m\x07", "::error::x\n::stop-commands::", "\u202ex\u200b"]
)
def test_no_message_makes_a_line_a_column_or_a_control_sequence(message: str) -> None:
    state = snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n"})
    text = rendered(EnvironmentResult(name="dev", plan=plan_of(state, {"api": failed(message=message)})))

    lines = text.split("\n")
    assert [line.count("\t") for line in lines] == [5, 5, 0]
    assert all(line.replace("\t", "").isprintable() for line in lines)
    assert all(line.startswith("dev\t") for line in lines[:-1])


def test_a_long_message_and_many_platforms_are_not_wrapped() -> None:
    platforms = [Platform.parse(f"linux/a{number}") for number in range(100)]
    answers: Answers = {"api": resolved("b", platforms=platforms), "web": failed(message="x" * 900)}

    text = rendered(EnvironmentResult(name="dev", plan=plan_of(STATE, answers)))

    assert "x" * 900 in text
    assert all(f"linux/a{number}" in text for number in range(100))
    assert {line.count("\t") for line in text.splitlines()} == {5}


def test_a_dry_run_shows_the_diff_and_the_body_instead() -> None:
    one = EnvironmentResult(name="dev", plan=PLAN, diff="--- a\n+++ b\n", body="the body")

    text = rendered(one, dry_run=True)

    rows, _, rest = text.partition("\n\n")
    assert rest == "--- a\n+++ b\n\nthe body\n\n"
    assert rows.splitlines()[-1] == "dev\tdry-run\tpull-request\t2\t-\t-"


def test_a_dry_run_without_a_change_shows_neither() -> None:
    assert rendered(EnvironmentResult(name="dev", body="the body"), dry_run=True) == (
        "dev\tdry-run\tpull-request\t0\t-\t-\n"
    )


def test_a_warning_of_many_images_is_said_once() -> None:
    refused = "the credential from x was refused by ghcr.io; read without"
    answers: Answers = {
        "api": resolved("b", warnings=[refused, "the old digest is gone"]),
        "web": current("a", warnings=[refused]),
        "x": resolved("d", warnings=[refused]),
        "worker": failed(),
    }
    one = EnvironmentResult(
        name="dev",
        plan=plan_of(STATE, answers),
        outcome=Outcome(action=Done.CREATED, number=12, warnings=("labels not set",)),
    )

    assert list(warnings(one)) == [
        f"ghcr.io/acme/api and 2 more: {refused}",
        "ghcr.io/acme/api: the old digest is gone",
        "labels not set",
    ]


def test_a_warning_is_one_line_whatever_it_says() -> None:
    answers: Answers = {"web": current("a", warnings=["a\nb\x1b[31m" + "x" * 5000])}

    (line,) = warnings(EnvironmentResult(name="dev", plan=plan_of(STATE, answers)))

    assert line.startswith("ghcr.io/acme/web: a b[31mxxx")
    assert len(line) < 1100


def test_an_environment_that_was_stopped_warns_of_nothing() -> None:
    assert not list(warnings(EnvironmentResult(name="dev", error=ConfigError("x"))))
