"""What GitHub tells of a repository's settings: read with few requests, and what is hidden is called so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.diagnosis.facts import ActionsPolicy, GitCredential, GitHub, OwnersError, Protection, Rule, Ruleset, Settings
from bot.diagnosis.facts import Unreadable as Hidden
from bot.errors import CredentialError
from bot.planning.snapshot import blob_id
from bot.pulls.access import Access, Kind
from bot.pulls.examination import Examination
from tests.commands.gitops import CONFIG, CONFIGURATION, NO_PAUSE, files
from tests.doubles.github_api import ACTIONS, APP, PERSON, GitHubDouble, Request, Token, on_operation
from tests.doubles.github_api import Answer as Fault
from tests.doubles.github_api import Ruleset as Shown

BRANCHES = {"dev": "bump/dev"}
CHECKS = {
    "type": "required_status_checks",
    "parameters": {
        "required_status_checks": [{"context": "gate"}, {"context": "lint"}],
        "strict_required_status_checks_policy": False,
    },
}
REVIEW = {
    "type": "pull_request",
    "parameters": {
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": True,
        "require_last_push_approval": False,
        "required_approving_review_count": 2,
        "required_review_thread_resolution": False,
    },
}


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as made:
        made.seed(files())
        yield made


def examined(
    double: GitHubDouble, token: str = PERSON, *, kind: Kind = "classic", base: str | None = None, config: str = CONFIG
) -> GitHub:
    access = Access(token=token, origin="BUMP_GITHUB_TOKEN", api_url=double.url, kind=kind)
    return Examination(access, "acme/gitops", pace=NO_PAUSE).examine(base=base, config=config, branches=BRANCHES)


def test_all_of_it_with_few_requests(double: GitHubDouble) -> None:
    double.settings.rulesets = (
        Shown(id=7, name="main", branches=("main",), rules=(CHECKS, REVIEW), bypass="always"),
        Shown(id=8, name="all", branches=("*",), rules=({"type": "non_fast_forward"},)),
    )
    found = examined(double)
    assert found == GitHub(
        credential=GitCredential(origin="BUMP_GITHUB_TOKEN", kind="classic", scopes=frozenset({"repo"})),
        settings=Settings(
            name="acme/gitops",
            base="main",
            private=False,
            archived=False,
            permission="WRITE",
            auto_merge=True,
            methods=frozenset({"merge", "squash", "rebase"}),
            configuration=blob_id(CONFIGURATION),
        ),
        protection=Protection(
            rules=(
                Rule(type="required_status_checks", ruleset=7, checks=("gate", "lint")),
                Rule(type="pull_request", ruleset=7, approvals=2, owners=True),
                Rule(type="non_fast_forward", ruleset=8),
            )
        ),
        branches={"dev": (Rule(type="non_fast_forward", ruleset=8),)},
        rulesets={7: Ruleset(name="main", bypass="always"), 8: Ruleset(name="all", bypass="never")},
        actions=ActionsPolicy(opens_pull_requests=True, writes_by_default=False),
    )
    assert (len(double.requests), double.writes) == (7, [])


def test_branch_protection_counts_as_a_rule(double: GitHubDouble) -> None:
    double.settings.required_checks = frozenset({"gate"})
    double.settings.required_review = double.settings.code_owner_review = True
    double.settings.codeowners_errors = ({"line": 2, "kind": "Unknown owner"},)
    double.seed({".github/CODEOWNERS": b"* @acme/all\n* @nobody\n"})
    assert examined(double).protection == Protection(
        rules=(Rule(type="branch_protection", checks=("gate",), approvals=1, owners=True),),
        owners_errors=(OwnersError(path=".github/CODEOWNERS", line=2, kind="Unknown owner"),),
    )


def test_a_protection_that_is_not_shown_is_not_taken_for_none(double: GitHubDouble) -> None:
    double.settings.required_checks = frozenset({"gate"})
    double.settings.protection_shown = False
    assert examined(double).protection == Hidden(
        "main is protected, and how is not shown to the credential from BUMP_GITHUB_TOKEN"
    )
    double.settings.required_checks = frozenset()
    double.requests.clear()
    assert examined(double).protection == Protection()
    assert len(double.requests) == 6


def test_what_is_for_administrators_is_hidden_from_the_bot(double: GitHubDouble) -> None:
    double.settings.private = True
    found = examined(double, APP, kind="installation")
    assert isinstance(found.actions, Hidden)
    assert found.actions.reason.endswith("BUMP_GITHUB_TOKEN (Resource not accessible by integration)")
    assert (found.actions.unreachable, found.protection) == (False, Protection())
    assert found.credential == GitCredential(origin="BUMP_GITHUB_TOKEN", kind="installation")


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("repos/get-branch-rules", "protection"),
        ("graphql:repository", "settings"),
        ("actions/get-github-actions-default-workflow-permissions-repository", "actions"),
    ],
)
def test_what_github_refuses_is_hidden_and_what_breaks_is_unreachable(
    double: GitHubDouble, operation: str, field: str
) -> None:
    for status, unreachable in ((403, False), (500, True)):
        double.faults = on_operation(operation, Fault(status=status, body={"message": "no"}))
        hidden = getattr(examined(double), field)
        assert isinstance(hidden, Hidden)
        assert hidden.unreachable is unreachable


def test_a_ruleset_that_is_not_shown_is_hidden_alone(double: GitHubDouble) -> None:
    double.settings.rulesets = (Shown(id=7, name="main", branches=("main",), rules=(CHECKS,)),)
    double.faults = on_operation("repos/get-repo-ruleset", Fault(status=404, body={"message": "Not Found"}))
    found = examined(double)
    assert isinstance(found.rulesets[7], Hidden)
    assert found.protection == Protection(
        rules=(Rule(type="required_status_checks", ruleset=7, checks=("gate", "lint")),)
    )


def test_the_eleventh_ruleset_is_not_asked_for(double: GitHubDouble) -> None:
    rule = ({"type": "deletion"},)
    double.settings.rulesets = tuple(
        Shown(id=number, name=str(number), branches=("main",), rules=rule) for number in range(1, 13)
    )
    found = examined(double)
    assert [number for number, one in found.rulesets.items() if isinstance(one, Hidden)] == [11, 12]


@pytest.mark.parametrize(
    ("base", "config", "reason", "blob"),
    [
        ("nowhere", CONFIG, "acme/gitops: has no branch nowhere", None),
        (None, "config/nowhere.yaml", "", None),
        ("main", CONFIG, "", blob_id(CONFIGURATION)),
    ],
)
def test_base_and_the_configuration_on_it(
    double: GitHubDouble, base: str | None, config: str, reason: str, blob: str | None
) -> None:
    settings = examined(double, base=base, config=config).settings
    if reason:
        assert isinstance(settings, Hidden)
        assert settings.reason.startswith(reason)
    else:
        assert isinstance(settings, Settings)
        assert settings.configuration == blob


def test_nothing_more_is_asked_of_who_shows_nothing(double: GitHubDouble) -> None:
    double.settings.private = True
    double.tokens["elsewhere"] = Token(login="x", kind="fine-grained", repositories=frozenset({"acme/other"}))
    found = examined(double, "elsewhere", kind="fine-grained")
    assert isinstance(found.settings, Hidden)
    assert isinstance(found.protection, Hidden)
    assert (found.settings.skipped, found.protection.skipped, len(double.requests)) == (False, True, 1)


def test_a_credential_that_github_does_not_know_is_an_error(double: GitHubDouble) -> None:
    with pytest.raises(CredentialError, match="BUMP_GITHUB_TOKEN: GitHub refused it"):
        examined(double, "stolen")


def test_odd_answers_are_told_as_such(double: GitHubDouble) -> None:
    double.faults = on_operation("repos/get-branch-rules", Fault(body={"message": "a proxy"}))
    protection = examined(double).protection
    assert isinstance(protection, Hidden)
    assert (protection.unreachable, "not a list" in protection.reason) == (True, True)


def test_the_branch_of_the_bot_is_named_in_full(double: GitHubDouble) -> None:
    examined(double, ACTIONS, kind="actions")
    asked: list[Request] = [one for one in double.requests if one.operation == "repos/get-branch-rules"]
    assert [one.path.rpartition("/")[2] for one in asked] == ["main", "bump%2Fdev"]
