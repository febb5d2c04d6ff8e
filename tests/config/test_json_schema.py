"""The schema that editors use agrees with what `load` accepts."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.config import is_stale, load, schema
from bot.config.document import read
from bot.config.json_schema import keys_at
from bot.errors import ConfigError

FOLDER = Path(__file__).parents[2] / "config"
COPY = (FOLDER / "environments.schema.json").read_bytes()
EXAMPLE = (FOLDER / "environments.yaml").read_bytes()
VALIDATOR = Draft202012Validator(json.loads(COPY))


def instance(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    """What an editor hands to the schema: JSON has lists, not tuples."""
    return json.loads(json.dumps(read(text, path="x.yaml").tree))


def test_the_copy_beside_the_example_is_the_schema() -> None:
    assert schema().encode() == COPY, "run `bump config schema --write`"


def test_the_example_names_the_schema_and_fits_it() -> None:
    assert EXAMPLE.splitlines()[0] == b"# yaml-language-server: $schema=./environments.schema.json"
    assert list(VALIDATOR.iter_errors(instance(EXAMPLE))) == []


def test_it_is_draft_2020_12_without_an_address() -> None:
    shape = json.loads(schema())
    Draft202012Validator.check_schema(shape)
    assert shape["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in shape
    assert schema().endswith("}\n")
    assert schema() == schema()


def test_an_editor_has_something_to_say_about_every_key() -> None:
    shape = json.loads(schema())
    for section in (shape, *shape["$defs"].values()):
        assert section["title"]
        assert section["description"]
        for key, place in section["properties"].items():
            described = place.get("description") or shape["$defs"][place["$ref"].rpartition("/")[2]]["description"]
            assert described, key


def test_every_default_in_it_is_accepted() -> None:
    shape = json.loads(schema())
    for section in (shape, *shape["$defs"].values()):
        for key, place in section["properties"].items():
            if "default" in place:
                # a part of a schema finds its $defs in the whole
                found = list(VALIDATOR.evolve(schema={**place, "$defs": shape["$defs"]}).iter_errors(place["default"]))
                assert found == [], key


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nenvironments: {dev: {paths: []}}",
        "version: 1\nenvironments: {dev: {paths: [], follow: null, pull_request: {auto_merge: none, settle: 0s}}}",
        "version: 1\nenvironments: {dev: {paths: [], pull_request: {auto_merge: null}}}",
        "version: 1\nenvironments: {dev: {paths: []}}\npolicy: {rules: {tag-only: error, tag-form: {dev: ignore}}}",
        "version: 1\nenvironments: {dev: {paths: []}}\nregistries: {a.b: {token_realm: https://a.b, insecure: false}}",
        "version: 1\nenvironments: {dev: {paths: []}}\nimages: [{match: a.b/*, revision_tag: 'x-{revision}'}]",
    ],
)
def test_what_loads_fits_the_schema(text: str) -> None:
    load(text.encode(), path="x.yaml")
    assert list(VALIDATOR.iter_errors(instance(text.encode()))) == []


@pytest.mark.parametrize(
    "text",
    [
        "environments: {dev: {paths: []}}",
        "version: 2\nenvironments: {dev: {paths: []}}",
        "version: 1",
        "version: 1\nenvironments: {}",
        "version: 1\nenvironments: {Dev: {paths: []}}",
        "version: 1\nenvironments: {promote: {paths: []}}",
        "version: 1\nenvironments: {dev: {}}",
        "version: 1\nenvironments: {dev: {paths: [], x: 1}}",
        "version: 1\nenvironments: {dev: {paths: [], follow: 1.5}}",
        "version: 1\nenvironments: {dev: {paths: [], pull_request: {settle: 30}}}",
        "version: 1\nenvironments: {dev: {paths: [], pull_request: {settle: 1w}}}",
        "version: 1\nenvironments: {dev: {paths: [], pull_request: {auto_merge: yes}}}",
        "version: 1\nenvironments: {dev: {paths: []}}\npolicy: {rules: {No: error}}",
        "version: 1\nenvironments: {dev: {paths: []}}\npolicy: {rules: {tag-only: {Dev: error}}}",
        "version: 1\nenvironments: {dev: {paths: []}}\nregistries: {a.b: {token_env: GITHUB_TOKEN}}",
        "version: 1\nenvironments: {dev: {paths: []}}\nimages: [{match: 'a.b/*', revision_tag: x}]",
    ],
)
def test_what_the_schema_refuses_does_not_load_either(text: str) -> None:
    assert list(VALIDATOR.iter_errors(instance(text.encode())))
    with pytest.raises(ConfigError):
        load(text.encode(), path="x.yaml")


@pytest.mark.parametrize(
    ("copy", "stale"),
    [
        pytest.param(COPY, False, id="the copy"),
        pytest.param(COPY.replace(b"\n", b"\r\n"), False, id="other line ends"),
        pytest.param(json.dumps(json.loads(COPY)).encode(), False, id="other spacing"),
        pytest.param(COPY.replace(b"image-rule", b"x").replace(b"Image rule", b"x"), True, id="a word changed"),
        pytest.param(b"", True, id="empty"),
        pytest.param(b"{}", True, id="another schema"),
        pytest.param(b"\xff", True, id="no JSON"),
        pytest.param(b"[" * 100_000, True, id="too deep"),
    ],
)
def test_a_copy_is_stale_when_it_says_something_else(copy: bytes, stale: bool) -> None:
    assert is_stale(copy) is stale


@pytest.mark.parametrize(
    ("at", "key"),
    [
        ((), "environments"),
        (("gitops",), "branch_prefix"),
        (("registries", "ghcr.io"), "token_env"),
        (("images", 0), "match"),
        (("environments", "dev"), "follow"),
        (("environments", "dev", "pull_request", "auto_merge"), "method"),
        (("policy",), "profile"),
    ],
)
def test_the_keys_of_a_mapping_are_found_by_its_path(at: tuple[str | int, ...], key: str) -> None:
    assert keys_at(at)[key]


def test_a_place_that_no_mapping_stands_at_has_no_keys() -> None:
    assert keys_at(("images", 0, "match", "x")) == {}
