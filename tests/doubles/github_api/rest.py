"""The REST half: finds the operation, judges the request, asks whether it may be, carries it out, judges the answer."""

from collections.abc import Callable, Mapping

from tests.doubles.github_api import apps, rest_git, rest_pulls, shapes
from tests.doubles.github_api.access import Level, check_allowed, check_visible, who_asks
from tests.doubles.github_api.description import Operation, match
from tests.doubles.github_api.repository import Refused
from tests.doubles.github_api.wire import Answer, Json, Request
from tests.doubles.github_api.world import Call, World

Handler = Callable[[Call], Answer]
Needs = Mapping[str, Level]

READ: Needs = {"contents": "read"}
WRITE: Needs = {"contents": "write"}
PULLS_READ: Needs = {"pull_requests": "read"}
PULLS_WRITE: Needs = {"pull_requests": "write"}
ISSUES_READ: Needs = {"issues": "read", "pull_requests": "read"}
ISSUES_WRITE: Needs = {"issues": "write", "pull_requests": "write"}


class Violation(Exception):
    """Somebody said what GitHub's description does not allow."""


def get_user(call: Call) -> Answer:
    """Installation tokens are nobody. https://docs.github.com/rest/users/users#get-the-authenticated-user"""
    if call.token is None:
        raise Refused(401, "Requires authentication")
    if call.token.is_bot:
        raise Refused(403, "Resource not accessible by integration")
    return Answer(body=shapes.user(call.token.login))


def get_repository(call: Call) -> Answer:
    """https://docs.github.com/rest/repos/repos#get-a-repository"""
    it = call.repository
    may_push = call.token is not None and call.token.reaches(it) and call.token.allows("contents", "write")
    return Answer(body=shapes.full_repository(call.world, it, may_push=may_push))


def get_branch(call: Call) -> Answer:
    """https://docs.github.com/rest/branches/branches#get-a-branch"""
    it, branch = call.repository, call.place["branch"]
    head = it.git.head(branch)
    if head is None:
        raise Refused(404, "Branch not found")
    return Answer(body=shapes.branch(call.world, it, branch, it.commit(head)))


def get_branch_rules(call: Call) -> Answer:
    """https://docs.github.com/rest/repos/rules#get-rules-for-a-branch"""
    it = call.repository
    found = [
        {**rule, "ruleset_id": ruleset.id, "ruleset_source": it.full_name, "ruleset_source_type": "Repository"}
        for ruleset in it.settings.rulesets
        if ruleset.holds(call.place["branch"])
        for rule in ruleset.rules
    ]
    part, links = call.slice(len(found))
    return Answer(body=found[part], headers=links)


def get_ruleset(call: Call) -> Answer:
    """https://docs.github.com/rest/repos/rules#get-a-repository-ruleset"""
    it = call.repository
    found = next((one for one in it.settings.rulesets if str(one.id) == call.place["ruleset_id"]), None)
    if found is None:
        raise Refused(404, "Not Found")
    return Answer(body=shapes.ruleset(it, found))


def get_workflow_permissions(call: Call) -> Answer:
    """For administrators. https://docs.github.com/rest/actions/permissions"""
    it = call.repository
    if call.token is None or not call.token.reaches(it) or not call.token.allows("administration", "read"):
        asker = "integration" if call.token is None or call.token.is_bot else "personal access token"
        raise Refused(403, f"Resource not accessible by {asker}")
    default = "write" if it.settings.workflows_write_by_default else "read"
    opens = it.settings.actions_may_open_pull_requests
    return Answer(body={"default_workflow_permissions": default, "can_approve_pull_request_reviews": opens})


