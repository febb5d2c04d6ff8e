"""The double keeps GitHub's rules: seen through PyGithub, as bump sees it."""

import time
from collections.abc import Iterator
from pathlib import Path

import github
import pytest
from github.PullRequest import PullRequest
from github.Repository import Repository

from tests.doubles.github_api import GitHubDouble, Refused
from tests.doubles.github_api.asking import client, query, update_refs

ZERO = "0" * 40
BRANCH = "bump/dev"
OPEN_PULLS = """query ($head: String!) { repository(owner: "acme", name: "gitops") {
  pullRequests(headRefName: $head, baseRefName: "main", first: 5, orderBy: {field: CREATED_AT, direction: DESC}) {
    nodes { id number url title body state merged mergedAt closedAt isDraft isCrossRepository headRefName headRefOid
      baseRefName headRepository { nameWithOwner } author { login } labels(first: 9) { nodes { name } }
      comments(last: 9) { nodes { databaseId body } } autoMergeRequest { mergeMethod } reviewDecision mergeable
      mergeStateStatus statusCheckRollup { state } isInMergeQueue } } } }"""


@pytest.fixture
def double(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as double:
        double.seed({"a.yaml": b"a: 1\n", "apps/b.yaml": b"b: 1\n"})
        yield double


@pytest.fixture
def api(double: GitHubDouble) -> Iterator[github.Github]:
    with client(double) as api:
        yield api


@pytest.fixture
def repository(api: github.Github) -> Repository:
    return api.get_repo("acme/gitops")


def commit(repository: Repository, content: str, path: str = "apps/b.yaml") -> str:
    base = repository.get_git_commit(repository.get_git_ref("heads/main").object.sha)
    element = github.InputGitTreeElement(path, "100644", "blob", content=content)
    tree = repository.create_git_tree([element], base.tree)
    return repository.create_git_commit("bump(dev): b", tree, [base]).sha


@pytest.fixture
def pull(api: github.Github, repository: Repository) -> PullRequest:
    update_refs(api, (BRANCH, ZERO, commit(repository, "b: 2\n"), False))
    return repository.create_pull(base="main", head=BRANCH, title="bump(dev): b", body="text")


def test_a_pull_request_from_the_first_read_to_its_merge(
    double: GitHubDouble, api: github.Github, repository: Repository, pull: PullRequest
) -> None:
    assert (pull.user.login, pull.head.ref, pull.mergeable_state) == ("bump[bot]", BRANCH, "clean")
    assert double.read(BRANCH, "apps/b.yaml") == b"b: 2\n"
    assert repository.get_git_commit(pull.head.sha).verification.verified
    pull.add_to_labels("image-bump")
    pull.set_labels("image-bump", "dev")
    comment = pull.create_issue_comment("first")
    comment.edit("second")
    pull.create_review_request(reviewers=["reviewer"], team_reviewers=["platform"])
    pull.add_to_assignees("person", "nobody")
    pull.edit(title="new title")
    shown = query(api, OPEN_PULLS, head=BRANCH)["repository"]["pullRequests"]["nodes"][0]  # type: ignore[index]
    assert shown["author"] == {"login": "bump"}
    assert shown["labels"] == {"nodes": [{"name": "image-bump"}, {"name": "dev"}]}
    assert shown["comments"] == {"nodes": [{"databaseId": comment.id, "body": "second"}]}
    assert (shown["title"], shown["state"], shown["mergeStateStatus"]) == ("new title", "OPEN", "CLEAN")
    assert double.pull(1).assignees == ["person"]
    assert pull.merge(merge_method="squash", sha=pull.head.sha).merged
    assert double.read("main", "apps/b.yaml") == b"b: 2\n"
    assert double.message("main") == "bump(dev): b (#1)"
    pull.update()
    assert (pull.merged, pull.state, pull.merge_commit_sha) == (True, "closed", double.head())


def test_trees_keep_modes_take_deletions_and_hold_five_hundred_files(
    double: GitHubDouble, repository: Repository
) -> None:
    double.commit("main", {"run.sh": b"#!\n"}, executable=frozenset({"run.sh"}))
    base = repository.get_git_tree(double.head() or "").sha
    files = [github.InputGitTreeElement(f"d/{n}.yaml", "100644", "blob", content=f"n: {n}\n") for n in range(500)]
    gone = github.InputGitTreeElement("a.yaml", "100644", "blob", sha=None)
    started = time.monotonic()
    made = repository.create_git_tree([*files, gone], repository.get_git_tree(base))
    held = {entry.path: entry.mode for entry in repository.get_git_tree(made.sha, recursive=True).tree}
    assert time.monotonic() - started < 5
    assert len(held) == 500 + 4
    assert (held["run.sh"], held["d"], "a.yaml" in held) == ("100755", "040000", False)
    with pytest.raises(github.GithubException, match="BadObjectState"):
        repository.create_git_tree([github.InputGitTreeElement("x", "100644", "blob", sha=None)], made)


def test_a_truncated_tree_says_so(double: GitHubDouble, repository: Repository) -> None:
    double.settings.truncate_trees = True
    assert repository.get_git_tree("main", recursive=True).raw_data["truncated"] is True
    assert repository.get_git_tree("main").raw_data["truncated"] is False


@pytest.mark.parametrize(
    ("before", "after", "force"),
    [
        pytest.param("zeros", "new", True, id="create what exists"),
        pytest.param("other", "new", True, id="update from a stale value"),
        pytest.param("other", "zeros", True, id="delete from a stale value"),
        pytest.param("now", "other", False, id="not a fast-forward"),
        pytest.param("now", "unknown", True, id="to a commit that does not exist"),
    ],
)
def test_a_ref_moves_only_from_where_it_was_said_to_be(
    double: GitHubDouble, api: github.Github, before: str, after: str, *, force: bool
) -> None:
    now = double.commit(BRANCH, {"x": b"1"})
    oids = {"zeros": ZERO, "now": now, "unknown": "f" * 40}
    oids |= {"new": double.commit("new", {"x": b"2"}), "other": double.commit("other", {"x": b"3"})}
    with pytest.raises(github.GithubException, match="Something went wrong"):
        update_refs(api, ("fresh", ZERO, now, False), (BRANCH, oids[before], oids[after], force))
    assert (double.head(BRANCH), double.head("fresh")) == (now, None)


def test_a_ref_is_forced_created_and_deleted_from_the_right_value(double: GitHubDouble, api: github.Github) -> None:
    one, two = double.commit("one", {"x": b"1"}), double.commit("two", {"x": b"2"})
    update_refs(api, ("one", one, two, True), ("three", ZERO, one, False), ("two", two, ZERO, False))
    assert (double.head("one"), double.head("two"), double.head("three")) == (two, None, one)
    double.settings.rejected_branches = ("release/*",)
    with pytest.raises(github.GithubException, match="Repository rule violations"):
        update_refs(api, ("release/1", ZERO, one, False))


def test_a_branch_at_the_head_of_base_closes_its_pull_request_for_good(
    double: GitHubDouble, api: github.Github, pull: PullRequest
) -> None:
    head = pull.head.sha
    update_refs(api, (BRANCH, head, double.head() or "", True), (BRANCH + "-other", ZERO, head, False))
    double.push(BRANCH, head)
    with pytest.raises(github.GithubException, match="no new commits"):
        pull.edit(state="open")
    with pytest.raises(Refused):
        double.reopen(1)
    assert double.pull(1).state == "closed"


def test_a_deleted_branch_closes_and_a_restored_one_may_be_reopened(double: GitHubDouble, pull: PullRequest) -> None:
    double.delete_branch(BRANCH)
    assert double.pull(1).closed_at
    with pytest.raises(github.GithubException, match="has been deleted"):
        pull.edit(state="open")
    double.push(BRANCH, pull.head.sha)
    pull.edit(state="open")
    assert double.pull(1).state == "open"


def test_the_head_follows_its_branch_while_open(double: GitHubDouble, pull: PullRequest) -> None:
    new = double.commit(BRANCH, {"by-hand": b"x"})
    pull.update()
    assert pull.head.sha == new
    pull.edit(state="closed", body="withdrawn")
    double.commit(BRANCH, {"by-hand": b"y"})
    pull.update()
    assert (pull.head.sha, pull.body) == (new, "withdrawn")


@pytest.mark.parametrize(("method", "parents"), [("squash", 1), ("merge", 2), ("rebase", 1)])
def test_people_merge_in_three_ways(double: GitHubDouble, pull: PullRequest, method: str, parents: int) -> None:
    double.commit("main", {"other": b"1"})
    merged = double.merge(1, method)  # type: ignore[arg-type]
    assert len(double.repository.commit(merged).parents) == parents
    assert (double.read("main", "apps/b.yaml"), double.read("main", "other")) == (b"b: 2\n", b"1")
    assert double.pull(1).state == "merged"


@pytest.mark.parametrize("method", ["merge", "rebase"])
def test_update_branch_needs_the_expected_head(double: GitHubDouble, pull: PullRequest, method: str) -> None:
    base = double.commit("main", {"other": b"1"})
    assert not pull.update_branch("f" * 40)
    assert double.head(BRANCH) == pull.head.sha
    double.update_branch_button(1, method)  # type: ignore[arg-type]
    assert double.repository.git.is_ancestor(base, double.head(BRANCH) or "")
    assert double.read(BRANCH, "apps/b.yaml") == b"b: 2\n"


def test_commits_that_reach_base_by_another_way_count_as_merged(double: GitHubDouble, pull: PullRequest) -> None:
    double.push("main", pull.head.sha)
    assert double.pull(1).state == "merged"


def test_auto_merge_is_armed_where_something_is_missing(double: GitHubDouble, pull: PullRequest) -> None:
    with pytest.raises(github.GithubException, match="clean status"):
        pull.enable_automerge("SQUASH")
    double.settings.required_checks = frozenset({"gate"})
    double.settings.auto_merge = False
    with pytest.raises(github.GithubException, match="Auto merge is not allowed"):
        pull.enable_automerge("SQUASH")
    double.settings.auto_merge = True
    pull.enable_automerge(
        "SQUASH", commit_headline="bump: b", commit_body="Bump-Image: b", expected_head_oid=pull.head.sha
    )
    double.check(pull.head.sha, "gate", "success")
    double.fire_auto_merge(1)
    assert double.message("main") == "bump: b\n\nBump-Image: b"


def test_what_github_does_not_open(double: GitHubDouble, repository: Repository, pull: PullRequest) -> None:
    double.push("empty", double.head() or "")
    with pytest.raises(github.GithubException, match=r"already exists for acme:bump/dev") as refused:
        repository.create_pull(base="main", head=BRANCH, title="again", body="")
    assert refused.value.status == 422
    with pytest.raises(github.GithubException, match="No commits between main and empty"):
        repository.create_pull(base="main", head="empty", title="nothing", body="")
    with pytest.raises(github.GithubException, match="too long"):
        pull.edit(body="x" * 65_537)


def test_a_head_filter_without_owner_is_ignored_and_forks_may_bear_our_name(
    double: GitHubDouble, api: github.Github, repository: Repository, pull: PullRequest
) -> None:
    other = double.open_from_fork("person/gitops", BRANCH, pull.head.sha, "mine")
    double.commit("by-hand", {"x": b"1"})
    third = double.open("by-hand", "by hand")
    assert {found.number for found in repository.get_pulls(head=BRANCH)} == {pull.number, other.number, third.number}
    assert [found.number for found in repository.get_pulls(head=f"acme:{BRANCH}")] == [pull.number]
    nodes = query(api, OPEN_PULLS, head=BRANCH)["repository"]["pullRequests"]["nodes"]  # type: ignore[index]
    assert [node["isCrossRepository"] for node in nodes] == [True, False]


@pytest.mark.parametrize(
    ("basehead", "status", "ahead"),
    [
        (("one", "two"), "diverged", 3),
        (("main", "two"), "ahead", 3),
        (("two", "main"), "behind", 0),
        (("one", "one"), "identical", 0),
    ],
)
def test_compare(double: GitHubDouble, api: github.Github, basehead: tuple[str, str], status: str, ahead: int) -> None:
    source = double.add_repository("acme/api", private=True)
    double.seed({"x": b"0"}, repository=source.full_name)
    for branch, texts in {"one": b"1", "two": b"234"}.items():
        for number in texts:
            double.commit(branch, {"x": bytes([number])}, f"{number}", repository=source.full_name)
    found = api.get_repo("acme/api").compare(*basehead)
    assert (found.status, found.ahead_by, found.total_commits) == (status, ahead, ahead)
    paged = api.get_repo("acme/api").compare(*basehead, comparison_commits_per_page=1)
    assert [item.commit.message for item in paged.get_commits()] == ["50", "51", "52"][:ahead]
