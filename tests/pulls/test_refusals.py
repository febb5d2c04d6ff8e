"""Every refusal has a class, and so an exit code, and says what to do; for a permission that is where it is set."""

import pytest

from bot.errors import BumpError, CredentialError, Outage, PublishError, RaceLost
from bot.pulls.access import Access, Kind
from bot.pulls.exchange import Answer
from bot.pulls.permissions import login_advice, needed
from bot.pulls.refusals import Request, refusal

NO_ACCESS = "Resource not accessible by integration"


def told(answer: Answer, kind: Kind = "unknown") -> BumpError | None:
    access = Access(token="t", origin="BUMP_GITHUB_TOKEN", api_url="https://api.github.com", kind=kind)
    return refusal(answer, Request(subject="acme/gitops", what="POST /pulls", access=access))


def answer(status: int, message: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body={"message": message})


def graphql(message: str, kind: str | None = None) -> Answer:
    return Answer(status=200, headers={}, body={"errors": [{"message": message} | ({"type": kind} if kind else {})]})


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        pytest.param(answer(401, "Bad credentials"), CredentialError, "Bad credentials.*make a new one", id="401"),
        pytest.param(answer(403, NO_ACCESS), PublishError, "not allowed to the token from BUMP_GITHUB_TOKEN", id="403"),
        pytest.param(answer(404, "Not Found"), PublishError, "or private.*check the name", id="404"),
        pytest.param(answer(409, "Git Repository is empty."), PublishError, "409.*is empty", id="409"),
        pytest.param(answer(451, "Repository access blocked"), PublishError, "access blocked", id="451"),
        pytest.param(answer(500, "Server Error"), Outage, "500.*try again later", id="500"),
        pytest.param(Answer(status=502, headers={}, body=None), Outage, "502 .no message.", id="502 without words"),
        pytest.param(answer(408, "Timeout"), Outage, "408", id="408"),
        pytest.param(answer(429, "slow down"), Outage, "429", id="429"),
        pytest.param(
            answer(403, "GitHub Actions is not permitted to create or approve pull requests."),
            PublishError,
            "tick 'Allow GitHub Actions to create and approve pull requests' in Settings, Actions, General",
            id="Actions may not open pull requests",
        ),
        pytest.param(
            answer(403, "Repository was archived so is read-only."), PublishError, "unarchive it", id="archived"
        ),
        pytest.param(
            answer(422, "Repository rule violations found\n\nCannot create ref due to creations being restricted."),
            PublishError,
            "leave bump/[*][*] out of it in Settings, Rules",
            id="a ruleset",
        ),
        pytest.param(
            graphql("GH013: Repository rule violations"), PublishError, "bypass list", id="a ruleset, GraphQL"
        ),
        pytest.param(
            answer(403, "forbidden", x_github_sso="required; url=https://github.com/orgs/acme/sso"),
            PublishError,
            "authorize the token for the organization's single sign-on",
            id="single sign-on",
        ),
        pytest.param(
            answer(403, "the `acme` organization has an IP allow list enabled"), PublishError, "take in", id="IP"
        ),
        pytest.param(answer(403, "This installation has been suspended"), PublishError, "unsuspend it", id="suspended"),
        pytest.param(
            answer(422, "A pull request already exists for acme:bump/dev."), RaceLost, "faster", id="already there"
        ),
        pytest.param(answer(422, "No commits between main and bump/dev"), RaceLost, "faster", id="nothing to pull"),
        pytest.param(answer(422, "Reference already exists"), RaceLost, "faster", id="ref exists"),
        pytest.param(answer(422, "Reference does not exist"), RaceLost, "faster", id="no ref"),
        pytest.param(answer(422, "Update is not a fast forward"), RaceLost, "faster", id="no fast-forward"),
        pytest.param(answer(422, "body is too long (maximum is 65536 characters)"), PublishError, "shorten", id="body"),
        pytest.param(answer(422, "Validation Failed"), PublishError, "422 .Validation Failed.", id="another 422"),
        pytest.param(graphql("went wrong"), Outage, "try again later", id="GraphQL without type"),
        pytest.param(graphql(NO_ACCESS, "FORBIDDEN"), PublishError, "not allowed", id="GraphQL forbids"),
        pytest.param(graphql("none", "NOT_FOUND"), PublishError, "or private", id="GraphQL finds nothing"),
        pytest.param(graphql("no", "UNPROCESSABLE"), PublishError, "refused it", id="another error of GraphQL"),
    ],
)
def test_each_has_its_class_and_says_what_to_do(given: Answer, error: type[BumpError], words: str) -> None:
    found = told(given)
    assert type(found) is error
    with pytest.raises(error, match=words):
        raise found


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_was_asked_for_is_no_refusal(status: int) -> None:
    assert told(Answer(status=status, headers={}, body={"data": {}} if status == 200 else None)) is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("actions", "add `pull-requests: write` to `permissions:` of the job in the workflow"),
        ("app", "give the App 'Pull requests: read and write' in its settings (Permissions & events), and accept it"),
        ("installation", "give the App that the token is from 'Pull requests: read and write', and ask for it"),
        ("fine-grained", "give the token 'Pull requests: read and write' in your settings (Developer settings)"),
        ("classic", "give the token the scope 'repo'"),
        ("login", "run `gh auth refresh --scopes repo`"),
        ("unknown", "give the token 'Pull requests: read and write'"),
    ],
)
def test_a_missing_permission_is_named_and_where_it_is_set(kind: Kind, words: str) -> None:
    given = answer(403, NO_ACCESS, x_accepted_github_permissions="issues=write; pull_requests=write")
    assert words in str(told(given, kind))


@pytest.mark.parametrize("kind", ["app", "installation", "actions", "fine-grained", "classic", "login", "unknown"])
def test_each_kind_of_credential_is_told_how_it_reaches_a_repository(kind: Kind) -> None:
    assert str(told(answer(404, "Not Found"), kind)).count("; check the name, and that ") == 1
    access = Access(token="t", origin="o", api_url="u", kind=kind)
    assert str(told(answer(401, "no"), kind)).endswith(login_advice(access))


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("contents=write", {"contents": "write"}),
        ("issues=write; pull_requests=write", {"pull_requests": "write"}),
        ("issues=read,members=read", {"issues": "read", "members": "read"}),
        ("contents=write,workflows=write; contents=write", {"contents": "write"}),
        ("", {"contents": "write", "pull_requests": "write"}),
        ("<script>=write", {"contents": "write", "pull_requests": "write"}),
    ],
)
def test_of_several_permissions_the_ones_that_bump_needs_anyway(header: str, wanted: dict[str, str]) -> None:
    assert needed(header) == wanted
