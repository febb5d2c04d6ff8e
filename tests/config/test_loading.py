"""From bytes to the values of the domain: every key, every default, and what lies below what."""

from itertools import pairwise
from pathlib import Path

import pytest

from bot.config import load, load_policy
from bot.errors import ConfigError
from bot.image import Platform, Tag
from bot.planning.environment import (
    AutoMerge,
    Configuration,
    Environment,
    FirstPin,
    Gates,
    GitOps,
    ImageRule,
    PullRequestSettings,
    RegistryRule,
)
from bot.planning.glob import Glob
from bot.policy import EVERYWHERE, Level, Operators, Policy, Profile
from bot.policy.settings import Fleet

PATH = "config/environments.yaml"
EXAMPLE = (Path(__file__).parents[2] / PATH).read_bytes()
MINIMAL = "version: 1\nenvironments: {dev: {paths: []}}\n"


def loaded(text: str | bytes) -> Configuration:
    return load(text.encode() if isinstance(text, str) else text, path=PATH)


def globs(*patterns: str) -> tuple[Glob, ...]:
    return tuple(Glob.parse(pattern) for pattern in patterns)


def test_the_example_means_what_its_comments_say() -> None:
    labels = PullRequestSettings(labels=("image-bump",))
    amd64, arm64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")
    assert loaded(EXAMPLE) == Configuration(
        path=PATH,
        gitops=GitOps(repository="acme/gitops", base="main", branch_prefix="bump"),
        registries={},
        images=(
            ImageRule(match=Glob.parse("ghcr.io/acme/mirror/**"), position=0, move=False),
            ImageRule(
                match=Glob.parse("ghcr.io/acme/*"),
                position=1,
                platforms=(amd64, arm64),
                source=Glob.parse("github.com/acme/*"),
            ),
        ),
        environments={
            "dev": Environment(
                name="dev",
                paths=globs("sources/values/env/dev/**"),
                layers=globs("sources/values/_shared/**"),
                follow=Tag("main"),
                pull_request=PullRequestSettings(auto_merge=AutoMerge(), labels=("image-bump",)),
            ),
            "staging": Environment(
                name="staging",
                paths=globs("sources/values/env/staging/**"),
                promote_from="dev",
                gates=Gates(lineage=True),
                pull_request=labels,
            ),
            "production": Environment(
                name="production",
                paths=globs("sources/values/env/production/**"),
                promote_from="staging",
                pull_request=labels,
            ),
            "shared": Environment(name="shared", paths=globs("sources/values/_shared/**"), pull_request=labels),
        },
    )


def test_the_least_file_gets_every_default() -> None:
    assert loaded(MINIMAL) == Configuration(
        path=PATH,
        gitops=GitOps(repository=None, base=None, branch_prefix="bump"),
        registries={},
        images=(),
        environments={"dev": Environment(name="dev", paths=())},
    )


def test_every_key_reaches_its_value() -> None:
    found = loaded("""\
version: 1
registries:
  Registry.corp:5000:
    {token_env: BUMP_REGISTRY_CORP, username: bot, token_realm: https://auth.corp, ca_file: ca.pem, insecure: true}
images:
  - match: "ghcr.io/acme/*"
    move: false
    platforms: [linux/arm64/v8, linux/arm64, linux/amd64]
    source: "github.com/acme/*"
    channel: stable
    first_pin: tag-suffix
    revision_tag: "sha-{revision}"
    allow_single_arch: true
    allow_lost_platforms: true
environments:
  dev: {paths: ["a/**"], exclude: ["a/b/**"], layers: ["c/*"], follow: "1.10", platforms: [linux/arm]}
  staging:
    paths: []
    promote_from: dev
    gates: {soak: 2d, lineage: true}
    pull_request:
      auto_merge: {method: rebase, by: bump, required_checks: [ci, ci, lint]}
      labels: [a, b, a]
      reviewers: [jane]
      team_reviewers: [sre]
      assignees: [joe]
      draft: true
      settle: 45s
policy: {profile: strict, rules: {tag-only: error, tag-form: {dev: ignore, staging: warning}}, max_waiver_days: 30}
""")
    assert found.registries == {
        "registry.corp:5000": RegistryRule(
            host="registry.corp:5000",
            token_env="BUMP_REGISTRY_CORP",
            username="bot",
            token_realm="https://auth.corp",
            ca_file="ca.pem",
            insecure=True,
        )
    }
    [rule] = found.images
    assert rule == ImageRule(
        match=Glob.parse("ghcr.io/acme/*"),
        position=0,
        move=False,
        platforms=(Platform.parse("linux/arm64"), Platform.parse("linux/amd64")),
        source=Glob.parse("github.com/acme/*"),
        channel=Tag("stable"),
        first_pin=FirstPin.TAG_SUFFIX,
        revision_tag="sha-{revision}",
        allow_single_arch=True,
        allow_lost_platforms=True,
    )
    assert list(found.environments) == ["dev", "staging"]
    assert found.environments["dev"] == Environment(
        name="dev",
        paths=globs("a/**"),
        exclude=globs("a/b/**"),
        layers=globs("c/*"),
        follow=Tag("1.10"),
        platforms=(Platform.parse("linux/arm/v7"),),
    )
    assert found.environments["staging"].gates == Gates(soak_seconds=172_800, lineage=True)
    assert found.environments["staging"].pull_request == PullRequestSettings(
        auto_merge=AutoMerge(method="rebase", by="bump", required_checks=("ci", "lint")),
        labels=("a", "b"),
        reviewers=("jane",),
        team_reviewers=("sre",),
        assignees=("joe",),
        draft=True,
        settle_seconds=45,
    )


