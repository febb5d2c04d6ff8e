"""Facts for the tests of verdicts: all well, and what a test changes."""

from collections.abc import Iterable

from bot.config import load
from bot.diagnosis.check import Check, Name
from bot.diagnosis.facts import ActionsPolicy, GitCredential, GitHub, Protection, Rule, Ruleset, Settings
from bot.diagnosis.surface import Surface
from bot.planning.environment import Configuration, Environment

CONFIGURATION = """\
version: 1
images:
  - {match: "ghcr.io/acme/mirror/**", move: false}
  - match: "ghcr.io/acme/*"
environments:
  dev:
    paths: ["env/dev/**"]
    follow: main
    pull_request: {auto_merge: {method: squash, by: github}}
  local:
    paths: ["env/local/**"]
    follow: main
    pull_request: {auto_merge: {method: squash, by: bump, required_checks: [gate]}}
  production: {paths: ["env/production/**"], promote_from: dev}
"""
FILES = {
    "env/dev/values.yaml": "dev",
    "env/dev/api/kustomization.yaml": "dev",
    "env/local/values.yaml": "local",
}
SETTINGS = Settings(
    name="acme/gitops",
    base="main",
    private=True,
    archived=False,
    permission="WRITE",
    auto_merge=True,
    methods=frozenset({"squash", "merge"}),
    configuration="c0" * 20,
)
CLASSIC = GitCredential(origin="BUMP_GITHUB_TOKEN", kind="classic", scopes=frozenset({"repo"}))
GATE = Rule(type="required_status_checks", ruleset=1, checks=("gate",))
WELL = GitHub(
    credential=CLASSIC,
    settings=SETTINGS,
    protection=Protection(rules=(GATE,)),
    branches={"dev": ()},
    rulesets={1: Ruleset(name="main", bypass="never")},
    actions=ActionsPolicy(opens_pull_requests=True, writes_by_default=False),
)


def configuration() -> Configuration:
    return load(CONFIGURATION.encode(), path="config/environments.yaml")


def environment(name: str = "dev") -> Environment:
    return configuration().environments[name]


def surface() -> Surface:
    return Surface(configuration=configuration(), files=FILES)


def only(checks: Iterable[Check], name: Name) -> Check:
    """The one check of that name."""
    (one,) = (check for check in checks if check.name is name)
    return one


def seen(check: Check) -> tuple[str, str]:
    """The verdict's class by name, and all that it says."""
    fix = "" if type(check).__name__ == "Ok" else f" → {check.fix}"  # type: ignore[union-attr]
    return type(check).__name__, f"{check.subject}: {check.message}{fix}"
