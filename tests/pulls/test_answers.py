"""GitHub's answers: what lacks something that its schema promises is an outage, never a bug of ours."""

from collections.abc import Callable

import pytest

from bot.errors import Outage
from bot.proposal.observed import PullRequest
from bot.pulls import answers
from bot.pulls.answers import entries, head_of, own_pull_request, past, rest_commit

SHA = "a" * 40
REST = {"sha": SHA, "tree": {"sha": SHA}, "parents": [{"sha": SHA}], "message": "m"}
REF = {
    "target": {
        "oid": SHA,
        "message": "m",
        "committedDate": "2026-11-24T12:00:00Z",
        "tree": {"oid": SHA},
        "parents": {"nodes": [{"oid": SHA}]},
    }
}
TREE = {"tree": [{"type": "blob", "path": "a.yaml", "mode": "100644", "sha": SHA}]}
PULL = {
    "number": 1,
    "url": "u",
    "title": "t",
    "body": "b",
    "headRepository": {"nameWithOwner": "acme/gitops"},
    "baseRefName": "main",
    "id": "PR_1",
    "isDraft": False,
    "reviewDecision": None,
    "mergeStateStatus": "BLOCKED",
    "isInMergeQueue": False,
    "labels": {"nodes": [{"name": "x"}]},
    "author": {"login": "image-bump"},
    "viewerDidAuthor": True,
    "autoMergeRequest": None,
}
ARMED = {**PULL, "autoMergeRequest": {"mergeMethod": "SQUASH", "commitBody": None, "enabledBy": None}}
PAST = {
    "number": 1,
    "state": "CLOSED",
    "closedAt": "2026-11-24T12:00:00Z",
    "body": "b",
    "headRepository": {"nameWithOwner": "acme/gitops"},
    "baseRefName": "main",
    "labels": {"nodes": [{"name": "x"}]},
    "commits": {"nodes": [{"commit": {"message": "m"}}]},
}


def _pull(node: object) -> object:
    return own_pull_request([node], repository="acme/gitops", base="main")


def _past(node: object) -> object:
    return past([node], repository="acme/gitops", base="main")


@pytest.mark.parametrize(
    ("read", "whole", "path"),
    [
        *((rest_commit, REST, path) for path in ("sha", "tree", "tree.sha", "parents", "parents.0.sha", "message")),
        *(
            (head_of, REF, f"target{path}")
            for path in ("", ".oid", ".message", ".committedDate", ".tree", ".tree.oid", ".parents", ".parents.nodes")
        ),
        *((entries, TREE, path) for path in ("tree", "tree.0.path", "tree.0.mode", "tree.0.sha")),
        *((_pull, PULL, path) for path in ("number", "url", "title", "body", "id", "labels.nodes")),
        *((_pull, ARMED, f"autoMergeRequest.{path}") for path in ("mergeMethod",)),
        *((_past, PAST, path) for path in ("number", "closedAt", "body", "commits.nodes.0.commit.message")),
    ],
)
@pytest.mark.parametrize("there", ["missing", "wrong"])
def test_what_is_missing_or_wrong_is_an_outage(
    read: Callable[[object], object], whole: object, path: str, there: str
) -> None:
    assert read(whole) is not None
    with pytest.raises(Outage, match="in its answer; try again later"):
        read(_without(whole, path.split("."), there))


def test_a_field_is_read_or_told_by_its_name() -> None:
    assert answers.field({"a": 1}, "a") == 1
    with pytest.raises(Outage, match="GitHub: a is missing in its answer"):
        answers.field({}, "a")


TRAILERS = "Bump-Environment: dev\nBump-Base: aaaa"


@pytest.mark.parametrize(
    ("body", "by", "ours"),
    [
        pytest.param(TRAILERS, "image-bump", True, id="our trailers"),
        pytest.param(TRAILERS.replace("\n", "\r\n"), "image-bump", True, id="other line ends"),
        pytest.param(TRAILERS, "person", False, id="our trailers that the page filled in for a person"),
        pytest.param(TRAILERS, None, False, id="by an account that is gone"),
        pytest.param("as Bump-Base: says", "image-bump", False, id="a person's"),
        pytest.param("", "image-bump", False, id="empty"),
        pytest.param(None, "image-bump", False, id="none"),
    ],
)
def test_who_turned_auto_merge_on_and_under_whose_words(body: str | None, by: str | None, ours: bool) -> None:
    armed = {"mergeMethod": "SQUASH", "commitBody": body, "enabledBy": {"login": by} if by else None}
    found = _pull({**PULL, "autoMergeRequest": armed})

    assert isinstance(found, PullRequest)
    assert (found.armed, found.armed_by_us, found.method) == (True, ours, "squash")


def test_where_no_account_is_left_nobody_turned_it_on_for_us() -> None:
    armed = {"mergeMethod": "SQUASH", "commitBody": TRAILERS, "enabledBy": None}
    found = _pull({**PULL, "author": None, "autoMergeRequest": armed})

    assert isinstance(found, PullRequest)
    assert (found.armed, found.armed_by_us) == (True, False)


def test_what_is_not_armed_has_no_method() -> None:
    found = _pull(PULL)

    assert isinstance(found, PullRequest)
    assert (found.armed, found.armed_by_us, found.method) == (False, False, None)


def _without(value: object, path: list[str], there: str) -> object:
    step, *rest = path
    if isinstance(value, list):
        return [_without(value[0], rest, there), *value[1:]]
    assert isinstance(value, dict)
    if rest:
        return value | {step: _without(value[step], rest, there)}
    return {key: item for key, item in value.items() if key != step} | ({step: 1.5} if there == "wrong" else {})
