"""A repository at GitHub: git, and beside it the state that git has no place for.

It holds what happens to pull requests when refs move. What happens when somebody asks for something is in `pulls`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Literal

from tests.doubles.github_api.git import ZERO, BareRepository, Commit, GitError, RefUpdate, Signature
from tests.doubles.github_api.rulesets import Ruleset

Method = Literal["merge", "squash", "rebase"]
Conclusion = Literal["success", "failure", "neutral", "skipped", "cancelled", "pending"]
Review = Literal["APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED"]


class Refused(Exception):
    """GitHub says no: a status for REST, a type for GraphQL (None: an error without a type), and what it says."""

    def __init__(
        self, status: int, message: str, *, kind: str | None = "UNPROCESSABLE", errors: Sequence[dict[str, object]] = ()
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.kind, self.errors = status, message, kind, tuple(errors)

    @classmethod
    def invalid(cls, resource: str, *, field: str = "", code: str = "custom", message: str = "") -> "Refused":
        """A 422 `Validation Failed` about one field or one resource."""
        error: dict[str, object] = {"resource": resource, "code": code}
        if field:
            error["field"] = field
        if message:
            error["message"] = message
        return cls(422, "Validation Failed", errors=(error,))


@dataclass(kw_only=True)
class Settings:
    """What an administrator chooses. Change it at any time."""

    default_branch: str = "main"
    private: bool = False
    internal: bool = False
    """Private, and seen by everybody of the enterprise; `visibility` tells, `private` is true."""
    archived: bool = False
    auto_merge: bool = True
    methods: frozenset[Method] = frozenset({"merge", "squash", "rebase"})
    squash_message: Literal["COMMIT_MESSAGES", "PR_BODY", "BLANK"] = "COMMIT_MESSAGES"
    delete_branch_on_merge: bool = False
    required_checks: frozenset[str] = frozenset()
    required_review: bool = False
    code_owner_review: bool = False
    """With `required_review`: one of those who approve owns the code."""
    protection_shown: bool = True
    """Whether `refUpdateRule` says so to whoever asks; that a branch is protected is told in any case."""
    require_up_to_date: bool = False
    workflow_runs_readable: bool = True
    """Whether tokens have `actions: read` too; who reads checks need not."""
    drafts: bool = True
    """Whether the plan has drafts here; free ones have them in public repositories only."""
    rejected_branches: tuple[str, ...] = ()
    """Patterns of branches to which a ruleset lets nobody push through the API."""
    rulesets: tuple[Ruleset, ...] = ()
    """Shown, and those with the rules creation or update keep branches; what they ask of a merge is not modelled."""
    codeowners_errors: tuple[Mapping[str, object], ...] = ()
    """`line` and `kind` of the lines of CODEOWNERS that GitHub says it cannot use."""
    workflows_write_by_default: bool = False
    collaborators: frozenset[str] = frozenset({"person", "reviewer"})
    teams: frozenset[str] = frozenset({"platform"})
    truncate_trees: bool = False
    actions_may_open_pull_requests: bool = True
    """'Allow GitHub Actions to create and approve pull requests'; governs tokens of the kind `actions`."""

    @property
    def hidden(self) -> bool:
        """Whether it does not exist for who may not read it."""
        return self.private or self.internal

    @property
    def protected(self) -> bool:
        """Whether a branch protection holds for the default branch."""
        return bool(self.required_checks or self.required_review)

    @property
    def visibility(self) -> Literal["public", "internal", "private"]:
        """Who may see it. https://docs.github.com/rest/repos/repos#get-a-repository"""
        return "internal" if self.internal else "private" if self.private else "public"


@dataclass(kw_only=True)
class Comment:
    """A comment on a pull request."""

    id: int
    author: str
    body: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CheckRun:
    """A check run, where pending is one that has not ended. `run` numbers the runs of one workflow for one event."""

    name: str
    conclusion: Conclusion
    started_at: datetime
    app: str = "github-actions"
    workflow: str = "checks"
    event: str = "pull_request"
    run: int = 1

    @property
    def passes(self) -> bool:
        """Whether a branch protection that requires it lets a merge through.

        https://docs.github.com/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/troubleshooting-required-status-checks
        """
        return self.conclusion in ("success", "neutral", "skipped")


@dataclass(frozen=True, kw_only=True)
class AutoMerge:
    """An armed auto-merge."""

    method: Method
    actor: str
    enabled_at: datetime
    headline: str | None
    body: str | None


@dataclass(kw_only=True)
class PullRequest:
    """A pull request. `head_sha` follows the branch while it is open, and stays what it was then."""

    number: int
    title: str
    body: str
    author: str
    head_branch: str
    base_branch: str
    head_repository: str
    head_sha: str
    created_at: datetime
    updated_at: datetime
    draft: bool = False
    state: Literal["open", "closed", "merged"] = "open"
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: str | None = None
    merge_commit: str | None = None
    emptied: bool = False
    """The branch held nothing that base does not: closed for good."""
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    team_reviewers: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    auto_merge: AutoMerge | None = None
    review: Review | None = None
    in_merge_queue: bool = False


