"""The JSON of a result, version 1: keys are only ever added."""

import json
from dataclasses import replace

import pytest

from bot.errors import ConfigError
from bot.image import Build
from bot.planning.order import Ancestry, Comparable, Comparison
from bot.proposal.outcome import Done, Outcome
from bot.report.json import Object, render
from bot.report.result import EnvironmentResult, Result
from tests.builders import COMMIT, Answers, current, digest, failed, held, plan_of, repository, resolved, snapshot

STATE = snapshot(
    {
        "dev/a.yaml": "x: ghcr.io/acme/api:1f3c9ab@<a>\ny: ghcr.io/acme/web@<a>\n"
        "z: {repository: ghcr.io/acme/x, tag: 'main@<a>'}\n",
        "dev/b.yaml": "x: ghcr.io/acme/worker@<a>\ny: ghcr.io/acme/cron@<a>\nz: ghcr.io/acme/first:main\n",
        "dev/c.yaml": "acme: [\n",
    }
)
ANSWERS: Answers = {
    "api": resolved("b", revision="9bc17e0", source="https://github.com/acme/api", warnings=["old is gone"]),
    "web": current("a", warnings=["read without"]),
    "x": resolved("b"),
    "first": resolved("b"),
    "worker": failed("platform-missing", "no linux/arm64"),
    "cron": held("mixed-revisions", "two revisions"),
}
PLAN = plan_of(STATE, ANSWERS, proposed={(repository("cron"), digest("a")): digest("d")})
OUTCOME = Outcome(action=Done.CREATED, number=12, url="u", branch="bump/dev", head="be" * 20, warnings=("w",))


def loaded(*environments: EnvironmentResult, dry_run: bool = False) -> Object:
    text = render(Result(command="update", dry_run=dry_run, environments=environments))
    assert text.endswith("}\n")
    document: Object = json.loads(text)
    return document


def environment(result: EnvironmentResult) -> Object:
    environments = loaded(result)["environments"]
    assert isinstance(environments, list)
    one: Object = environments[0]
    return one


def listed(key: str) -> list[Object]:
    group = environment(EnvironmentResult(name="dev", plan=PLAN, outcome=OUTCOME))[key]
    assert isinstance(group, list)
    return group


def test_the_document() -> None:
    assert loaded(dry_run=True) == {"version": 1, "command": "update", "dry_run": True, "environments": []}


def test_the_keys_of_an_environment() -> None:
    one = environment(EnvironmentResult(name="dev", plan=PLAN, outcome=OUTCOME))

    assert list(one) == [
        *("name", "commit", "updated", "up_to_date", "held", "failed", "carried"),
        "pull_request",
    ]
    assert (one["name"], one["commit"]) == ("dev", COMMIT)
    assert one["pull_request"] == {
        "action": "created",
        "number": 12,
        "url": "u",
        "branch": "bump/dev",
        "head": "be" * 20,
        "warnings": ["w"],
    }


def test_an_updated_image() -> None:
    assert listed("updated")[0] == {
        "image": "ghcr.io/acme/api",
        "channel": "main",
        "new": str(digest("b")),
        "platforms": ["linux/amd64", "linux/arm64"],
        "order": "unverifiable",
        "pins": [
            {
                "path": "dev/a.yaml",
                "line": 1,
                "key": "x",
                "old": str(digest("a")),
                "old_text": f"ghcr.io/acme/api:1f3c9ab@{digest('a')}",
                "new_text": f"ghcr.io/acme/api@{digest('b')}",
                "notes": [],
            }
        ],
        "source": {
            "repository": "https://github.com/acme/api",
            "old_revision": None,
            "new_revision": "9bc17e0",
            "commits": None,
            "compare_url": None,
        },
        "warnings": ["old is gone"],
    }


@pytest.mark.parametrize(("commits", "old"), [(3, "1" * 40), (None, "1" * 40), (None, "9bc17e0")])
def test_what_an_update_means_at_its_source(commits: int | None, old: str) -> None:
    home = "https://github.com/acme/api"
    api = replace(resolved("b", revision="9bc17e0", source=home), olds={digest("a"): Build(revision=old, source=home)})
    comparisons = {
        Comparable(source=home, old=old, new="9bc17e0"): Comparison(ancestry=Ancestry.AHEAD, commits=commits)
    }
    plan = plan_of(snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n"}), {"api": api}, comparisons=comparisons)

    updated = environment(EnvironmentResult(name="dev", plan=plan))["updated"]

    assert isinstance(updated, list)
    assert updated[0]["source"] == {
        "repository": home,
        "old_revision": old,
        "new_revision": "9bc17e0",
        "commits": commits,
        "compare_url": None if old == "9bc17e0" else f"{home}/compare/{old}...9bc17e0",
    }


def test_a_first_pin_has_no_old_digest() -> None:
    (first,) = [one for one in listed("updated") if one["image"] == "ghcr.io/acme/first"]

    assert (first["order"], first["source"]) == ("first-pin", None)
    pins = first["pins"]
    assert isinstance(pins, list)
    assert (pins[0]["old"], pins[0]["old_text"]) == (None, "ghcr.io/acme/first:main")


def test_what_is_up_to_date_held_failed_and_carried() -> None:
    pin = {"path": "dev/a.yaml", "line": 2, "key": "y", "old": str(digest("a"))}
    assert listed("up_to_date") == [
        {"image": "ghcr.io/acme/web", "digest": str(digest("a")), "pins": [pin], "warnings": ["read without"]}
    ]

    pin = {"path": "dev/b.yaml", "line": 2, "key": "y", "old": str(digest("a"))}
    assert listed("held") == [
        {
            "image": "ghcr.io/acme/cron",
            "code": "mixed-revisions",
            "message": "two revisions",
            "pins": [pin],
            "warnings": [],
        }
    ]
    broken, worker = listed("failed")
    assert (broken["image"], broken["code"], broken["pins"]) == (None, "unreadable-file", [])
    assert (worker["image"], worker["code"], worker["message"]) == (
        "ghcr.io/acme/worker",
        "platform-missing",
        "no linux/arm64",
    )
    (carried,) = listed("carried")
    assert (carried["image"], carried["new"]) == ("ghcr.io/acme/cron", str(digest("d")))


def test_an_environment_that_was_stopped() -> None:
    one = environment(EnvironmentResult(name="dev", error=ConfigError("environments.yaml:3: x")))

    assert one["error"] == {"message": "environments.yaml:3: x", "exit_code": 2}
    assert (one["commit"], one["updated"]) == (None, [])
    assert one["pull_request"] == {
        "action": "none",
        "number": None,
        "url": None,
        "branch": None,
        "head": None,
        "warnings": [],
    }


@pytest.mark.parametrize("message", ["é 😀 \u2028", '"\\', "\x00\x1b", "x" * 10_000_000])
def test_any_message_comes_through(message: str) -> None:
    state = snapshot({"dev/a.yaml": "- ghcr.io/acme/api@<a>\n"})
    result = EnvironmentResult(name="dev", plan=plan_of(state, {"api": failed(message=message)}))

    failures = environment(result)["failed"]

    assert isinstance(failures, list)
    assert failures[0]["message"] == message


def test_any_key_of_a_file_can_be_encoded() -> None:
    state = snapshot({"dev/a.yaml": b'"\\ud800": ghcr.io/acme/api:main\n'})
    result = Result(
        command="update",
        dry_run=False,
        environments=(EnvironmentResult(name="dev", plan=plan_of(state, {"api": resolved("b")})),),
    )

    assert render(result).encode()
