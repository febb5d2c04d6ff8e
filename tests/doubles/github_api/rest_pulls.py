"""REST operations on pull requests and what hangs on them: comments, labels, reviewers, assignees.

https://docs.github.com/rest/pulls · https://docs.github.com/rest/issues
"""

from tests.doubles.github_api import pulls, shapes
from tests.doubles.github_api.repository import Comment, Method, PullRequest, Refused
from tests.doubles.github_api.wire import Answer
from tests.doubles.github_api.world import Call

METHODS: dict[str, Method] = {"merge": "merge", "squash": "squash", "rebase": "rebase"}


def _pull(call: Call) -> PullRequest:
    return call.repository.pull(int(call.place.get("pull_number") or call.place["issue_number"]))


def list_pulls(call: Call) -> Answer:
    """A `head` without `owner:` is ignored (measured).

    https://docs.github.com/rest/pulls/pulls#list-pull-requests
    """
    it, query = call.repository, call.query
    state, base = query.get("state", "open"), query.get("base")
    owner, colon, branch = query.get("head", "").partition(":")
    found = []
    for pull in it.pulls:
        is_open = pull.state == "open"
        same_head = (pull.head_repository.partition("/")[0].lower(), pull.head_branch) == (owner.lower(), branch)
        if state in ("all", "open" if is_open else "closed") and base in (None, pull.base_branch):
            found += [pull] if same_head or not colon else []
    by_update = query.get("sort") == "updated"
    descending = query.get("direction", "asc" if "sort" in query and query["sort"] != "created" else "desc") == "desc"
    found.sort(key=lambda pull: (pull.updated_at if by_update else pull.created_at, pull.number), reverse=descending)
    part, links = call.slice(len(found))
    return Answer(body=[shapes.pull_request(call.world, it, pull) for pull in found[part]], headers=links)


