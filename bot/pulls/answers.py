"""Reads GitHub's answers into values, and stops at the first thing that is not what its schema promises."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.errors import Outage
from bot.planning.snapshot import Entry
from bot.proposal.marker import is_withdrawn
from bot.proposal.observed import Commit, Mergeable, Past, PullRequest
from bot.proposal.record import Record

_OBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
Object = Mapping[str, object]
_MERGEABLE: Final = {
    "BEHIND": Mergeable.BEHIND,
    "BLOCKED": Mergeable.BLOCKED,
    "DIRTY": Mergeable.CONFLICTS,
    "CLEAN": Mergeable.FREE,
    "HAS_HOOKS": Mergeable.FREE,
    "UNSTABLE": Mergeable.FREE,
}


def mapping(value: object, what: str) -> Object:
    """Return `value` as an object; raises `Outage`."""
    if not isinstance(value, dict):
        raise Outage(f"GitHub: {what} is not an object in its answer; try again later")
    return value


def field(value: object, *path: str) -> object:
    """Return what stands at `path` below `value`; raises `Outage` when nothing does."""
    for key in path:
        if not isinstance(value, dict) or key not in value:
            raise Outage(f"GitHub: {key} is missing in its answer; try again later")
        value = value[key]
    return value


def items(value: object, what: str) -> Iterator[Object]:
    """Yield the objects of a list; raises `Outage`."""
    if not isinstance(value, list):
        raise Outage(f"GitHub: {what} is not a list in its answer; try again later")
    for one in value:
        yield mapping(one, what)


def text(value: object, what: str) -> str:
    """Return `value` as text; raises `Outage`."""
    if not isinstance(value, str):
        raise Outage(f"GitHub: {what} is not text in its answer; try again later")
    return value


def sha(value: object, what: str) -> str:
    """Return `value` as an object id; raises `Outage`."""
    found = text(value, what)
    if not _OBJECT.fullmatch(found):
        raise Outage(f"GitHub: {what} is not an object id in its answer; try again later")
    return found


def number(value: object, what: str) -> int:
    """Return `value` as a number; raises `Outage`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Outage(f"GitHub: {what} is not a number in its answer; try again later")
    return value


def head_of(ref: object) -> Commit | None:
    """Read the commit that a GraphQL `Ref` points at; None when there is no ref."""
    if ref is None:
        return None
    target = field(ref, "target")
    nodes = items(field(target, "parents", "nodes"), "parents")
    return Commit(
        sha=sha(field(target, "oid"), "commit"),
        tree=sha(field(target, "tree", "oid"), "tree"),
        parents=tuple(sha(field(node, "oid"), "parent") for node in nodes),
        message=text(field(target, "message"), "message"),
        at=moment(field(target, "committedDate"), "committedDate"),
    )


def moment(value: object, what: str) -> datetime:
    """Return `value` as a time; raises `Outage`."""
    try:
        return datetime.fromisoformat(text(value, what))
    except ValueError as error:
        raise Outage(f"GitHub: {what} is not a time in its answer; try again later") from error


def rest_commit(answer: object) -> Commit:
    """Read the REST API's git commit."""
    return Commit(
        sha=sha(field(answer, "sha"), "commit"),
        tree=sha(field(answer, "tree", "sha"), "tree"),
        parents=tuple(sha(field(parent, "sha"), "parent") for parent in items(field(answer, "parents"), "parents")),
        message=text(field(answer, "message"), "message"),
    )


def entries(answer: object) -> Mapping[str, Entry]:
    """Read the files and submodules of a recursive tree; raises `Outage` when GitHub cut it."""
    tree = mapping(answer, "tree")
    if tree.get("truncated"):
        raise Outage("GitHub: the repository's tree is too large for one answer (100,000 entries or 7 MB)")
    found: dict[str, Entry] = {}
    for one in items(field(tree, "tree"), "tree"):
        if field(one, "type") != "tree":
            path = text(field(one, "path"), "path")
            found[path] = Entry(path=path, mode=text(field(one, "mode"), "mode"), blob=sha(field(one, "sha"), "blob"))
    return found


