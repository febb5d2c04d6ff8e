"""What can be done to a pull request: open, merge, reopen, bring up to date; and what its merge state is.

The rules are GitHub's, each with its page; the git work is real. It must not know HTTP or GraphQL.
"""

from typing import Literal

from tests.doubles.github_api.git import Commit, RefUpdate
from tests.doubles.github_api.repository import Method, PullRequest, Refused, Repository

MergeState = Literal["behind", "blocked", "clean", "dirty", "draft", "unstable"]
MAX_BODY = 65_536
MAX_TITLE = 256


def check_text(resource: str, *, title: str = "", body: str = "") -> None:
    """GitHub takes 65,536 characters in a body and 256 in a title (measured)."""
    if len(body) > MAX_BODY:
        raise Refused.invalid(resource, field="body", message=f"body is too long (maximum is {MAX_BODY} characters)")
    if len(title) > MAX_TITLE:
        raise Refused.invalid(resource, field="title", message=f"title is too long (maximum is {MAX_TITLE} characters)")


def open_pull(
    repository: Repository, *, head: str, base: str, title: str, body: str, author: str, draft: bool = False
) -> PullRequest:
    """Open a pull request between two branches of the repository.

    https://docs.github.com/rest/pulls/pulls#create-a-pull-request
    """
    check_text("PullRequest", title=title, body=body)
    heads = {"head": repository.git.head(head), "base": repository.git.head(base)}
    for field, oid in heads.items():
        if oid is None:
            raise Refused.invalid("PullRequest", field=field, code="invalid")
    for other in repository.pulls:
        same = (other.head_branch, other.base_branch) == (head, base) and not repository.is_fork_head(other)
        if same and other.state == "open":
            message = f"A pull request already exists for {repository.owner}:{head}."
            raise Refused.invalid("PullRequest", message=message)
    if not repository.git.between(str(heads["base"]), str(heads["head"])):
        raise Refused.invalid("PullRequest", message=f"No commits between {base} and {head}")
    now = repository.clock()
    pull = PullRequest(
        number=len(repository.pulls) + 1,
        title=title,
        body=body,
        author=author,
        head_branch=head,
        base_branch=base,
        head_repository=repository.full_name,
        head_sha=str(heads["head"]),
        created_at=now,
        updated_at=now,
        draft=draft,
    )
    repository.pulls.append(pull)
    return pull


def reopen(repository: Repository, pull: PullRequest) -> None:
    """Open a closed pull request again, unless its branch is gone, rewritten, or was empty once (measured)."""
    if pull.state != "closed":
        return
    head = repository.git.head(pull.head_branch)
    others = [other for other in repository.pulls if other is not pull and other.state == "open"]
    if any((other.head_branch, other.base_branch) == (pull.head_branch, pull.base_branch) for other in others):
        message = f"A pull request already exists for {repository.owner}:{pull.head_branch}."
    elif pull.emptied:
        message = f"state cannot be changed. There are no new commits on the {pull.head_branch} branch."
    elif head is None:
        message = f"state cannot be changed. The {pull.head_branch} branch has been deleted."
    elif not repository.git.is_ancestor(pull.head_sha, head):
        message = f"state cannot be changed. The {pull.head_branch} branch was force-pushed or recreated."
    else:
        pull.state, pull.closed_at, pull.head_sha = "open", None, head
        pull.updated_at = repository.clock()
        return
    raise Refused.invalid("PullRequest", field="state", code="invalid", message=message)


def rebase_onto(repository: Repository, pull: PullRequest, base: str) -> None:
    """Change the base branch; auto-merge is disarmed.

    https://docs.github.com/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/changing-the-base-branch-of-a-pull-request
    """
    if repository.git.head(base) is None:
        raise Refused.invalid("PullRequest", field="base", code="invalid")
    pull.base_branch, pull.auto_merge = base, None


def checks_state(repository: Repository, oid: str) -> Literal["SUCCESS", "FAILURE", "PENDING"] | None:
    """The roll-up of a commit's check runs; None without any."""
    runs = repository.checks.get(oid)
    if not runs:
        return None
    if all(run.passes for run in runs):
        return "SUCCESS"
    return "PENDING" if all(run.passes or run.conclusion == "pending" for run in runs) else "FAILURE"


def review_decision(repository: Repository, pull: PullRequest) -> str | None:
    """What the reviews come to; None where none is required and none was given."""
    return pull.review or ("REVIEW_REQUIRED" if repository.settings.required_review else None)


def is_behind(repository: Repository, pull: PullRequest) -> bool:
    """Whether base has commits that the head does not hold."""
    return not repository.git.is_ancestor(repository.base_head(pull), pull.head_sha)


def merge_state(repository: Repository, pull: PullRequest) -> MergeState:
    """Whether and why not a merge is possible now.

    https://docs.github.com/graphql/reference/enums#mergestatestatus
    """
    settings = repository.settings
    runs = repository.checks.get(pull.head_sha, [])
    failing = {run.name for run in runs if not run.passes}
    if repository.git.merged_tree(repository.base_head(pull), pull.head_sha) is None:
        return "dirty"
    if pull.draft:
        return "draft"
    if settings.required_review and pull.review != "APPROVED":
        return "blocked"
    if settings.required_checks - {run.name for run in runs} | settings.required_checks & failing:
        return "blocked"
    if settings.require_up_to_date and is_behind(repository, pull):
        return "behind"
    return "unstable" if failing else "clean"