def create_pull(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#create-a-pull-request"""
    it = call.repository
    if call.token and call.token.kind == "actions" and not it.settings.actions_may_open_pull_requests:
        raise Refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
    if not call.text("title"):
        raise Refused.invalid("PullRequest", field="title", code="missing_field")
    if call.body.get("draft") is True and not it.settings.drafts:
        raise Refused(422, "Draft pull requests are not supported in this repository.")
    pull = pulls.open_pull(
        it,
        head=call.text("head").removeprefix(f"{it.owner}:"),
        base=call.text("base"),
        title=call.text("title"),
        body=call.text("body"),
        author=call.login,
        draft=call.body.get("draft") is True,
    )
    return Answer(status=201, body=shapes.full_pull_request(call.world, it, pull))


def get_pull(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#get-a-pull-request"""
    return Answer(body=shapes.full_pull_request(call.world, call.repository, _pull(call)))


def update_pull(call: Call) -> Answer:
    """Text and state in one request, all or nothing.

    https://docs.github.com/rest/pulls/pulls#update-a-pull-request
    """
    it, pull = call.repository, _pull(call)
    title, body = call.text("title", pull.title), call.text("body", pull.body)
    pulls.check_text("PullRequest", title=title, body=body)
    if "base" in call.body:
        pulls.rebase_onto(it, pull, call.text("base"))
    if call.body.get("state") == "open":
        pulls.reopen(it, pull)
    elif call.body.get("state") == "closed" and pull.state == "open":
        it.close(pull)
    pull.title, pull.body, pull.updated_at = title, body, it.clock()
    return Answer(body=shapes.full_pull_request(call.world, it, pull))


def merge_pull(call: Call) -> Answer:
    """Refused unless the merge state allows it and `sha` is still the head.

    https://docs.github.com/rest/pulls/pulls#merge-a-pull-request
    """
    it, pull = call.repository, _pull(call)
    method = METHODS[call.text("merge_method", "merge")]
    if call.body.get("sha") not in (None, pull.head_sha):
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    if pull.state != "open" or pulls.merge_state(it, pull) not in ("clean", "unstable"):
        raise Refused(405, "Pull Request is not mergeable")
    if method not in it.settings.methods:
        raise Refused(405, f"{method.title()} merges are not allowed on this repository.")
    headline, body = (call.text(name) if name in call.body else None for name in ("commit_title", "commit_message"))
    sha = pulls.merge(it, pull, method=method, by=call.login, headline=headline, body=body)
    return Answer(body={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def update_branch(call: Call) -> Answer:
    """https://docs.github.com/rest/pulls/pulls#update-a-pull-request-branch"""
    it, pull = call.repository, _pull(call)
    expected = call.text("expected_head_sha") or None
    pulls.update_branch(it, pull, method="merge", by=call.login, expected=expected)
    url = shapes.pull_request(call.world, it, pull)["html_url"]
    return Answer(status=202, body={"message": "Updating pull request branch.", "url": url})


def request_reviewers(call: Call) -> Answer:
    """Collaborators and teams only, never the author; all or nothing.

    https://docs.github.com/rest/pulls/review-requests#request-reviewers-for-a-pull-request
    """
    it, pull = call.repository, _pull(call)
    people, teams = call.texts("reviewers"), call.texts("team_reviewers")
    if pull.author in people:
        raise Refused(422, "Review cannot be requested from pull request author.")
    if not set(people) <= it.settings.collaborators or not set(teams) <= it.settings.teams:
        message = "Reviews may only be requested from collaborators. One or more of the users or teams you specified is"
        raise Refused(422, f"{message} not a collaborator of the {it.full_name} repository.")
    pull.reviewers += [login for login in people if login not in pull.reviewers]
    pull.team_reviewers += [slug for slug in teams if slug not in pull.team_reviewers]
    return Answer(status=201, body=shapes.pull_request(call.world, it, pull))


def add_assignees(call: Call) -> Answer:
    """Who cannot be assigned is left out in silence.

    https://docs.github.com/rest/issues/assignees#add-assignees-to-an-issue
    """
    it, pull = call.repository, _pull(call)
    known = [login for login in call.texts("assignees") if login in it.settings.collaborators]
    pull.assignees += [login for login in known if login not in pull.assignees]
    shape = shapes.pull_request(call.world, it, pull)
    kept = ("number", "title", "body", "state", "locked", "user", "labels", "assignees", "assignee", "html_url")
    times = ("created_at", "updated_at", "closed_at", "comments_url", "author_association")
    api = f"{call.world.url}/repos/{it.full_name}"
    body = {key: shape[key] for key in (*kept, *times)} | {"url": shape["issue_url"], "repository_url": api}
    return Answer(status=201, body=body | {"comments": len(pull.comments)})


def list_comments(call: Call) -> Answer:
    """Oldest first. https://docs.github.com/rest/issues/comments#list-issue-comments"""
    it, pull = call.repository, _pull(call)
    part, links = call.slice(len(pull.comments))
    body = [shapes.comment(call.world, it, pull, comment) for comment in pull.comments[part]]
    return Answer(body=body, headers=links)


def create_comment(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#create-an-issue-comment"""
    it, pull = call.repository, _pull(call)
    pulls.check_text("IssueComment", body=call.text("body"))
    comment = Comment(id=it.next_comment, author=call.login, body=call.text("body"), created_at=it.clock())
    it.next_comment += 1
    pull.comments.append(comment)
    return Answer(status=201, body=shapes.comment(call.world, it, pull, comment))


def update_comment(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/comments#update-an-issue-comment"""
    it, number = call.repository, int(call.place["comment_id"])
    for pull in it.pulls:
        for comment in pull.comments:
            if comment.id == number:
                pulls.check_text("IssueComment", body=call.text("body"))
                comment.body = call.text("body")
                return Answer(body=shapes.comment(call.world, it, pull, comment))
    raise Refused(404, "Not Found")


def list_labels(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#list-labels-for-an-issue"""
    it, pull = call.repository, _pull(call)
    part, links = call.slice(len(pull.labels))
    return Answer(body=[shapes.label(call.world, it, name) for name in pull.labels[part]], headers=links)


def _names(call: Call) -> list[str]:
    given = call.body.get("labels", [])
    assert isinstance(given, list)
    return [str(item["name"]) if isinstance(item, dict) else str(item) for item in given]


def add_labels(call: Call) -> Answer:
    """Labels that the repository does not have yet are made. The answer holds all labels.

    https://docs.github.com/rest/issues/labels#add-labels-to-an-issue
    """
    pull = _pull(call)
    pull.labels += [name for name in dict.fromkeys(_names(call)) if name not in pull.labels]
    return Answer(body=[shapes.label(call.world, call.repository, name) for name in pull.labels])


def set_labels(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#set-labels-for-an-issue"""
    pull = _pull(call)
    pull.labels = list(dict.fromkeys(_names(call)))
    return Answer(body=[shapes.label(call.world, call.repository, name) for name in pull.labels])


def remove_labels(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#remove-all-labels-from-an-issue"""
    _pull(call).labels.clear()
    return Answer(status=204)


def remove_label(call: Call) -> Answer:
    """https://docs.github.com/rest/issues/labels#remove-a-label-from-an-issue"""
    pull, name = _pull(call), call.place["name"]
    if name not in pull.labels:
        raise Refused(404, "Label does not exist")
    pull.labels.remove(name)
    return Answer(body=[shapes.label(call.world, call.repository, left) for left in pull.labels])
