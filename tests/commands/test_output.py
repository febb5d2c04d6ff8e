"""A result is redacted as a whole, whatever it is made of."""

import io
import json
from pathlib import Path

import pytest

from bot.commands.output import lines, show
from bot.commands.surroundings import Surroundings
from bot.errors import PublishError
from bot.log import register_secret
from bot.proposal.outcome import Done, Outcome
from bot.report.result import EnvironmentResult, Result
from tests.commands.gitops import NO_PAUSE
from tests.commands.terminal import Screen

SECRET = "ghs_0123456789abcdef"


@pytest.mark.parametrize("output", ["text", "json", "terminal"])
def test_no_part_of_a_result_shows_a_secret(output: str) -> None:
    register_secret(SECRET)
    out, err = Screen() if output == "terminal" else io.StringIO(), io.StringIO()
    surroundings = Surroundings(environ={}, folder=Path(), out=out, err=err, pace=NO_PAUSE, endpoints={})
    outcome = Outcome(action=Done.CREATED, url=f"https://{SECRET}@github.com/", warnings=(f"labels: {SECRET}",))
    environments = (
        EnvironmentResult(name="dev", outcome=outcome),
        EnvironmentResult(name="local", error=PublishError(f"GitHub said {SECRET}")),
    )

    show(
        Result(command="update", dry_run=False, environments=environments),
        surroundings,
        output="json" if output == "json" else "text",
    )
    lines(surroundings, [f"one {SECRET}"])

    assert SECRET not in out.getvalue() + err.getvalue()
    assert "***" in out.getvalue()
    assert "GitHub said ***" in err.getvalue()
    assert "labels: ***" in err.getvalue()
    if output == "json":
        assert len(json.loads(out.getvalue().removesuffix("one ***\n"))["environments"]) == 2
