"""The double says no as GitHub does, misses no wrong request, and breaks the line where a test wants it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import github
import pytest
import requests
from graphql import GraphQLInterfaceType, GraphQLObjectType

from tests.doubles.github_api import (
    ACTIONS,
    APP,
    DROP_AFTER,
    DROP_BEFORE,
    PERSON,
    Answer,
    Fault,
    GitHubDouble,
    Request,
    Ruleset,
    Token,
    on_operation,
    on_write,
    queue,
)
from tests.doubles.github_api.asking import client, query, update_refs
from tests.doubles.github_api.description import match, operations
from tests.doubles.github_api.mutations import Mutations
from tests.doubles.github_api.nodes import Node, git_object, ref
from tests.doubles.github_api.nodes_pulls import Viewer
from tests.doubles.github_api.queries import schema
from tests.doubles.github_api.rest import OPERATIONS
from tests.doubles.github_api.world import World

REPOSITORY = 'query { repository(owner: "acme", name: "gitops") { %s } }'
BY_OID = 'query ($oid: GitObjectID!) { repository(owner: "acme", name: "gitops") { object(oid: $oid) { oid } } }'
LINE_BROKEN = (requests.ConnectionError, ConnectionError)


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as double:
        double.seed({"a.yaml": b"a: 1\n"})
        double.commit("work", {"a.yaml": b"a: 2\n"})
        double.open("work", "work")
        yield double


def ask(double: GitHubDouble, method: str, path: str, token: str | None = APP, **more: object) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, double.url + path, headers=headers, timeout=5, **more)  # type: ignore[arg-type]


def forgive(double: GitHubDouble) -> str:
    """The violations so far, taken off the list: the test meant them."""
    found = "\n".join(double.violations)
    double.violations.clear()
    return found


# What GitHub refuses


@pytest.mark.parametrize(
    ("token", "method", "path", "status", "message"),
    [
        ("stolen", "GET", "/repos/acme/gitops", 401, "Bad credentials"),
        (APP, "GET", "/repos/acme/nowhere", 404, "Not Found"),
        (APP, "GET", "/user", 403, "Resource not accessible by integration"),
        (None, "DELETE", "/repos/acme/gitops/issues/1/labels", 401, "Requires authentication"),
        ("reader", "DELETE", "/repos/acme/gitops/issues/1/labels", 403, "Resource not accessible by integration"),
        ("fine", "DELETE", "/repos/acme/gitops/issues/1/labels", 403, "not accessible by personal access token"),
        (ACTIONS, "GET", "/repos/acme/private", 404, "Not Found"),
        (None, "GET", "/repos/acme/private", 404, "Not Found"),
        (APP, "DELETE", "/repos/acme/archived/issues/1/labels", 403, "Repository was archived so is read-only."),
    ],
)
def test_who_may_not_is_told_so(
    double: GitHubDouble, token: str | None, method: str, path: str, *, status: int, message: str
) -> None:
    double.tokens["reader"] = Token(login="reader[bot]", permissions={"contents": "read"})
    double.tokens["fine"] = Token(login="person", kind="fine-grained", permissions={"contents": "read"})
    double.add_repository("acme/private", private=True)
    double.add_repository("acme/archived").settings.archived = True
    answer = ask(double, method, path, token)
    assert (answer.status_code, message in answer.json()["message"]) == (status, True), answer.text


def test_a_person_is_known_by_login_and_a_workflow_may_be_kept_from_opening_pull_requests(double: GitHubDouble) -> None:
    double.settings.actions_may_open_pull_requests = False
    with client(double, PERSON) as person, client(double, ACTIONS) as actions:
        assert person.get_user().login == "person"
        assert query(actions, "query { viewer { login } }")["viewer"]["login"] == "github-actions[bot]"
        with pytest.raises(github.GithubException, match="not permitted to create"):
            actions.get_repo("acme/gitops").create_pull(base="main", head="work", title="x", body="")


def test_a_ruleset_is_shown_and_keeps_its_branches_from_who_may_not_pass_by(double: GitHubDouble) -> None:
    locked = Ruleset(id=1, name="ours", branches=("bump/*",), rules=({"type": "creation"}, {"type": "update"}))
    double.settings.rulesets = (locked,)
    shown = ask(double, "GET", "/repos/acme/gitops/rules/branches/bump%2Fdev").json()
    assert [(rule["type"], rule["ruleset_id"]) for rule in shown] == [("creation", 1), ("update", 1)]
    assert ask(double, "GET", "/repos/acme/gitops/rules/branches/main").json() == []
    assert ask(double, "GET", "/repos/acme/gitops/rulesets/1").json()["current_user_can_bypass"] == "never"
    assert ask(double, "GET", "/repos/acme/gitops/rulesets/2").status_code == 404
    with client(double) as api:
        with pytest.raises(github.GithubException, match="rule violations"):
            update_refs(api, ("bump/dev", None, double.head() or "", False))
        double.settings.rulesets = (replace(locked, bypass="always"),)
        update_refs(api, ("bump/dev", None, double.head() or "", False))
    assert double.head("bump/dev") == double.head()


def test_what_workflows_may_is_for_administrators_to_see(double: GitHubDouble) -> None:
    path = "/repos/acme/gitops/actions/permissions/workflow"
    assert [ask(double, "GET", path, token).status_code for token in (None, APP, ACTIONS)] == [403, 403, 403]
    answer = ask(double, "GET", path, PERSON)
    assert answer.json() == {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
    assert answer.headers["X-OAuth-Scopes"] == "repo"
    assert "X-OAuth-Scopes" not in ask(double, "GET", "/repos/acme/gitops").headers


def test_a_branch_says_whether_it_is_protected(double: GitHubDouble) -> None:
    path = "/repos/acme/gitops/branches/"
    assert ask(double, "GET", f"{path}main").json()["protected"] is False
    double.settings.required_review = True
    found = [ask(double, "GET", path + name) for name in ("main", "work", "nowhere")]
    assert [(one.status_code, one.json().get("protected")) for one in found] == [(200, True), (200, False), (404, None)]


def test_graphql_says_what_is_missing(double: GitHubDouble) -> None:
    double.tokens["reader"] = Token(login="reader[bot]", permissions={"contents": "read"})
    with client(double) as api, client(double, "reader") as reader:
        with pytest.raises(github.UnknownObjectException, match="Could not resolve to a Repository"):
            query(api, 'query { repository(owner: "acme", name: "nowhere") { id } }')
        with pytest.raises(github.GithubException, match="MISSING_PAGINATION_BOUNDARIES"):
            query(api, REPOSITORY % "pullRequests { totalCount }")
        with pytest.raises(github.GithubException, match="FORBIDDEN"):
            update_refs(reader, ("new", None, double.head() or "", False))
    assert ask(double, "POST", "/graphql", None, json={"query": "query { viewer { login } }"}).status_code == 401


def test_blobs_are_text_binary_or_cut(double: GitHubDouble) -> None:
    double.commit("main", {"binary": b"\0\1", "large": b"x" * 600_000})
    fields = "... on Blob { text isBinary isTruncated byteSize }"
    with client(double) as api:
        found = query(
            api,
            REPOSITORY
            % f'a: object(expression: "main:binary") {{{fields}}} b: object(expression: "main:large") {{{fields}}}',
        )["repository"]
    assert found["a"] == {"text": None, "isBinary": True, "isTruncated": False, "byteSize": 2}
    assert isinstance(found["b"], dict)
    assert (found["b"]["isTruncated"], found["b"]["byteSize"], len(found["b"]["text"])) == (True, 600_000, 512_000)


def test_commits_of_a_person_are_not_signed_by_github(double: GitHubDouble) -> None:
    author = github.InputGitAuthor("Ann", "ann@example.com", "2026-01-01T00:00:00Z")
    with client(double, PERSON) as person, client(double) as app:
        for api, extra in ((person, {}), (app, {"author": author})):
            repository = api.get_repo("acme/gitops")
            base = repository.get_git_commit(double.head() or "")
            made = repository.create_git_commit("text", base.tree, [base], **extra)
            assert not made.verification.verified


# What GitHub's description does not allow


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("GET", "/repos/acme/gitops/hooks", None, "no such operation"),
        ("GET", "/repos/acme/gitops/pulls?colour=red", None, "colour: no such query parameter"),
        ("GET", "/repos/acme/gitops/pulls?state=merged", None, "'merged' is not one of"),
        ("GET", "/repos/acme/gitops/pulls/one", None, "pull_number"),
        ("PATCH", "/repos/acme/gitops/pulls/1", {"labels": ["x"]}, "'labels' was unexpected"),
        ("PATCH", "/repos/acme/gitops/pulls/1", {"title": 5}, "body.title: 5 is not of type 'string'"),
        ("POST", "/repos/acme/gitops/git/trees", {"tree": [{"path": "x", "mode": "644"}]}, "'644' is not one of"),
        ("POST", "/repos/acme/gitops/issues/1/comments", {}, "'body' is a required property"),
        ("POST", "/graphql", {"query": "query { viewer { shoeSize } }"}, "Cannot query field 'shoeSize'"),
        ("POST", "/graphql", {"query": "query { viewer }"}, "must have a selection of subfields"),
        ("POST", "/graphql", {"query": "query {"}, "Syntax Error"),
        ("POST", "/graphql", {"query": REPOSITORY % 'object(oid: "abc") { oid }'}, "GitObjectID cannot represent"),
        ("POST", "/graphql", {"query": BY_OID, "variables": {"oid": "abc"}}, "GitObjectID cannot represent"),
        ("POST", "/graphql", {"query": BY_OID}, "to be provided"),
        ("POST", "/graphql", {"query": "query { viewer { login } }", "extra": 1}, "the body of a GraphQL request"),
    ],
)
def test_a_wrong_request_is_no_answer_but_a_failure(
    double: GitHubDouble, method: str, path: str, body: object, *, reason: str
) -> None:
    answer = ask(double, method, path, json=body)
    assert answer.status_code == 500
    assert reason in forgive(double)


@pytest.mark.parametrize("path", ["/repos/acme/gitops/pulls/1", "/repos/acme/gitops/pulls"])
def test_a_wrong_answer_of_the_double_is_a_failure_too(double: GitHubDouble, path: str) -> None:
    double.pull(1).title = 5  # type: ignore[assignment]
    assert ask(double, "GET", path).status_code == 500
    assert "the double's answer 200" in forgive(double)


def test_a_wrong_node_is_a_failure_too(double: GitHubDouble) -> None:
    double.pull(1).review = "LOVELY"  # type: ignore[assignment]
    text = REPOSITORY % "pullRequest(number: 1) { reviewDecision }"
    assert ask(double, "POST", "/graphql", json={"query": text}).status_code == 500
    assert "LOVELY" in forgive(double)


def test_violations_fail_the_test_that_does_not_look(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such operation"), GitHubDouble(tmp_path) as double:
        ask(double, "GET", "/zen")


def test_every_operation_of_the_slice_is_modelled() -> None:
    assert {operation.id for operation in operations()} == set(OPERATIONS)
    assert match("GET", "/repos/a/b/git/ref/heads/bump/dev") is not None


def test_every_field_of_the_slice_is_modelled(double: GitHubDouble) -> None:
    it, token = double.repository, Token(login="bump[bot]")
    head = double.head("work") or ""
    double.check(head, "gate", "success")
    it.verified.add(head)
    viewer = Viewer(token)
    nodes = [viewer.repository(it), viewer.pull_request(it, double.pull(1)), Mutations(World(), token).root()]
    nodes += [found for found in (git_object(it, head), git_object(it, it.commit(head).tree)) if found]
    nodes += [found for found in (ref(it, "work"),) if found]
    for found in nodes:
        kind = schema().type_map[found.typename]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        assert set(found.fields) == set(kind.fields), found.typename
        for name in ("author", "signature", "statusCheckRollup"):
            value = found.fields.get(name)
            inner = value() if callable(value) else value
            if isinstance(inner, Node):
                assert set(inner.fields) == set(schema().type_map[inner.typename].fields)  # type: ignore[attr-defined]


# Where the line breaks


@pytest.mark.parametrize(
    ("fault", "error", "comments"),
    [
        pytest.param(DROP_BEFORE, LINE_BROKEN, 0, id="before it is carried out"),
        pytest.param(DROP_AFTER, LINE_BROKEN, 1, id="the answer is lost"),
        pytest.param(
            Answer(status=502, body={"message": "Bad gateway"}), github.GithubException, 0, id="a proxy answers"
        ),
        pytest.param(
            Answer(
                status=403, headers={"Retry-After": "1"}, body={"message": "You have exceeded a secondary rate limit"}
            ),
            github.GithubException,
            0,
            id="a rate limit",
        ),
    ],
)
def test_the_line_breaks_at_a_write_of_our_choice(
    double: GitHubDouble, fault: Fault, error: type[Exception], comments: int
) -> None:
    with client(double) as api:
        pull = api.get_repo("acme/gitops").get_pull(1)
        double.faults = on_write(2, fault)
        pull.add_to_labels("x")
        with pytest.raises(error):
            pull.create_issue_comment("once")
        pull.set_labels("y")
    assert (len(double.pull(1).comments), double.pull(1).labels) == (comments, ["y"])


def test_faults_are_queued_or_bound_to_an_operation(double: GitHubDouble) -> None:
    double.faults = queue(None, Answer(status=500))
    assert [ask(double, "GET", "/repos/acme/gitops").status_code for _ in range(3)] == [200, 500, 200]
    double.faults = on_operation("pulls/list", Answer(status=503))
    asked = ["/repos/acme/gitops", "/repos/acme/gitops/pulls", "/repos/acme/gitops/pulls"]
    assert [ask(double, "GET", path).status_code for path in asked] == [200, 503, 200]


def test_a_person_may_come_between(double: GitHubDouble) -> None:
    def commit_before_writes(request: Request) -> None:
        if request.operation == "graphql:updateRefs":
            double.commit("work", {"by-hand": b"x"})

    head = double.head("work")
    double.before = commit_before_writes
    with client(double) as api, pytest.raises(github.GithubException, match="Something went wrong"):
        update_refs(api, ("work", head, double.head() or "", True))
    assert double.read("work", "by-hand") == b"x"


def test_the_log_tells_writes_from_reads(double: GitHubDouble) -> None:
    with client(double) as api:
        query(api, "query { viewer { login } }")
        update_refs(api, ("new", None, double.head() or "", False))
        api.get_repo("acme/gitops").get_pull(1).create_issue_comment("x")
    assert [request.operation for request in double.writes] == ["graphql:updateRefs", "issues/create-comment"]
    assert [request.operation for request in double.requests][:1] == ["graphql:viewer"]
    assert replace(double.requests[0], body=None).number == 1