def own_pull_request(nodes: object, *, repository: str, base: str) -> PullRequest | None:
    """Return the open pull request from this repository's own branch, not a fork's, onto `base`."""
    for node in _own(nodes, repository=repository, base=base):
        armed = field(node, "autoMergeRequest")
        return PullRequest(
            number=number(field(node, "number"), "number"),
            url=text(field(node, "url"), "url"),
            title=text(field(node, "title"), "title"),
            body=text(field(node, "body"), "body"),
            id=text(field(node, "id"), "id"),
            labels=_labels(node),
            draft=field(node, "isDraft") is True,
            armed=armed is not None,
            ours=field(node, "viewerDidAuthor") is True,
            armed_by_us=armed is not None and _is_ours(armed, node),
            method=None if armed is None else text(field(armed, "mergeMethod"), "mergeMethod").lower(),
            approved=field(node, "reviewDecision") == "APPROVED",
            queued=field(node, "isInMergeQueue") is True,
            mergeable=_MERGEABLE.get(str(field(node, "mergeStateStatus")), Mergeable.UNKNOWN),
        )
    return None


def past(nodes: object, *, repository: str, base: str) -> tuple[Past, ...]:
    """Return the pull requests of this repository's own branch onto `base` that are closed or merged."""
    found: list[Past] = []
    for node in _own(nodes, repository=repository, base=base):
        messages = [
            text(field(one, "commit", "message"), "message")
            for one in items(field(node, "commits", "nodes"), "commits")
        ]
        found.append(
            Past(
                number=number(field(node, "number"), "number"),
                closed_at=moment(field(node, "closedAt"), "closedAt"),
                merged=field(node, "state") == "MERGED",
                withdrawn=is_withdrawn(text(field(node, "body"), "body")),
                labels=_labels(node),
                record=_newest(messages),
            )
        )
    return tuple(found)


def _newest(messages: Sequence[str]) -> Record | None:
    """Return what the newest commit says, base merged into it aside; a person's commit on top of ours says nothing.

    Who took the branch over and then closed it has turned nothing of ours down.
    """
    last = next((one for one in reversed(messages) if not one.startswith("Merge branch ")), "")
    return Record.parse(last)


def is_settled(nodes: object, *, repository: str, base: str) -> bool:
    """Whether no page after this one, which all was updated earlier, can hold the newest that a person ended."""
    seen = [moment(field(node, "updatedAt"), "updatedAt") for node in items(nodes, "pullRequests")]
    ours = [one.closed_at for one in past(nodes, repository=repository, base=base) if not one.withdrawn]
    return bool(ours) and max(ours) >= min(seen)


def _own(nodes: object, *, repository: str, base: str) -> Iterator[Object]:
    for node in items(nodes, "pullRequests"):
        home = node.get("headRepository")  # null once a fork is gone
        own = isinstance(home, dict) and str(home.get("nameWithOwner")).lower() == repository.lower()
        if own and not node.get("isCrossRepository") and node.get("baseRefName") == base:
            yield node


def _is_ours(armed: object, pull_request: Object) -> bool:
    """Whether auto-merge was turned on by whoever opened the pull request, under the words of one of our commits.

    The page fills in these words for a person too. None are GitHub's own, or it rebases.
    """
    body, by, opened_by = (
        field(armed, "commitBody"),
        _login(field(armed, "enabledBy")),
        _login(field(pull_request, "author")),
    )
    ours = isinstance(body, str) and any(line.startswith("Bump-Base: ") for line in body.splitlines())
    return ours and by is not None and by == opened_by


def _login(actor: object) -> object:
    return actor.get("login") if isinstance(actor, dict) else None  # null once the account is gone


def _labels(node: Object) -> frozenset[str]:
    labels = field(node, "labels")
    nodes = [] if labels is None else items(field(labels, "nodes"), "labels")
    return frozenset(text(field(label, "name"), "label") for label in nodes)
