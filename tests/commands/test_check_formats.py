"""`bump check` for those who read it otherwise than as text: the runner, code scanning, other CI."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands.terminal import bump
from tests.commands.test_check import CONFIGURATION, FLOATING, TAG_ONLY, UNPINNED, checkout, in_days, waivers, write
from tests.report.test_sarif import VALID

__all__ = ["checkout"]
ERROR = (
    "::error file=env/staging/api.yaml,line=1,col=8,title=bump floating-tag::ghcr.io/acme/api: the tag latest moves, "
    "and there is no digest in staging; write ghcr.io/acme/api@sha256:…"
)
LATER = ["::error file=env/staging/api.yaml,line=2,col=18,", "::warning file=env/dev/api.yaml,line=1,col=8,"]


def actions(folder: Path) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary")}


def test_in_actions_annotations_go_to_stderr_beside_the_text(checkout: Path) -> None:
    done = bump("check", folder=checkout, environ=actions(checkout))

    assert done.out.splitlines() == [TAG_ONLY, FLOATING, UNPINNED]
    commands = [line for line in done.err.splitlines() if line.startswith("::")]
    assert commands[0] == ERROR
    assert [line[: len(start)] for line, start in zip(commands[1:], LATER, strict=True)] == LATER
    assert "- `env/staging/api.yaml:1:8 floating-tag " in (checkout / "summary").read_text(encoding="utf-8")
    assert done.code == 1


def test_elsewhere_there_are_none(checkout: Path) -> None:
    done = bump("check", folder=checkout, environ={**actions(checkout), "GITHUB_ACTIONS": ""})

    assert "::" not in done.err
    assert not (checkout / "summary").exists()


@pytest.mark.parametrize("within", ["true", ""])
def test_annotations_can_be_the_result_and_are_told_once(checkout: Path, within: str) -> None:
    environ = {**actions(checkout), "GITHUB_ACTIONS": within}
    done = bump("check", "--format", "github", folder=checkout, environ=environ)

    assert done.out.splitlines()[0] == ERROR
    assert len(done.out.splitlines()) == 3
    assert "::" not in done.err
    assert done.code == 1


def test_what_is_wrong_with_the_configuration_is_annotated_too(checkout: Path) -> None:
    write(checkout, "config/environments.yaml", CONFIGURATION.replace('["env/dev/**"]', '["lost/**"]'))
    done = bump("check", "--format", "sarif", folder=checkout, environ=actions(checkout))

    assert "::error title=bump::config/environments.yaml: environments.dev.paths" in done.err
    (invocation,) = sarif(done.out)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "environments.dev.paths" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert done.code == 2


def sarif(text: str) -> Mapping[str, Any]:
    document = json.loads(text)
    VALID.validate(document)
    run: Mapping[str, Any] = document["runs"][0]
    return run


def places(run: Mapping[str, Any]) -> list[tuple[str, str, int, int]]:
    found = []
    for one in run["results"]:
        place = one["locations"][0]["physicalLocation"]
        region = place["region"]
        found.append((one["ruleId"], place["artifactLocation"]["uri"], region["startLine"], region["startColumn"]))
    return found


def test_code_scanning_gets_the_findings_and_what_is_waived(checkout: Path) -> None:
    waivers(checkout, f"rule: unpinned, path: env, reason: r, owner: sre, expires: {in_days(40)}")
    done = bump("check", "--format", "sarif", folder=checkout)

    run = sarif(done.out)
    assert places(run) == [
        ("floating-tag", "env/staging/api.yaml", 1, 8),
        ("tag-only", "env/dev/api.yaml", 1, 8),
        ("unpinned", "env/staging/api.yaml", 2, 18),
    ]
    assert [len(one.get("suppressions", [])) for one in run["results"]] == [0, 0, 1]
    assert done.code == 1


def test_a_fingerprint_survives_moved_lines(checkout: Path) -> None:
    def fingerprints() -> list[str]:
        run = sarif(bump("check", "--format", "sarif", folder=checkout).out)
        return [one["partialFingerprints"]["bump/v1"] for one in run["results"]]

    before = fingerprints()
    text = (checkout / "env/staging/api.yaml").read_text()
    write(checkout, "env/staging/api.yaml", f"# moved\n\n{text}")

    assert len(set(before)) == 3
    assert fingerprints() == before


@pytest.mark.parametrize("output", ["text", "github", "json", "sarif"])
def test_nothing_found_is_a_result_too(checkout: Path, output: str) -> None:
    done = bump("check", "env/dev/web.yaml", "--format", output, folder=checkout)

    if output in {"json", "sarif"}:
        assert json.loads(done.out)
    else:
        assert done.out == ""
    assert done.code == 0
