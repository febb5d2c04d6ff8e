"""The inputs of `action.yml`: what each becomes, what is refused, and that the file offers exactly these."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.commands.action import DEFAULTS, INPUTS, PREFIX, arguments, present
from bot.errors import UsageError
from tests.commands.gitops import CONFIG, files
from tests.commands.terminal import bump

ACTION = YAML(typ="safe").load(Path(__file__).parents[2] / "action.yml")
HOSTILE = "$(touch x)\n::add-mask::main ##[error]x --allow-backwards"


def inputs(**given: str) -> dict[str, str]:
    return {f"{PREFIX}{name.upper()}": value for name, value in given.items()}


@pytest.mark.parametrize(
    ("given_inputs", "words"),
    [
        pytest.param(
            inputs(environment="dev"),
            "update --env=dev --config=config/environments.yaml --into=pull-request --format=text",
            id="the least",
        ),
        pytest.param(
            inputs(
                environment="dev, local\nqa", image="api\nghcr.io/acme/*", dry_run="true", into="files", format="json"
            ),
            "update --env=dev --env=local --env=qa --image=api --image=ghcr.io/acme/* "
            "--config=config/environments.yaml --dry-run --into=files --format=json",
            id="all of it",
        ),
        pytest.param(
            inputs(command="environments"),
            "environments --follow --format=json --config=config/environments.yaml",
            id="a matrix",
        ),
        pytest.param(
            inputs(command="validate", config="other.yaml"), "config validate --config=other.yaml", id="a gate"
        ),
        pytest.param(
            inputs(command="check", environment="dev qa", format="sarif"),
            "check --env=dev --env=qa --config=config/environments.yaml --format=sarif",
            id="a check",
        ),
        pytest.param(
            inputs(command="validate", dry_run="false", into="pull-request", format="text"),
            "config validate --config=config/environments.yaml",
            id="defaults are no choice",
        ),
    ],
)
def test_inputs_become_a_command_line(given_inputs: dict[str, str], words: str) -> None:
    assert " ".join(arguments(given_inputs)) == words


@pytest.mark.parametrize(
    ("given_inputs", "told"),
    [
        (
            inputs(command="rollback"),
            "input command: got 'rollback', expected one of update, check, environments, validate",
        ),
        (inputs(command=HOSTILE), "input command: got '$(touch x)"),
        (inputs(environment="Dev"), "input environment: got 'Dev', expected names"),
        (inputs(environment="--allow-backwards"), "input environment: got '--allow-backwards', expected names"),
        (inputs(environment="dev", image="a;b"), "input image: got 'a;b', expected images or patterns"),
        (inputs(environment="dev", dry_run="yes"), "input dry-run: got 'yes', expected one of true, false"),
        (inputs(environment="dev", into="main"), "input into: got 'main', expected one of pull-request, branch, files"),
        (inputs(environment="dev", format="sarif"), "input format: got 'sarif', expected one of text, json"),
        (inputs(command="check", format="xml"), "input format: got 'xml', expected one of text, github, json, sarif"),
        (inputs(command="check", image="api"), "input image: the command check does not take it"),
        (inputs(environment="d" * 10_001), "input environment: 10001 characters; the limit is 10000"),
        (inputs(command="validate", environment="dev"), "input environment: the command validate does not take it"),
        (inputs(command="environments", image="api"), "input image: the command environments does not take it"),
    ],
)
def test_what_an_input_cannot_mean_is_refused_by_its_name(given_inputs: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        arguments(given_inputs)
    assert str(caught.value).startswith(told)


@given(st.dictionaries(st.sampled_from([name.upper().replace("-", "_") for name in INPUTS]), st.text(max_size=60)))
def test_whatever_is_given_no_option_but_ours_comes_of_it(given_inputs: Mapping[str, str]) -> None:
    words: tuple[str, ...] = ()
    told = ""
    try:
        words = arguments({f"{PREFIX}{name}": value for name, value in given_inputs.items()})
    except UsageError as error:
        told = str(error)
    assert (bool(words), told.isprintable()) == (not told, True)
    assert all(
        word.startswith(("--env=", "--image=", "--config=", "--into=", "--format="))
        or word in {"update", "check", "environments", "config", "validate", "--follow", "--dry-run"}
        for word in words
    )


def test_the_file_offers_these_inputs_with_these_defaults_and_hands_over_each() -> None:
    offered = {name: str(one["default"]) for name, one in ACTION["inputs"].items()}
    assert offered == {name: DEFAULTS.get(name, "") for name in INPUTS}
    handed = ACTION["runs"]["steps"][-1]["env"]
    assert {name: handed[f"{PREFIX}{name.upper().replace('-', '_')}"] for name in INPUTS} == {
        name: f"${{{{ inputs.{name} }}}}" for name in INPUTS
    }


def test_no_script_of_the_file_holds_an_expression() -> None:
    assert not [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")]


@pytest.mark.parametrize(
    ("environ", "gone"),
    [
        ({"BUMP_SOURCE_TOKEN": ""}, {"BUMP_SOURCE_TOKEN"}),
        ({"BUMP_SOURCE_TOKEN": "x"}, set()),
        ({"BUMP_GITHUB_TOKEN": "", "BUMP_GITHUB_APP_ID": "", "BUMP_GITHUB_APP_PRIVATE_KEY": ""}, {"APP"}),
        ({"BUMP_GITHUB_TOKEN": "x", "BUMP_GITHUB_APP_ID": "", "BUMP_GITHUB_APP_PRIVATE_KEY": ""}, {"APP"}),
        (
            {"BUMP_GITHUB_TOKEN": "", "BUMP_GITHUB_APP_ID": "1", "BUMP_GITHUB_APP_PRIVATE_KEY": ""},
            {"BUMP_GITHUB_TOKEN"},
        ),
        (
            {"BUMP_GITHUB_TOKEN": "", "BUMP_GITHUB_APP_ID": "1", "BUMP_GITHUB_APP_PRIVATE_KEY": "k"},
            {"BUMP_GITHUB_TOKEN"},
        ),
        ({"BUMP_GITHUB_TOKEN": ""}, set()),
    ],
)
def test_an_empty_credential_is_absent_only_where_another_one_is_meant(environ: dict[str, str], gone: set[str]) -> None:
    expected = gone if gone != {"APP"} else {"BUMP_GITHUB_APP_ID", "BUMP_GITHUB_APP_PRIVATE_KEY"}
    assert set(environ) - set(present(environ)) == expected


def test_the_verb_runs_what_the_inputs_say(tmp_path: Path) -> None:
    for path, content in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    assert bump("action", folder=tmp_path, environ=inputs(command="validate")).out.startswith(f"{CONFIG}: valid")
    refused = bump("action", folder=tmp_path, environ=inputs(command="none"))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("bump: input command: got 'none'")
