"""What keeps a pull request from merging by itself, fact by fact."""

from dataclasses import replace

import pytest

from bot.diagnosis.check import CannotTell, Name, Ok
from bot.diagnosis.facts import GitHub, OwnersError, Protection, Rule, Ruleset, Unreadable
from bot.diagnosis.merging import merging
from bot.diagnosis.owners import read_owners
from bot.planning.environment import AutoMerge
from tests.diagnosis.facts import GATE, SETTINGS, WELL, environment, only, seen

FILES = ["env/dev/values.yaml"]
REVIEW = Rule(type="pull_request", ruleset=2, approvals=1)
OWNED = Rule(type="pull_request", ruleset=2, owners=True)


def judged(found: GitHub, name: Name, *, env: str = "dev", owners: str = "* @acme/all\n") -> tuple[str, str]:
    checks = merging(environment(env), FILES, found, read_owners({"CODEOWNERS": owners.encode()}))
    return seen(only(checks, name))


def protected(*rules: Rule, bypass: str = "never") -> GitHub:
    rulesets = {1: Ruleset(name="checks", bypass="never"), 2: Ruleset(name="people", bypass=bypass)}
    return replace(WELL, protection=Protection(rules=rules), rulesets=rulesets)


def test_where_a_person_merges_there_is_nothing_to_see() -> None:
    (one,) = merging(environment("production"), FILES, WELL, None)
    assert one == Ok(Name.AUTO_MERGE, "production", "a person merges (no auto_merge)")


@pytest.mark.parametrize("env", ["dev", "local"])
def test_all_well_is_all_ok(env: str) -> None:
    assert {type(one) for one in merging(environment(env), FILES, WELL, None)} == {Ok}


def test_auto_merge_and_its_method_must_be_allowed() -> None:
    off = replace(WELL, settings=replace(SETTINGS, auto_merge=False))
    assert judged(off, Name.AUTO_MERGE)[0] == "Wrong"
    assert judged(off, Name.AUTO_MERGE, env="local")[0] == "Ok"
    merges = replace(WELL, settings=replace(SETTINGS, methods=frozenset({"merge"})))
    verdict, says = judged(merges, Name.AUTO_MERGE)
    assert (verdict, "is squash, and acme/gitops allows: merge" in says) == ("Wrong", True)


@pytest.mark.parametrize(
    ("rules", "env", "verdict", "says"),
    [
        ((), "dev", "Wrong", "nothing has to pass"),
        ((Rule(type="pull_request", ruleset=2),), "dev", "Wrong", "nothing has to pass"),
        ((GATE,), "dev", "Ok", "waits for gate"),
        ((GATE, REVIEW), "dev", "Ok", "waits for gate, and for 1 approval by people other"),
        ((REVIEW,), "dev", "Ok", "requires no check, and for 1 approval"),
        ((Rule(type="merge_queue", ruleset=2),), "dev", "Ok", "no check"),
        ((), "local", "Ok", "bump merges after gate"),
        ((Rule(type="branch_protection", checks=("gate", "lint")),), "local", "Ok", "base requires lint besides"),
    ],
)
def test_something_must_be_required(rules: tuple[Rule, ...], env: str, verdict: str, says: str) -> None:
    found = judged(protected(*rules), Name.REQUIRED, env=env)
    assert (found[0], says in found[1]) == (verdict, True), found


def test_checks_that_the_configuration_names_are_enough() -> None:
    named = environment("dev")
    auto_merge = AutoMerge(method="squash", by="github", required_checks=("gate",))
    named = replace(named, pull_request=replace(named.pull_request, auto_merge=auto_merge))
    found = seen(only(merging(named, FILES, protected(), None), Name.REQUIRED))
    assert found == ("Ok", "dev: bump merges after gate")


@pytest.mark.parametrize(
    ("owners", "verdict", "says"),
    [
        ("* @acme/all\n", "Wrong", "waits for @acme/all, who own env/dev/values.yaml (CODEOWNERS:1)"),
        ("* @acme/all\n/env/dev/\n", "Ok", "have none"),
        ("/src/ @acme/all\n", "Ok", "have none"),
        ("", "Ok", "have none"),
    ],
)
def test_code_owners_of_bumped_files_stop_auto_merge(owners: str, verdict: str, says: str) -> None:
    found = judged(protected(GATE, OWNED), Name.OWNERS, owners=owners)
    assert (found[0], says in found[1]) == (verdict, True), found


def test_owners_matter_only_where_their_review_is_demanded() -> None:
    assert judged(protected(GATE, REVIEW), Name.OWNERS)[0] == "Ok"


def test_a_line_that_github_skips_makes_owners_unsure() -> None:
    errors = (OwnersError(path="CODEOWNERS", line=3, kind="Unknown owner"),)
    found = replace(WELL, protection=Protection(rules=(OWNED,), owners_errors=errors))
    assert judged(found, Name.OWNERS)[1].startswith("CODEOWNERS:3: GitHub cannot use this line (Unknown owner)")


@pytest.mark.parametrize(
    ("rule", "bypass", "verdict", "says"),
    [
        (REVIEW, "never", "Ok", "nothing"),
        (REVIEW, "always", "Wrong", "the ruleset people may be bypassed"),
        (OWNED, "pull_requests_only", "Wrong", "uses no bypass"),
        (Rule(type="update", ruleset=2), "never", "Wrong", "restricts updates of base"),
        (Rule(type="deletion", ruleset=2), "always", "Ok", "nothing"),
        (Rule(type="branch_protection", approvals=1), "never", "Ok", "nothing"),
    ],
)
def test_auto_merge_uses_no_bypass(rule: Rule, bypass: str, verdict: str, says: str) -> None:
    found = judged(protected(GATE, rule, bypass=bypass), Name.BYPASS)
    assert (found[0], says in found[1]) == (verdict, True), found


def test_a_direct_merge_does() -> None:
    checks = merging(environment("local"), FILES, protected(GATE, REVIEW, bypass="always"), None)
    assert Name.BYPASS not in {one.name for one in checks}


def test_what_is_not_shown_is_not_guessed() -> None:
    hidden = Unreadable("the rules are not shown; ask an administrator")
    checks = list(merging(environment(), FILES, replace(WELL, protection=hidden), None))
    assert [type(one) for one in checks] == [Ok, CannotTell, CannotTell, CannotTell]
    unknown = replace(protected(GATE, REVIEW), rulesets={2: Unreadable("GitHub does not say who may bypass it")})
    assert judged(unknown, Name.BYPASS)[0] == "CannotTell"
