"""What the credential and the repository let the bot do, fact by fact."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.diagnosis.check import CannotTell, Name, Ok, Wrong
from bot.diagnosis.facts import ActionsPolicy, GitCredential, GitHub, Rule, Ruleset, Unreadable, unasked
from bot.diagnosis.github import github
from tests.diagnosis.facts import CLASSIC, SETTINGS, WELL, only, seen

BRANCHES = {"dev": "bump/dev"}
ACTIONS = GitCredential(origin="GITHUB_TOKEN", kind="actions")
HIDDEN = Unreadable("acme/gitops: GET /actions/permissions/workflow is not allowed to the token")


def judged(found: GitHub, name: Name, *, merging: tuple[str, ...] = ()) -> tuple[str, str]:
    return seen(only(github(found, merging=merging, branches=BRANCHES), name))


def credential(**changes: Any) -> GitCredential:  # noqa: ANN401 - a field's value
    return replace(CLASSIC, **changes)


def test_all_well_is_all_ok() -> None:
    checks = list(github(WELL, merging=("dev",), branches=BRANCHES))
    assert [type(one) for one in checks] == [Ok] * 5


@pytest.mark.parametrize(
    ("one", "changes", "verdict", "says"),
    [
        (credential(), {}, "Ok", "role WRITE, scope repo"),
        (credential(scopes=frozenset({"public_repo"})), {}, "Wrong", "lacks the scope repo (it has: public_repo)"),
        (credential(scopes=frozenset({"public_repo"})), {"private": False}, "Ok", "may push"),
        (credential(scopes=frozenset()), {}, "Wrong", "it has: none) → give the token the scope 'repo'"),
        (credential(kind="login", scopes=frozenset()), {}, "Wrong", "gh auth refresh --scopes repo"),
        (credential(), {"permission": "READ"}, "Wrong", "has the role READ"),
        (credential(), {"permission": None}, "Wrong", "has the role none"),
        (credential(kind="fine-grained", scopes=None), {}, "CannotTell", "'Contents: read and write'"),
        (credential(kind="fine-grained", scopes=None), {"permission": "TRIAGE"}, "Wrong", "the role TRIAGE"),
        (credential(kind="unknown", scopes=None), {}, "CannotTell", "GitHub does not show"),
        (credential(kind="app", scopes=None), {"permission": None}, "Ok", "the App was given"),
        (credential(kind="installation", scopes=None), {"permission": "READ"}, "CannotTell", "the App's settings"),
        (ACTIONS, {"permission": "READ"}, "CannotTell", "`contents: write` and `pull-requests: write`"),
    ],
)
def test_may_push_and_open_pull_requests(
    one: GitCredential, changes: Mapping[str, Any], verdict: str, says: str
) -> None:
    found = judged(replace(WELL, credential=one, settings=replace(SETTINGS, **changes)), Name.WRITE)
    assert (found[0], says in found[1]) == (verdict, True), found


@pytest.mark.parametrize(
    ("kind", "policy", "verdict", "says"),
    [
        ("actions", ActionsPolicy(opens_pull_requests=True, writes_by_default=False), "Ok", "is ticked"),
        ("actions", ActionsPolicy(opens_pull_requests=False, writes_by_default=False), "Wrong", "Settings, Actions"),
        ("actions", HIDDEN, "CannotTell", "look in Settings, Actions, General"),
        ("login", ActionsPolicy(opens_pull_requests=False, writes_by_default=False), "CannotTell", "only for GITHUB_"),
        ("classic", HIDDEN, "Ok", "not needed: BUMP_GITHUB_TOKEN opens"),
        ("app", HIDDEN, "Ok", "not needed"),
    ],
)
def test_actions_may_open_pull_requests(
    kind: Any,  # noqa: ANN401 - one of the literal's words
    policy: ActionsPolicy | Unreadable,
    verdict: str,
    says: str,
) -> None:
    found = judged(replace(WELL, credential=credential(kind=kind), actions=policy), Name.ACTIONS)
    assert (found[0], says in found[1]) == (verdict, True), found


def test_what_github_merges_needs_a_credential_that_starts_workflows() -> None:
    found = replace(WELL, credential=ACTIONS)
    assert judged(found, Name.CREDENTIAL)[0] == "Ok"
    verdict, says = judged(found, Name.CREDENTIAL, merging=("dev",))
    assert verdict == "Wrong"
    assert "auto-merge of dev never sees its checks" in says


@pytest.mark.parametrize(
    ("rules", "bypass", "kind", "verdict", "says"),
    [
        ((), "never", "classic", "Ok", "no ruleset"),
        (("creation", "update"), "never", "classic", "Wrong", "creation, update → leave bump/** out"),
        (("update",), "always", "classic", "Ok", "no ruleset"),
        (("update",), "pull_requests_only", "classic", "Wrong", "update"),
        (("required_signatures",), "never", "classic", "Wrong", "required_signatures"),
        (("required_signatures",), "never", "app", "Ok", "no ruleset"),
        (("merge_queue", "code_scanning"), "never", "classic", "Ok", "no ruleset"),
        (("commit_message_pattern",), "never", "classic", "CannotTell", "commit_message_pattern"),
        (("a_new_rule", "update"), "never", "classic", "Wrong", "update"),
    ],
)
def test_rules_for_the_bots_branch(
    rules: tuple[str, ...],
    bypass: str,
    kind: Any,  # noqa: ANN401 - one of the literal's words
    *,
    verdict: str,
    says: str,
) -> None:
    found = replace(
        WELL,
        credential=credential(kind=kind),
        branches={"dev": tuple(Rule(type=one, ruleset=2) for one in rules)},
        rulesets={2: Ruleset(name="all", bypass=bypass)},
    )
    result = judged(found, Name.BRANCH)
    assert (result[0], says in result[1]) == (verdict, True), result


def test_a_bypass_that_nobody_tells_of_is_none() -> None:
    branches = {"dev": (Rule(type="update", ruleset=2),)}
    found = replace(WELL, branches=branches, rulesets={2: Unreadable("not shown")})
    assert judged(found, Name.BRANCH)[0] == "Wrong"


def test_rules_that_are_not_shown_are_not_guessed() -> None:
    found = judged(replace(WELL, branches={"dev": Unreadable("GitHub answered 500", unreachable=True)}), Name.BRANCH)
    assert found == (
        "CannotTell",
        "bump/dev: GitHub answered 500 → look in Settings, Rules, whether a ruleset takes bump/dev in",
    )


def test_an_archived_repository_and_one_that_is_not_there() -> None:
    assert judged(replace(WELL, settings=replace(SETTINGS, archived=True)), Name.REPOSITORY)[0] == "Wrong"
    gone = unasked(Unreadable("skipped", skipped=True), CLASSIC, Unreadable("acme/gitops: not found; check the name"))
    assert judged(gone, Name.REPOSITORY) == ("Wrong", ": acme/gitops: not found → check the name")


def test_what_is_unreachable_is_not_wrong() -> None:
    down = Unreadable("GitHub was not reached; try later", unreachable=True)
    checks = list(github(unasked(down, CLASSIC, down), merging=(), branches=BRANCHES))
    assert [type(one) for one in checks] == [Ok, CannotTell]
    assert [one.unreachable for one in checks if isinstance(one, CannotTell)] == [True]


def test_without_a_credential_only_that_is_wrong() -> None:
    skipped = Unreadable("not asked, because the Git credential does not serve; mend that first", skipped=True)
    found = unasked(skipped, Unreadable("no Git credential: set BUMP_GITHUB_TOKEN"), skipped)
    first, second = github(found, merging=(), branches=BRANCHES)
    assert first == Wrong(Name.CREDENTIAL, "", "no Git credential", "set BUMP_GITHUB_TOKEN")
    assert isinstance(second, CannotTell)
    assert not second.unreachable
