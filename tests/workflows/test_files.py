"""What no linter knows of: that CI does what guards main, that callers and called agree, that a release can be told."""

import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from ruamel.yaml import YAML

import bot
from tests.workflows.runner import ROOT

WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def read(path: Path) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = YAML(typ="safe").load(path)
    return loaded


def scripts(path: Path) -> str:
    return "\n".join(step.get("run", "") for job in read(path)["jobs"].values() for step in job.get("steps", ()))


def test_ci_runs_the_targets_that_guard_main() -> None:
    guards = re.findall(r"^run '[^']*' make ([a-z-]+)", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    assert set(re.findall(r"^make ([a-z-]+)", scripts(WORKFLOWS["ci.yml"]), re.MULTILINE)) == set(guards)


def test_the_gate_of_ci_waits_for_every_job() -> None:
    jobs = read(WORKFLOWS["ci.yml"])["jobs"]
    assert set(jobs["gate"]["needs"]) == set(jobs) - {"gate"}


@pytest.mark.parametrize("name", ["bump.yml", "check.yml"])
def test_what_an_example_hands_over_is_asked_for(name: str) -> None:
    called = read(WORKFLOWS[name])["on"]["workflow_call"]
    (job,) = read(ROOT / "examples" / name)["jobs"].values()

    assert job["uses"].startswith(f"acme/bump/.github/workflows/{name}@")
    assert set(job.get("with", ())) <= set(called["inputs"])
    assert set(job.get("secrets", ())) == set(called.get("secrets", ()))
    needed = [inner.get("permissions", {}) for inner in read(WORKFLOWS[name])["jobs"].values()]
    assert job["permissions"] == {scope: level for one in needed for scope, level in one.items()}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_is_called_waits_for_nobody_who_calls(name: str) -> None:
    # Within a called workflow `github.workflow` is the caller's: the same words are the same group, and a deadlock.
    caller = read(WORKFLOWS[name])
    called = [job["uses"].rpartition("/")[2] for job in caller["jobs"].values() if job.get("uses", "").startswith("./")]
    for one in called:
        assert caller["concurrency"]["group"] != read(WORKFLOWS[one])["concurrency"]["group"]


def test_a_rehearsal_takes_no_place_of_a_run_that_waits() -> None:
    group = read(WORKFLOWS["bump.yml"])["jobs"]["bump"]["concurrency"]["group"]
    assert "inputs.dry-run" in group


@pytest.mark.parametrize("name", ["bump.yml", "check.yml"])
def test_what_the_checkout_calls_like_the_action_is_taken_away_first(name: str) -> None:
    for job in read(WORKFLOWS[name])["jobs"].values():
        places = [step.get("with", {}).get("path") for step in job["steps"]]
        assert job["steps"][places.index(".bump") - 1]["run"] == "rm -rf .bump"


@pytest.mark.parametrize(
    "path", [*WORKFLOWS.values(), *sorted((ROOT / "examples").glob("*.yml"))], ids=lambda path: path.name
)
def test_no_script_of_a_workflow_holds_an_expression(path: Path) -> None:
    assert "${{" not in scripts(path)


def test_the_hooks_of_pre_commit_run_the_whole_check() -> None:
    hooks = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    scripts_of_the_package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    assert {one["id"]: one["language"] for one in hooks} == {"bump-check": "python", "bump-check-system": "system"}
    for one in hooks:
        script, *words = shlex.split(one["entry"])
        assert script in scripts_of_the_package
        assert words == ["check"]
        assert one["pass_filenames"] is False  # a part of the files says nothing of layers, drift and waivers


def test_every_release_has_a_section_with_its_date_newest_first() -> None:
    heads = re.findall(r"^## (.*)", CHANGELOG, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    found = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", head) for head in heads[1:]]
    assert all(found), heads
    versions = [Version(one[1]) for one in found if one]
    assert versions == sorted(set(versions), reverse=True)
    assert not versions or versions[0] <= Version(bot.__version__)


def test_the_changelog_has_only_the_known_groups_with_entries() -> None:
    for section in re.split(r"^## .*\n", CHANGELOG, flags=re.MULTILINE)[1:]:
        groups = re.split(r"^### ", section, flags=re.MULTILINE)[1:]
        assert {one.partition("\n")[0] for one in groups} <= {
            "Added",
            "Changed",
            "Deprecated",
            "Removed",
            "Fixed",
            "Security",
        }
        assert all(re.search(r"^- ", one, re.MULTILINE) for one in groups)