def merge(
    repository: Repository,
    pull: PullRequest,
    *,
    method: Method,
    by: str,
    headline: str | None = None,
    body: str | None = None,
) -> str:
    """Merge with real commits and give the merge commit's id; whether it may be merged is the caller's question.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/about-merge-methods-on-github
    """
    base = repository.base_head(pull)
    if method == "rebase":
        new = _replay(repository, pull.head_sha, base)
    else:
        tree = repository.git.merged_tree(base, pull.head_sha)
        if tree is None:
            raise Refused(405, "Pull Request has merge conflicts")
        parents = (base,) if method == "squash" else (base, pull.head_sha)
        message = _message(repository, pull, method, headline, body)
        new = _commit_by_github(repository, tree=tree, parents=parents, by=by, message=message)
    repository.mark_merged(pull, commit=new, by=by)
    repository.move_branch(pull.base_branch, new)
    if repository.settings.delete_branch_on_merge and not repository.is_fork_head(pull):
        delete_branch(repository, pull.head_branch)
    return new


def _commit_by_github(repository: Repository, *, tree: str, parents: tuple[str, ...], by: str, message: str) -> str:
    """Commits of GitHub's buttons are committed and signed by GitHub itself."""
    new = repository.git.write_commit(
        tree=tree,
        parents=parents,
        author=repository.signature(by),
        committer=repository.signature("GitHub"),
        message=message,
    )
    repository.verified.add(new)
    return new


def _replay(repository: Repository, head: str, onto: str) -> str:
    """Rebase: each commit again on top of `onto`; merges are left out, as git does.

    A three-way merge with a given base needs git 2.40; a stand-in commit, child of that base, does the same in 2.38.
    """
    git, tip = repository.git, onto
    for oid in git.between(onto, head):
        commit = git.commit(oid)
        if len(commit.parents) != 1:
            continue
        stand_in = git.write_commit(
            tree=git.commit(tip).tree,
            parents=commit.parents,
            author=commit.author,
            committer=commit.author,
            message="stand-in",
        )
        tree = git.merged_tree(stand_in, oid)
        if tree is None:
            raise Refused(405, "This branch can't be rebased due to conflicts")
        if tree != git.commit(tip).tree:
            tip = _copy(repository, commit, tree=tree, parent=tip)
    return tip


def _copy(repository: Repository, commit: Commit, *, tree: str, parent: str) -> str:
    return repository.git.write_commit(
        tree=tree,
        parents=(parent,),
        author=commit.author,
        committer=repository.signature("GitHub"),
        message=commit.message,
    )


def _message(repository: Repository, pull: PullRequest, method: Method, headline: str | None, body: str | None) -> str:
    """The message of a merge: what was asked for, else GitHub's default.

    https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
    """
    if method == "merge":
        first = f"Merge pull request #{pull.number} from {repository.owner}/{pull.head_branch}"
        rest = pull.title
    else:
        first, rest = _squash_message(repository, pull)
    first = first if headline is None else headline
    rest = rest if body is None else body
    return f"{first}\n\n{rest}" if rest else first


def _squash_message(repository: Repository, pull: PullRequest) -> tuple[str, str]:
    oids = repository.git.between(repository.base_head(pull), pull.head_sha)
    messages = [repository.git.commit(oid).message.strip() for oid in oids]
    title, rest = pull.title, "\n\n".join(f"* {message}" for message in messages)
    if len(messages) == 1:
        title, _, rest = messages[0].partition("\n\n")
    texts = {"COMMIT_MESSAGES": rest, "PR_BODY": pull.body, "BLANK": ""}
    return f"{title} (#{pull.number})", texts[repository.settings.squash_message]


def update_branch(
    repository: Repository,
    pull: PullRequest,
    *,
    method: Literal["merge", "rebase"],
    by: str,
    expected: str | None = None,
) -> None:
    """Bring the head up to date with base, as the button does.

    https://docs.github.com/rest/pulls/pulls#update-a-pull-request-branch
    """
    if expected is not None and expected != pull.head_sha:
        raise Refused(422, "expected head sha didn’t match current head ref.")
    base = repository.base_head(pull)
    if not is_behind(repository, pull):
        raise Refused(422, "There are no new commits on the base branch.")
    repository.reject_by_ruleset([f"refs/heads/{pull.head_branch}"])
    if method == "rebase":
        new = _replay(repository, pull.head_sha, base)
    else:
        tree = repository.git.merged_tree(pull.head_sha, base)
        if tree is None:
            raise Refused(422, "merge conflict between base and head")
        message = f"Merge branch '{pull.base_branch}' into {pull.head_branch}"
        parents = (pull.head_sha, base)
        new = _commit_by_github(repository, tree=tree, parents=parents, by=by, message=message)
    repository.move_branch(pull.head_branch, new)


def delete_branch(repository: Repository, branch: str) -> None:
    """Delete a branch, as the button does."""
    repository.move([RefUpdate(f"refs/heads/{branch}", repository.git.head(branch), None)])
