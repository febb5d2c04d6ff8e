"""What a person sees at a terminal: a table, colours unless told not to, and text that stays text."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.drawing import progress
from bot.commands.output import show
from bot.commands.surroundings import Surroundings
from bot.planning.decision import Failed, Order, PinChange, Plan, Update, UpToDate
from bot.proposal.outcome import Done, Outcome
from bot.report.result import EnvironmentResult, Into, Result
from tests.builders import current, digest, pin, plan_of, repository, resolved, snapshot, tag
from tests.commands.gitops import NO_PAUSE
from tests.commands.terminal import Screen

HOSTILE = "the registry says [red]boo[/red] :smile: \x1b[31m\x07 [/]"


def surroundings(out: io.StringIO, **environ: str) -> Surroundings:
    given = {"TERM": "xterm-256color", "COLUMNS": "100", **environ}
    return Surroundings(environ=given, folder=Path(), out=out, err=out, pace=NO_PAUSE, endpoints={})


def result() -> Result:
    moving = pin("ref: ghcr.io/acme/api@<a>\n")
    decisions = (
        Update(
            repository=repository("api"),
            channel=tag(),
            new=resolved("b"),
            changes=(PinChange(pin=moving, edits=()),),
            order=Order.UNVERIFIABLE,
        ),
        UpToDate(repository=repository("web"), digest=digest("c"), pins=()),
        Failed(repository=repository("jobs"), code="registry-error", message=HOSTILE),
    )
    outcome = Outcome(action=Done.CREATED, number=12, url="https://github.com/acme/gitops/pull/12", branch="bump/dev")
    environment = EnvironmentResult(
        name="dev", plan=Plan(environment="dev", commit="c0" * 20, decisions=decisions), outcome=outcome
    )
    return Result(command="update", dry_run=False, environments=(environment,))


def drawn(**environ: str) -> str:
    screen = Screen()
    show(result(), surroundings(screen, **environ), output="text")
    return screen.getvalue()


def test_a_table_of_old_and_new_and_the_pull_request() -> None:
    text = drawn(TERM="dumb")
    assert [line.split() for line in text.splitlines()[:4]] == [
        ["dev:"],
        ["api", "updated", digest("a").short, "→", digest("b").short, "amd64", "arm64"],
        ["web", "up-to-date", digest("c").short],
        ["jobs", "failed"],
    ]
    assert text.endswith("dev: pull request #12 created https://github.com/acme/gitops/pull/12\n")


def test_no_color_means_none() -> None:
    assert "\x1b[32m" in drawn()
    assert "\x1b[32m" not in drawn(NO_COLOR="1")


def test_text_from_outside_stays_text() -> None:
    text = drawn(TERM="dumb")
    assert "[red]boo[/red] :smile:" in text
    assert "\x07" not in text
    assert "\x1b[31m" not in text


def test_a_pipe_gets_no_table() -> None:
    stream = io.StringIO()
    show(result(), surroundings(stream), output="text")
    assert stream.getvalue().splitlines()[0] == "\t".join(
        ("dev", "updated", "ghcr.io/acme/api", str(digest("a")), str(digest("b")), "linux/amd64 linux/arm64")
    )


def test_a_warning_about_an_image_that_does_not_move_is_told_on_stderr() -> None:
    out, err = io.StringIO(), io.StringIO()
    standing = UpToDate(repository=repository("web"), digest=digest("c"), pins=(), warnings=("read without",))
    environment = EnvironmentResult(name="dev", plan=Plan(environment="dev", commit="c0" * 20, decisions=(standing,)))

    show(
        Result(command="update", dry_run=False, environments=(environment,)),
        replace(surroundings(out), err=err),
        output="text",
    )

    assert err.getvalue() == "bump: dev: warning: ghcr.io/acme/web: read without\n"
    assert "read without" not in out.getvalue()


def test_the_bar_names_the_image_and_goes_away() -> None:
    screen = Screen()
    with progress(2, surroundings(screen)) as step:
        step("ghcr.io/acme/api:main")
        step("[red]ghcr.io/acme/web:main")
    assert "[red]ghcr.io/acme/web:main" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")


def table(decision: Update, *more: UpToDate, columns: int) -> list[str]:
    """The lines at a terminal of that width, without colours. A dumb one would not be asked for its width."""
    plan = Plan(environment="dev", commit="c0" * 20, decisions=(decision, *more))
    screen = Screen()
    show(
        Result(command="update", dry_run=False, environments=(EnvironmentResult(name="dev", plan=plan),)),
        surroundings(screen, COLUMNS=str(columns)),
        output="text",
    )
    return re.sub("\x1b\\[[0-9;]*m", "", screen.getvalue()).splitlines()


def moved(name: str, *olds: str) -> Update:
    moving = [pin(f"ref: {repository(name)}@<{old}>\n") for old in olds]
    return Update(
        repository=repository(name),
        channel=tag(),
        new=resolved("f"),
        changes=tuple(PinChange(pin=one, edits=()) for one in moving),
        order=Order.UNVERIFIABLE,
    )


@pytest.mark.parametrize("columns", [30, 44, 45, 50, 60])
def test_a_narrow_terminal_breaks_neither_words_nor_digests(columns: int) -> None:
    same = UpToDate(repository=repository("web"), digest=digest("c"), pins=())
    lines = table(moved("a-service-with-a-long-name", "a"), same, columns=columns)
    assert max(map(len, lines)) <= columns
    for whole in ("updated", "up-to-date", f"{digest('a').short} → {digest('f').short}", digest("c").short):
        assert any(whole in line for line in lines)
    assert any("amd64" in line for line in lines) is (columns >= 45)
    assert "a-service-with-a-long-name" in "".join(line.split(" ")[0] for line in lines)


def test_an_image_with_many_old_digests_has_lines_of_its_own() -> None:
    olds = " ".join(digest(old).short for old in "abc")
    assert table(moved("worker", "a", "b", "c"), columns=45)[1:3] == [
        "worker",
        f"  updated {olds} → {digest('f').short}",
    ]


def test_files_that_were_changed_are_counted() -> None:
    state = snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n", "dev/b.yaml": "- ghcr.io/acme/web@<a>\n"})
    for builds, words in (
        ({"api": "b", "web": "b"}, "2 files changed"),
        ({"api": "b", "web": "a"}, "1 file changed"),
        ({"api": "a", "web": "a"}, "nothing to do"),
    ):
        plan = plan_of(
            state, {name: resolved(build) if build == "b" else current(build) for name, build in builds.items()}
        )
        screen = Screen()
        environments = (EnvironmentResult(name="dev", plan=plan),)
        done = Result(command="update", dry_run=False, into=Into.FILES, environments=environments)
        show(done, surroundings(screen), output="text")
        assert screen.getvalue().endswith(f"dev: {words}\n")