def test_what_the_file_says_about_policy() -> None:
    text = f"""{MINIMAL}policy:
  profile: strict
  rules: {{tag-only: error, tag-form: {{dev: ignore}}}}
  max_waiver_days: 30
  operators: {{kinds: [Widget], images: ["quay.io/ctl/*"], paths: ["cluster/**"]}}
  fleet: {{key: fleet.pull, evaluated: ["raw/**"]}}
  documents: {{docs/a.md: ["603", "see 602", "603"]}}
"""
    assert load_policy(text.encode(), path=PATH) == Policy(
        profile=Profile.STRICT,
        levels={"tag-only": {EVERYWHERE: Level.ERROR}, "tag-form": {"dev": Level.IGNORE}},
        max_waiver_days=30,
        operators=Operators(kinds=frozenset({"Widget"}), images=globs("quay.io/ctl/*"), paths=globs("cluster/**")),
        fleet=Fleet(key="fleet.pull", evaluated=globs("raw/**")),
        documents={"docs/a.md": ("603", "see 602")},
    )


@pytest.mark.parametrize("text", [EXAMPLE, MINIMAL.encode()], ids=["the example", "nothing"])
def test_without_a_word_on_policy_it_is_the_plans(text: bytes) -> None:
    assert load_policy(text, path=PATH) == Policy()


def test_what_the_file_says_about_primitives_and_private_images() -> None:
    text = f"""{MINIMAL}policy:
  operators: {{group: acme.io, owner_label: acme.io/of, image_pull_policy: Always}}
  private_images: ["ghcr.io/acme/**", "ghcr.io/acme/**"]
"""
    found = load_policy(text.encode(), path=PATH)

    assert found.operators == Operators(group="acme.io", owner_label="acme.io/of", image_pull_policy="Always")
    assert found.private_images == globs("ghcr.io/acme/**")


@pytest.mark.parametrize(
    "line", ["group: acme", "group: acme.io/v1", "group: Acme.io", "owner_label: a b", "image_pull_policy: Sometimes"]
)
def test_what_is_no_group_label_or_policy_is_refused(line: str) -> None:
    with pytest.raises(ConfigError, match=line.partition(":")[0]):
        load_policy(f"{MINIMAL}policy: {{operators: {{{line}}}}}\n".encode(), path=PATH)


def test_what_was_read_cannot_be_changed() -> None:
    found = loaded(EXAMPLE)
    with pytest.raises(TypeError):
        found.environments["new"] = found.environments["dev"]  # type: ignore[index] # that it cannot is the point


@pytest.mark.parametrize(
    ("below", "above", "settings"),
    [
        pytest.param("{}", "{}", PullRequestSettings(), id="nothing"),
        pytest.param("{labels: [a]}", "{}", PullRequestSettings(labels=("a",)), id="from below"),
        pytest.param("{labels: [a]}", "{labels: [b]}", PullRequestSettings(labels=("b",)), id="a list is replaced"),
        pytest.param("{labels: [a]}", "{labels: []}", PullRequestSettings(), id="by the empty one too"),
        pytest.param(
            "{settle: 1h}", "{draft: true}", PullRequestSettings(draft=True, settle_seconds=3600), id="beside"
        ),
        pytest.param("{draft: true}", "{draft: false}", PullRequestSettings(), id="false replaces"),
        pytest.param(
            "{auto_merge: {method: merge, by: bump}}",
            "{auto_merge: {required_checks: [ci]}}",
            PullRequestSettings(auto_merge=AutoMerge(method="merge", by="bump", required_checks=("ci",))),
            id="mappings merge",
        ),
        pytest.param("{auto_merge: {by: github}}", "{auto_merge: none}", PullRequestSettings(), id="none replaces"),
        pytest.param("{auto_merge: {by: github}}", "{auto_merge: null}", PullRequestSettings(), id="null replaces"),
        pytest.param(
            "{auto_merge: none}",
            "{auto_merge: {method: merge}}",
            PullRequestSettings(auto_merge=AutoMerge(method="merge")),
            id="none is replaced",
        ),
        pytest.param(
            "{}", "{auto_merge: {}}", PullRequestSettings(auto_merge=AutoMerge()), id="an empty mapping is one"
        ),
    ],
)
def test_defaults_lie_below_what_the_environment_says(below: str, above: str, settings: PullRequestSettings) -> None:
    found = loaded(
        f"version: 1\ndefaults: {{pull_request: {below}}}\nenvironments: {{dev: {{paths: [], pull_request: {above}}}}}"
    )
    assert found.environments["dev"].pull_request == settings


def test_a_chain_of_promotions_may_be_long_and_split() -> None:
    names = [f"e{number}" for number in range(200)]
    steps = "".join(f"  {name}: {{paths: [], promote_from: {before}}}\n" for before, name in pairwise(names))
    found = loaded(
        f"version: 1\nenvironments:\n  e0: {{paths: [], follow: main}}\n{steps}  x: {{paths: [], promote_from: e5}}\n"
    )
    assert found.environments["e199"].promote_from == "e198"
