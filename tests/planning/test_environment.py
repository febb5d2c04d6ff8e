"""Which files an environment covers, and which rule an image falls under."""

import pytest

from bot.image import Repository
from bot.planning.environment import Configuration, Environment, GitOps, ImageRule
from bot.planning.glob import Glob


def globs(*patterns: str) -> tuple[Glob, ...]:
    return tuple(Glob.parse(pattern) for pattern in patterns)


DEV = Environment(name="dev", paths=globs("env/dev/**", "more/*.yaml"), exclude=globs("env/dev/**/generated/**"))


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        pytest.param("env/dev/api.yaml", True, id="yaml"),
        pytest.param("env/dev/apps/api.yml", True, id="yml, deeper"),
        pytest.param("more/x.yaml", True, id="second pattern"),
        pytest.param("env/dev/api.json", False, id="another kind of file"),
        pytest.param("env/dev/api.yaml.gotmpl", False, id="a template"),
        pytest.param("env/dev/API.YAML", False, id="case counts"),
        pytest.param("env/dev/apps/generated/api.yaml", False, id="excluded"),
        pytest.param("env/dev/generated/api.yaml", False, id="excluded with no segment between"),
        pytest.param("env/development/api.yaml", False, id="a longer name"),
        pytest.param("x/env/dev/api.yaml", False, id="not from the root"),
    ],
)
def test_an_environment_covers_its_yaml_files(path: str, covered: bool) -> None:
    assert DEV.covers(path) is covered


def test_a_place_kept_free_covers_nothing() -> None:
    assert not Environment(name="later", paths=()).covers("env/later/api.yaml")


def configuration(*patterns: str) -> Configuration:
    rules = tuple(ImageRule(match=Glob.parse(text), position=position) for position, text in enumerate(patterns))
    return Configuration(
        path="config/environments.yaml", gitops=GitOps(), registries={}, images=rules, environments={"dev": DEV}
    )


@pytest.mark.parametrize(
    ("repository", "position"),
    [
        pytest.param("ghcr.io/acme/mirror/redis", 0, id="the first of two"),
        pytest.param("ghcr.io/acme/api", 1, id="the second"),
        pytest.param("GHCR.io/acme/api", 1, id="the host's case does not count"),
        pytest.param("redis", 2, id="Docker's short name is spelled out"),
        pytest.param("ghcr.io/other/api", None, id="none: third-party"),
        pytest.param("ghcr.io.evil.example/acme/api", None, id="a host that begins the same"),
        pytest.param("acme/api", None, id="the same path on docker.io"),
    ],
)
def test_the_first_rule_that_matches_wins(repository: str, position: int | None) -> None:
    rules = configuration("ghcr.io/acme/mirror/**", "ghcr.io/acme/**", "docker.io/library/*")
    rule = rules.rule(Repository.parse(repository))
    assert (rule.position if rule else None) == position


def test_without_rules_every_image_is_third_party() -> None:
    assert configuration().rule(Repository.parse("ghcr.io/acme/api")) is None
