"""What the names in a path say about its environment."""

import re

import pytest

from bot.config.fields import NAME, RESERVED
from bot.planning.places import Kind, assigned, is_deployment, place_of


@pytest.mark.parametrize(
    ("path", "name", "kind", "pattern"),
    [
        pytest.param("sources/values/env/dev/apps/a.yaml", "dev", Kind.DEV, "sources/values/env/dev/**", id="env/"),
        pytest.param("env/local/a.yaml", "local", Kind.LOCAL, "env/local/**", id="local"),
        pytest.param("apps/a/overlays/qa/k.yaml", "qa", Kind.TEST, "apps/a/overlays/qa/**", id="overlays/"),
        pytest.param("clusters/prod-eu/a.yaml", "prod-eu", Kind.PRODUCTION, "clusters/prod-eu/**", id="region"),
        pytest.param("clusters/dev2/a.yaml", "dev2", Kind.DEV, "clusters/dev2/**", id="numbered"),
        pytest.param("environments/pre-prod/a.yaml", "pre-prod", Kind.STAGING, "environments/pre-prod/**", id="pre"),
        pytest.param("env/non_prod/a.yaml", "non-prod", Kind.STAGING, "env/non_prod/**", id="non"),
        pytest.param("env/Production/a.yaml", "production", Kind.PRODUCTION, "env/Production/**", id="capitals"),
        pytest.param("env/sandbox/a.yaml", "sandbox", Kind.UNKNOWN, "env/sandbox/**", id="nobody knows"),
        pytest.param("env/dev-prod/a.yaml", "dev-prod", Kind.PRODUCTION, "env/dev-prod/**", id="the more careful word"),
        pytest.param("api/staging/a.yaml", "staging", Kind.STAGING, "api/staging/**", id="a usual name anywhere"),
        pytest.param("dev/env/prod/a.yaml", "prod", Kind.PRODUCTION, "dev/env/prod/**", id="below env says more"),
        pytest.param("api/values-dev.yaml", "dev", Kind.DEV, "api/values-dev.yaml", id="values file"),
        pytest.param("values.prod-eu.yml", "prod-eu", Kind.PRODUCTION, "values.prod-eu.yml", id="values file, region"),
        pytest.param("api/dev-values.yaml", "dev", Kind.DEV, "api/dev-values.yaml", id="values behind"),
        pytest.param("environments/stage.yaml", "stage", Kind.STAGING, "environments/stage.yaml", id="file alone"),
        pytest.param("argocd/api-dev.yaml", "dev", Kind.DEV, "argocd/*-dev.yaml", id="an app's file"),
        pytest.param(
            "clusters/eu/values-prod.yaml", "prod", Kind.PRODUCTION, "clusters/eu/values-prod.yaml", id="known"
        ),
        pytest.param("values/_shared/a.yaml", "shared", Kind.SHARED, "values/_shared/**", id="shared"),
        pytest.param("apps/a/base/a.yaml", "base", Kind.SHARED, "apps/a/base/**", id="base"),
        pytest.param("env/_shared/a.yaml", "shared", Kind.SHARED, "env/_shared/**", id="shared below env"),
        pytest.param("env/[x] {y}/a.yaml", "x-y", Kind.UNKNOWN, "env/?x? ?y?/**", id="what a pattern cannot hold"),
        pytest.param("env/größe/a.yaml", "gr-e", Kind.UNKNOWN, "env/größe/**", id="other letters"),
        pytest.param("env/___/a.yaml", "environment", Kind.UNKNOWN, "env/___/**", id="no letters"),
    ],
)
def test_a_path_says_its_environment(path: str, name: str, kind: Kind, pattern: str) -> None:
    place = place_of(path)
    assert place is not None
    assert (place.name, place.kind, "/".join(place.segments)) == (name, kind, pattern)


@pytest.mark.parametrize(
    "path", ["a.yaml", "apps/api/a.yaml", "apps/devops/a.yaml", "apps/redis-test.yaml", "env/a.yaml"]
)
def test_other_paths_say_nothing(path: str) -> None:
    assert place_of(path) is None


@pytest.mark.parametrize(
    "path", [".github/dev/a.yaml", "chart/templates/a.yaml", "tests/dev/a.yaml", "x/" * 300 + "a.yaml"]
)
def test_what_is_not_deployed_is_left_out(path: str) -> None:
    assert not is_deployment(path)
    assert assigned([path]) == {}


def test_names_are_allowed_and_one_stands_for_one() -> None:
    long = "a-very-long-name-of-an-environment-that-is-"
    folders = ["promote", "rollback", f"{long}one", f"{long}two", "Dev", "dev", "shared-x", "x"]
    places = assigned([f"env/{folder}/a.yaml" for folder in folders] + ["x/_shared/a.yaml"])
    names = [place.name for place in places.values()]
    assert len(names) == len(folders) + 1
    assert len(set(names)) == len(folders)  # Dev and dev are one
    assert all(re.fullmatch(NAME, name) and name not in RESERVED for name in names)


def test_a_shared_folder_and_an_environment_of_one_name_are_told_apart() -> None:
    places = assigned(["base/a.yaml", "env/base./a.yaml"])
    assert sorted((place.name, place.kind) for place in places.values()) == [
        ("base", Kind.UNKNOWN),
        ("base-2", Kind.SHARED),
    ]


def test_default_values_beside_an_environments_values_are_shared() -> None:
    places = assigned(["a/values.yaml", "a/values-dev.yaml", "b/values.yaml"])
    assert {path: place.name for path, place in places.items()} == {
        "a/values.yaml": "shared",
        "a/values-dev.yaml": "dev",
    }
