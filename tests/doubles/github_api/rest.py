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


OPERATIONS: Mapping[str, tuple[Handler, Needs]] = {
    "users/get-authenticated": (get_user, {}),
    "apps/get-repo-installation": (apps.get_repo_installation, {}),
    "apps/create-installation-access-token": (apps.create_installation_access_token, {}),
    "repos/get": (get_repository, {}),
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
        return handler(call)
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