OPERATIONS: Mapping[str, tuple[Handler, Needs]] = {
    "users/get-authenticated": (get_user, {}),
    "apps/get-repo-installation": (apps.get_repo_installation, {}),
    "apps/create-installation-access-token": (apps.create_installation_access_token, {}),
    "repos/get": (get_repository, {}),
    "repos/get-branch": (get_branch, READ),
    "repos/get-branch-rules": (get_branch_rules, {}),  # `metadata: read`, which every token has
    "repos/get-repo-ruleset": (get_ruleset, {}),
    "actions/get-github-actions-default-workflow-permissions-repository": (get_workflow_permissions, {}),
    "git/get-ref": (rest_git.get_ref, READ),
    "git/get-tree": (rest_git.get_tree, READ),
    "git/create-tree": (rest_git.create_tree, WRITE),
    "git/get-blob": (rest_git.get_blob, READ),
    "git/create-commit": (rest_git.create_commit, WRITE),
    "git/get-commit": (rest_git.get_git_commit, READ),
    "repos/get-commit": (rest_git.get_commit, READ),
    "repos/compare-commits-with-basehead": (rest_git.compare, READ),
    "pulls/list": (rest_pulls.list_pulls, PULLS_READ),
    "pulls/create": (rest_pulls.create_pull, PULLS_WRITE),
    "pulls/get": (rest_pulls.get_pull, PULLS_READ),
    "pulls/update": (rest_pulls.update_pull, PULLS_WRITE),
    "pulls/merge": (rest_pulls.merge_pull, WRITE),
    "pulls/update-branch": (rest_pulls.update_branch, PULLS_WRITE),
    "pulls/request-reviewers": (rest_pulls.request_reviewers, PULLS_WRITE),
    "issues/list-comments": (rest_pulls.list_comments, ISSUES_READ),
    "issues/create-comment": (rest_pulls.create_comment, ISSUES_WRITE),
    "issues/update-comment": (rest_pulls.update_comment, ISSUES_WRITE),
    "issues/list-labels-on-issue": (rest_pulls.list_labels, ISSUES_READ),
    "issues/add-labels": (rest_pulls.add_labels, ISSUES_WRITE),
    "issues/set-labels": (rest_pulls.set_labels, ISSUES_WRITE),
    "issues/remove-all-labels": (rest_pulls.remove_labels, ISSUES_WRITE),
    "issues/remove-label": (rest_pulls.remove_label, ISSUES_WRITE),
    "issues/add-assignees": (rest_pulls.add_assignees, ISSUES_WRITE),
}


def answer(world: World, request: Request) -> Answer:
    """Answer a REST request; raises Violation when the request or our own answer breaks the description."""
    found = match(request.method, request.path)
    if found is None:
        raise Violation(f"{request}: no such operation in the slice of GitHub's description")
    operation, place = found
    if faults := list(operation.request_faults(place, request.query, request.body)):
        raise Violation(f"{request}: {'; '.join(faults)}")
    given = _answer(world, request, operation, place)
    filled = operation.filled(given.status, given.body)
    if faults := list(operation.answer_faults(given.status, filled)):
        raise Violation(f"{request}: the double's answer {given.status}: {'; '.join(faults)}")
    return Answer(status=given.status, body=filled, headers=given.headers)


def _answer(world: World, request: Request, operation: Operation, place: Mapping[str, str]) -> Answer:
    handler, needs = OPERATIONS[operation.id]
    body: Json = request.body if isinstance(request.body, dict) else {"labels": request.body}
    try:
        header = request.headers.get("authorization")
        app = apps.who_signs(header, world.apps) if operation.id.startswith("apps/") else None
        token = None if app else who_asks(header, world.tokens, world.clock())
        call = Call(world=world, token=token, app=app, path=request.path, place=place, query=request.query, body=body)
        if app is None and "repo" in place:
            check_visible(token, call.repository)
            check_allowed(token, call.repository, needs)
        given = handler(call)
        scopes = {"X-OAuth-Scopes": ", ".join(token.scopes)} if token is not None and token.kind == "classic" else {}
        return Answer(status=given.status, body=given.body, headers={**scopes, **given.headers})
    except Refused as refusal:
        return refused(refusal)


def refused(refusal: Refused) -> Answer:
    """A refusal as REST shows it."""
    body: Json = {"message": refusal.message, "documentation_url": "https://docs.github.com/rest"}
    if refusal.errors:
        body["errors"] = list(refusal.errors)
    elif refusal.status not in {
        405,
        409,
        422,
    }:  # a validation error has no such property, nor has a merge that cannot be
        body["status"] = str(refusal.status)
    return Answer(status=refusal.status, body=body)
