"""When a pull request is left alone because it is about to merge, and when auto-merge is turned on and off.

Nothing merges under the words of another commit, and nothing unchecked.
"""

from bot.proposal.change import Change
from bot.proposal.observed import Check, Checks, Mergeable, Ours, PullRequest
from bot.proposal.record import Record
from bot.proposal.terms import Terms


def arming(pull_request: PullRequest, terms: Terms, *, rewrites: bool) -> tuple[bool, bool]:
    """Return whether auto-merge has to be turned off, and whether to be turned on (again).

    What a person turned on stays on; what we turned on goes off when the configuration no longer wants it.
    """
    auto_merge = terms.auto_merge
    by_github = auto_merge is not None and auto_merge.by == "github"
    stale = pull_request.armed_by_us and (
        not by_github or rewrites or (auto_merge is not None and pull_request.method not in {None, auto_merge.method})
    )
    # GitHub would merge the new commit under the words of the old one.
    disarms = pull_request.armed and (stale or (rewrites and by_github))
    return disarms, by_github and (disarms or _can_arm(pull_request, terms, rewrites=rewrites))


def _can_arm(pull_request: PullRequest, terms: Terms, *, rewrites: bool) -> bool:
    """Where nothing stands in the way GitHub arms nothing. A new commit may have to pass again what the old one has."""
    if pull_request.armed or pull_request.draft or not terms.arms:
        return False
    return rewrites or pull_request.mergeable is not Mergeable.FREE


def merges_itself(pull_request: PullRequest, terms: Terms) -> bool:
    """Whether it is this run that may have to merge: always `by: bump`, and what came too late to be armed.

    GitHub arms nothing that waits for nothing; armed in time it would have merged. Nothing tells whether all has passed
    or nothing has to, so only `required_checks` can say that it may be merged.
    """
    auto_merge = terms.auto_merge
    if auto_merge is None or auto_merge.by == "bump":
        return auto_merge is not None
    late = terms.arms and not pull_request.armed and pull_request.mergeable is Mergeable.FREE
    return late and bool(auto_merge.required_checks)


def settles(wanted: Change, ours: Ours, pull_request: PullRequest, terms: Terms, checks: Checks) -> bool:
    """Whether a newer commit would only throw away checks and approvals that are about to do their work."""
    by_us = terms.auto_merge is not None and terms.auto_merge.by == "bump"
    near = pull_request.armed or pull_request.approved or by_us
    hopeless = Check.FAILED in checks.values() or pull_request.mergeable is Mergeable.CONFLICTS or terms.broken
    return near and not hopeless and is_young(ours, terms) and _only_newer(wanted, ours.record)


def is_young(ours: Ours, terms: Terms) -> bool:
    """Whether the head of the branch is younger than `settle`."""
    return ours.at is not None and terms.now - ours.at < terms.settle


def _only_newer(wanted: Change, record: Record) -> bool:
    """Whether the same digests are replaced as before, some of them by other ones."""
    before = {(bump.repository, bump.old): bump.new for bump in record.bumps}
    after = {(bump.repository, bump.old): bump.new for bump in wanted.bumps}
    return before.keys() == after.keys() and before != after
