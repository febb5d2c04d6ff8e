"""For any reference the rendered CEL says what the rules of `bump check` say, at the same level."""

from collections.abc import Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config
from bot.image import Reference, Repository
from bot.pins import discover
from bot.planning.environment import Configuration
from bot.planning.glob import Glob
from bot.planning.targets import everyones
from bot.policy import House, Policy, judge, survey
from bot.policy.admission import patterns
from bot.policy.admission.rules import rules
from tests.image import strategies
from tests.policy.admission.cluster import PERSON, Cluster, evaluated, variables
from tests.policy.admission.objects import CONFIGURATION, POD, tree
from tests.policy.admission.rendering import PATH, TODAY, render

PROFILES = {
    "plan": "{admission: {actions: Deny}}",
    "strict": "{profile: strict, operators: {images: ['**/redis', 'docker.io/*/*ctl']}, admission: {actions: Deny}}",
}
names = st.one_of(
    strategies.names,
    st.sampled_from(
        [
            *("ghcr.io/acme/api", "GHCR.io/acme/team/api", "ghcr.io/acme/tools/lint", "ghcr.io/acme/mirror/redis"),
            *("redis", "library/redis", "docker.io/redis", "index.docker.io/library/redis", "acme/kubectl"),
            *("quay.io/x/postgres-operator", "ghcr.io/acme/operators/api", "localhost/operator", "ghcr.io/acme"),
        ]
    ),
)
words = st.sampled_from(
    [
        *(
            "main",
            "Main",
            "latest",
            "trunk-builds",
            "TRUNK-builds",
            "feature",
            "feature-7",
            "7",
            "v7",
            "7.2",
            "7.2-alpine",
        ),
        *("1.4.0", "v1.4.0-rc.1", "01.2.3", "1.2.3.4", "1f3c9ab", "deadbeef", "sha-1f3c9ab", "g1f3c9ab", "1F3C9AB"),
        *("build-42", "build-0123456789ab", "build-0123456789abc", "2024-01-01", "_", "x1", "1234567", "12345"),
    ]
)
references = st.builds(
    lambda name, tag, digest: Reference.parse(f"{name}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"),
    names,
    st.none() | words | strategies.tags,
    st.none() | strategies.digests,
)
Verdict = set[tuple[str, str, str]]


@cache
def read(profile: str) -> tuple[Configuration, Policy]:
    text = f"{CONFIGURATION}policy: {PROFILES[profile]}\n".encode()
    return config.load(text, path=PATH), config.load_policy(text, path=PATH)


@cache
def cluster(profile: str) -> Cluster:
    return Cluster(render(PROFILES[profile], environments=("dev", "production")))


def spelled(reference: Reference) -> str:
    """The reference as the cluster's messages name it."""
    tag = f":{reference.tag}" if reference.tag else ""
    return f"{reference.repository}{tag}{f'@{reference.digest}' if reference.digest else ''}"


def by_files(profile: str, environment: str, asked: list[Reference]) -> Verdict:
    configuration, policy = read(profile)
    text = "".join(f'- image: "{one}"\n' for one in asked).encode()
    path = f"env/{environment}/api.yaml"
    found = discover(path, text, everyones(configuration))
    sheet = House(configuration, policy).sheet(path, text, configuration.environments[environment], found)
    verdict = judge(survey([sheet]), policy, today=TODAY)
    seen = {rule.name for rule in rules(policy)}
    return {
        (one.rule, one.level.value, spelled(Reference.parse(one.remark.text)))
        for one in verdict.findings
        if one.rule in seen
    }


def by_cluster(profile: str, environment: str, asked: list[Reference]) -> Verdict:
    pod = tree(POD)
    pod["spec"]["containers"] = [{"name": "x", "image": str(one)} for one in asked]
    context: Mapping[str, object] = {"object": pod, "oldObject": None, "request": {"userInfo": PERSON}}
    found: Verdict = set()
    known: dict[tuple[str, ...], object] = {}
    for name, policy in cluster(profile).policies.items():
        if name.startswith(f"bump-{environment}-"):
            rule = name.removeprefix(f"bump-{environment}-").removesuffix("-warning")
            level = "warning" if name.endswith("-warning") else "error"
            broken = variables(policy["spec"], context, known)["broken"]
            found |= {(rule, level, text) for text in broken}
    return found


@given(
    profile=st.sampled_from(sorted(PROFILES)),
    environment=st.sampled_from(["dev", "production"]),
    asked=st.lists(references, min_size=1, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_cluster_and_files_agree(profile: str, environment: str, asked: list[Reference]) -> None:
    assert by_cluster(profile, environment, asked) == by_files(profile, environment, asked)


segments = st.one_of(
    st.sampled_from(
        ["*", "**", "?", "ghcr.io", "gh*", "*:5000", "a*c", "acme", "api", "*operator*", "docker.io", "a.b:?"]
    ),
    st.text("ab.*?", min_size=1, max_size=4).filter(lambda text: "**" not in text and text not in {".", ".."}),
)
globs = st.lists(segments, min_size=1, max_size=5).map("/".join)
repositories = st.one_of(
    strategies.names,
    st.lists(st.sampled_from(["a", "b", "ab", "acme", "api", "acc", "x-operator"]), min_size=1, max_size=4).flatmap(
        lambda path: st.sampled_from(["ghcr.io", "a.b:5", "localhost:5000", "docker.io"]).map(
            lambda host: "/".join((host, *path))
        )
    ),
)


@given(
    texts=st.lists(globs, min_size=1, max_size=3),
    name=repositories,
    tag=st.none() | strategies.tags,
    digest=st.none() | strategies.digests,
)
@settings(max_examples=200, deadline=None)
def test_a_glob_and_its_expression_match_the_same(
    texts: list[str], name: str, tag: str | None, digest: str | None
) -> None:
    asked = [Glob.parse(text) for text in texts]
    reference = Reference.parse(f"{name}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}")

    found = evaluated("r.matches(p)", {"r": spelled(reference), "p": patterns.repositories(asked)})

    assert found == any(glob.matches(str(reference.repository)) for glob in asked)


def test_a_repository_is_not_ended_by_a_ports_colon() -> None:
    assert Repository.parse("a.b:5/c").host == "a.b:5"
    for glob, name in (("a.b", "a.b:5/c"), ("*/a", "b.c:5/a:1"), ("**/a*/**", "x.y/ab:c")):
        expected = Glob.parse(glob).matches(str(Reference.parse(name).repository))
        assert evaluated("r.matches(p)", {"r": name, "p": patterns.repositories([Glob.parse(glob)])}) == expected


@pytest.mark.parametrize(
    "text", ["ghcr.io/acme/*", "**", "**/**/x", "*/**", "ghcr.io/**/api", "**/acme/**", "ghcr.io/**"]
)
def test_every_place_of_two_stars_is_translated(text: str) -> None:
    glob, name = Glob.parse(text), "ghcr.io/acme/api"

    assert evaluated("r.matches(p)", {"r": name, "p": patterns.repositories([glob])}) == glob.matches(name)