def utc_now() -> datetime:
    """Now, in the whole seconds that GitHub shows."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(kw_only=True)
class Repository:
    """One repository; `owner/name` never changes."""

    owner: str
    name: str
    id: int
    git: BareRepository
    settings: Settings
    clock: Callable[[], datetime] = utc_now
    pulls: list[PullRequest] = field(default_factory=list)
    verified: set[str] = field(default_factory=set)
    """The commits that GitHub signed."""
    checks: dict[str, list[CheckRun]] = field(default_factory=dict)
    """Check runs by commit; several may have one name."""
    next_comment: int = 1

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def node_id(self) -> str:
        """The id that GraphQL knows it by."""
        return f"R_{self.id}"

    def pull(self, number: int) -> PullRequest:
        """The pull request of that number; a refusal when there is none."""
        if 0 < number <= len(self.pulls):
            return self.pulls[number - 1]
        raise Refused(404, "Not Found", kind="NOT_FOUND")

    def pull_node_id(self, pull: PullRequest) -> str:
        """The id that GraphQL knows a pull request by."""
        return f"PR_{self.id}_{pull.number}"

    def is_fork_head(self, pull: PullRequest) -> bool:
        """Whether the pull request comes from another repository, whose branches do not stand here."""
        return pull.head_repository != self.full_name

    def base_head(self, pull: PullRequest) -> str:
        """The commit at the head of the pull request's base."""
        head = self.git.head(pull.base_branch)
        assert head is not None, f"{pull.base_branch} is gone"
        return head

    def signature(self, login: str) -> Signature:
        """Who and when, for a commit that is made now."""
        return Signature(login, f"{login}@users.noreply.github.com", self.clock())

    def commit(self, oid: str) -> Commit:
        """The commit behind an id; a refusal when there is none."""
        try:
            return self.git.commit(oid)
        except KeyError:
            raise Refused(404, "Not Found", kind="NOT_FOUND") from None

    def reject_by_ruleset(self, refs: Sequence[str]) -> None:
        """Refuse to move a ref that a ruleset locks.

        https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets
        """
        for ref in refs:
            branch = ref.removeprefix("refs/heads/")
            rejected = any(fnmatchcase(branch, pattern) for pattern in self.settings.rejected_branches)
            if rejected or any(ruleset.locks(branch) for ruleset in self.settings.rulesets):
                raise Refused(422, "Repository rule violations found\n\nCannot update this protected ref.\n\n")

    def move(self, updates: Sequence[RefUpdate]) -> None:
        """Move refs, all or none, and let the pull requests follow; raises GitError when a ref is not where it was."""
        self.git.update_refs(updates)
        for update in updates:
            self._follow(update.ref.removeprefix("refs/heads/"), update.new)

    def move_branch(self, branch: str, new: str) -> None:
        """Move one branch from wherever it is."""
        self.move([RefUpdate(f"refs/heads/{branch}", self.git.head(branch), new)])

    def _follow(self, branch: str, new: str | None) -> None:
        for pull in self.pulls:
            if pull.state != "open":
                continue
            if pull.head_branch == branch and not self.is_fork_head(pull):
                self._head_moved(pull, new)
            elif pull.base_branch == branch:
                self._base_moved(pull, new)

    def _head_moved(self, pull: PullRequest, new: str | None) -> None:
        """A deleted head branch closes the pull request; one with nothing to merge closes it for good (measured).

        https://docs.github.com/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/creating-and-deleting-branches-within-your-repository
        """
        if new is None:
            self.close(pull)
            return
        if self.git.is_ancestor(new, self.base_head(pull)):
            pull.emptied = True
            self.close(pull)
        pull.head_sha = new
        pull.updated_at = self.clock()

    def _base_moved(self, pull: PullRequest, new: str | None) -> None:
        """A pull request whose commits all reached base counts as merged ("indirect merge"); without base it closes.

        https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#indirect-merges
        """
        if new is None:
            self.close(pull)
        elif self.git.is_ancestor(pull.head_sha, new):
            self.mark_merged(pull, commit=new, by=self.commit(new).author.name)

    def close(self, pull: PullRequest) -> None:
        """Close without merging, which disarms auto-merge."""
        pull.state = "closed"
        pull.closed_at = pull.updated_at = self.clock()
        pull.auto_merge = None

    def mark_merged(self, pull: PullRequest, *, commit: str, by: str) -> None:
        """Note that the pull request was merged, as which commit and by whom."""
        pull.state = "merged"
        pull.merge_commit, pull.merged_by = commit, by
        pull.merged_at = pull.closed_at = pull.updated_at = self.clock()
        pull.auto_merge = None

    def compare_and_swap(self, update: RefUpdate, *, expected: str | None, force: bool) -> None:
        """What `updateRefs` holds against one ref update before any is made; raises GitError."""
        if expected is not None and (update.old or ZERO) != expected:
            raise GitError(f"{update.ref}: is at {update.old}, expected {expected}")
        if update.new is None and update.ref == f"refs/heads/{self.settings.default_branch}":
            raise GitError(f"{update.ref}: the default branch cannot be deleted")
        if update.new is None or update.old is None:
            return
        if not force and not self.git.is_ancestor(update.old, update.new):
            raise GitError(f"{update.ref}: not a fast-forward")
