"""Several checks of one name: the newest run of a workflow, else the worst; what was skipped has checked nothing."""

from datetime import UTC, datetime

import pytest

from bot.proposal.observed import Check
from bot.pulls.checks import contexts, verdicts

FAILED, PENDING, SKIPPED, PASSED = Check.FAILED, Check.PENDING, Check.SKIPPED, Check.PASSED


def ran(conclusion: str | None, at: int | None = None, *, run: str = "1", **of: str) -> dict[str, object]:
    """A check run named test; `at` is the hour it started, and without `run` its workflow is not shown."""
    made = {
        "id": run,
        "event": of.get("event", "push"),
        "workflow": {"id": of.get("workflow", "ci")},
    }
    return {
        "__typename": "CheckRun",
        "name": "test",
        "status": "COMPLETED" if conclusion else "QUEUED",
        "conclusion": conclusion,
        "startedAt": None if at is None else datetime(2026, 11, 24, at, tzinfo=UTC).isoformat(),
        "checkSuite": {"app": {"slug": "github-actions"}, "workflowRun": made if run else None},
    }


def bare(conclusion: str | None) -> dict[str, object]:
    return {
        "__typename": "CheckRun",
        "name": "test",
        "status": "COMPLETED" if conclusion else "IN_PROGRESS",
        "conclusion": conclusion,
    }


def status(state: str) -> dict[str, object]:
    return {"__typename": "StatusContext", "context": "test", "state": state}


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param([bare("SUCCESS")], PASSED, id="passed"),
        pytest.param([bare("NEUTRAL")], PASSED, id="neutral"),
        pytest.param([bare("SKIPPED")], SKIPPED, id="skipped"),
        pytest.param([bare(None)], PENDING, id="running"),
        pytest.param([bare("STARTUP_FAILURE")], FAILED, id="any other end"),
        pytest.param([status("SUCCESS")], PASSED, id="status"),
        pytest.param([status("EXPECTED")], PENDING, id="status not there yet"),
        pytest.param([bare("FAILURE"), bare("SUCCESS")], FAILED, id="which is newer is not told"),
        pytest.param([bare("SUCCESS"), bare("SKIPPED")], SKIPPED, id="one passed, one skipped"),
        pytest.param([bare("SKIPPED"), bare(None)], PENDING, id="one skipped, one running"),
        pytest.param([status("ERROR"), bare("SUCCESS")], FAILED, id="a status and a check"),
        pytest.param([ran("FAILURE", 1, run=""), ran("SUCCESS", 2, run="")], FAILED, id="another app's"),
        pytest.param([ran("FAILURE", 1), ran("SUCCESS", 2, run="2")], PASSED, id="the newer run"),
        pytest.param([ran("FAILURE", 2, run="2"), ran("SUCCESS", 1)], FAILED, id="the newer run, named first"),
        pytest.param([ran("SUCCESS", 1), ran("SKIPPED", 2, run="2")], SKIPPED, id="the newer run skipped it"),
        pytest.param([ran("SUCCESS", 1), ran(None, None, run="2")], PENDING, id="the newer run has not started"),
        pytest.param([ran(None, None, run="2"), ran("SUCCESS", 1)], PENDING, id="not started, named first"),
        pytest.param([ran("FAILURE", 1), ran("SUCCESS", 1, run="2")], FAILED, id="both at one time"),
        pytest.param([ran("FAILURE", 1), ran("SUCCESS", 2)], FAILED, id="two jobs of one run with one name"),
        pytest.param([ran("FAILURE", 1), ran("SUCCESS", 2, run="2", event="pull_request")], FAILED, id="events"),
        pytest.param([ran("FAILURE", 1), ran("SUCCESS", 2, run="2", workflow="cd")], FAILED, id="workflows"),
    ],
)
def test_of_several_checks_none_hides_another(nodes: list[object], expected: Check) -> None:
    assert verdicts(contexts(nodes)) == {"test": expected}
