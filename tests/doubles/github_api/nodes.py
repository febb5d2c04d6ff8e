"""What GraphQL shows of accounts and of git: refs, commits, trees, blobs; and how a connection is paged.

Each function makes the node of one type: a value for each field, or a function where it costs or has arguments.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.doubles.github_api import pulls
from tests.doubles.github_api.git import GitError, Signature, TreeEntry
from tests.doubles.github_api.repository import CheckRun, Refused, Repository
from tests.doubles.github_api.shapes import moment
from tests.doubles.github_api.world import HTML

MAX_PAGE = 100
MAX_TEXT = 512_000
"""About where GitHub truncates `Blob.text`; it documents no number."""


@dataclass(frozen=True)
class Node:
    """An object of the schema's type `typename`; the fields are named as there."""

    typename: str
    fields: Mapping[str, object]


def node(typename: str, **fields: object) -> Node:
    """Spell a node out."""
    return Node(typename, fields)


def paged(name: str, items: Sequence[object], arguments: Mapping[str, object]) -> Node:
    """One page of a connection. `first` or `last` is required, and at most 100.

    https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
    """
    bounds = {bound: arguments.get(bound) for bound in ("first", "last")}
    if set(bounds.values()) == {None}:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Refused(200, message, kind="MISSING_PAGINATION_BOUNDARIES")
    for bound, asked in bounds.items():
        if isinstance(asked, int) and asked > MAX_PAGE:
            message = (
                f"Requesting {asked} records on the `{name}` connection exceeds the `{bound}` limit of 100 records."
            )
            raise Refused(200, message, kind="EXCESSIVE_PAGINATION")
    start = _index(arguments["after"]) + 1 if arguments.get("after") else 0
    end = _index(arguments["before"]) if arguments.get("before") else len(items)
    first, last = bounds["first"], bounds["last"]
    end = min(end, start + first) if isinstance(first, int) else end
    start = max(start, end - last) if isinstance(last, int) else start
    info = node(
        "PageInfo",
        startCursor=_cursor(start) if start < end else None,
        endCursor=_cursor(end - 1) if start < end else None,
        hasNextPage=end < len(items),
        hasPreviousPage=start > 0,
    )
    return node("Connection", nodes=items[start:end], totalCount=len(items), pageInfo=info)


def connection(name: str, items: Callable[[], Sequence[object]]) -> Callable[..., Node]:
    """A field that pages over what `items` gives."""
    return lambda **arguments: paged(name, items(), arguments)


def _cursor(index: int) -> str:
    return base64.b64encode(f"cursor:{index}".encode()).decode()


def _index(cursor: object) -> int:
    return int(base64.b64decode(str(cursor)).decode().partition(":")[2])


def actor(login: str, *, is_viewer: bool = False) -> Node:
    """An account. GraphQL leaves the `[bot]` out of a bot's login, but not where the bot asks who it is."""
    shown = login if is_viewer else login.removesuffix("[bot]")
    return node(
        "Bot" if shown != login else "User",
        id=f"U_{login}",
        login=shown,
        url=f"{HTML}/{shown}",
        resourcePath=f"/{shown}",
        avatarUrl=lambda size=40: f"{HTML}/{shown}.png?size={size}",
    )


def git_object(it: Repository, oid: str | None) -> Node | None:
    """The node of whatever the id names, or None."""
    found = it.git.read(oid) if oid else None
    if oid is None or found is None:
        return None
    common: dict[str, object] = {"id": f"O_{it.id}_{oid}", "oid": oid, "abbreviatedOid": oid[:7]}
    if found.kind == "commit":
        return Node("Commit", common | _commit(it, oid))
    if found.kind == "tree":
        return Node("Tree", common | {"entries": lambda: [_entry(it, entry) for entry in it.git.entries(oid)]})
    is_binary = b"\0" in found.data
    text = None if is_binary else found.data[:MAX_TEXT].decode(errors="replace")
    size = len(found.data)
    return Node(
        "Blob", common | {"byteSize": size, "isBinary": is_binary, "isTruncated": size > MAX_TEXT, "text": text}
    )


def _entry(it: Repository, entry: TreeEntry) -> Node:
    return node(
        "TreeEntry",
        name=entry.path,
        path=entry.path,
        mode=int(entry.mode, 8),
        type=entry.kind,
        oid=entry.oid,
        size=entry.size or 0,
        object=lambda: git_object(it, entry.oid),
    )


def _commit(it: Repository, oid: str) -> dict[str, object]:
    commit = it.git.commit(oid)
    message = commit.message.rstrip("\n")
    headline, _, body = message.partition("\n")
    signed = node("GpgSignature", isValid=True, wasSignedByGitHub=True)
    return {
        "message": message,
        "messageHeadline": headline,
        "messageBody": body.lstrip("\n"),
        "committedDate": moment(commit.committer.when),
        "authoredDate": moment(commit.author.when),
        "author": _git_actor(commit.author),
        "committer": _git_actor(commit.committer),
        "parents": connection("parents", lambda: [git_object(it, parent) for parent in commit.parents]),
        "tree": lambda: git_object(it, commit.tree),
        "signature": signed if oid in it.verified else None,
        "statusCheckRollup": lambda: rollup(it, oid),
    }


def _git_actor(it: Signature) -> Node:
    return node("GitActor", name=it.name, email=it.email, date=moment(it.when))


def rollup(it: Repository, oid: str) -> Node | None:
    """The roll-up of a commit's check runs; None without any."""
    state = pulls.checks_state(it, oid)
    if state is None:
        return None
    contexts = [_check_run(it, oid, run) for run in it.checks[oid]]
    pages = connection("contexts", lambda: contexts)
    return node("StatusCheckRollup", id=f"SCR_{oid}", state=state, contexts=pages)


def _check_run(it: Repository, oid: str, run: CheckRun) -> Node:
    suite = f"{oid}_{run.app}_{run.workflow}_{run.event}_{run.run}"

    def workflow_run() -> Node | None:
        """Needs `actions: read`, which `checks: read` is not."""
        if run.app != "github-actions":
            return None
        if not it.settings.workflow_runs_readable:
            raise Refused(200, "Resource not accessible by integration", kind="FORBIDDEN")
        workflow = node("Workflow", id=f"W_{run.workflow}", name=run.workflow)
        return node("WorkflowRun", id=f"WFR_{suite}", event=run.event, workflow=workflow)

    pending = run.conclusion == "pending"
    return node(
        "CheckRun",
        id=f"CR_{suite}_{run.name}",
        name=run.name,
        status="IN_PROGRESS" if pending else "COMPLETED",
        conclusion=None if pending else run.conclusion.upper(),
        startedAt=moment(run.started_at),
        completedAt=None if pending else moment(run.started_at),
        checkSuite=node(
            "CheckSuite",
            id=f"CS_{suite}",
            app=node("App", id=f"A_{run.app}", slug=run.app),
            workflowRun=workflow_run,
        ),
    )


def ref(it: Repository, name: str) -> Node | None:
    """A ref by its qualified name (`refs/heads/main`, `heads/main`) or a branch's name; None when it does not exist."""
    names = [full for full in (name, f"refs/{name}", f"refs/heads/{name}") if full.startswith("refs/")]
    found = {full: oid for full in names if (oid := it.git.resolve(full))}
    if not found:
        return None
    full, target = next(iter(found.items()))
    prefix = "/".join(full.split("/")[:2]) + "/"
    branch = full.removeprefix("refs/heads/")
    return node(
        "Ref",
        id=f"REF_{it.id}_{full}",
        refUpdateRule=lambda: _update_rule(it, branch),
        name=full.removeprefix(prefix),
        prefix=prefix,
        target=lambda: git_object(it, target),
    )


def _update_rule(it: Repository, branch: str) -> Node | None:
    """The branch protection of the default branch, as everybody sees it; None where nothing is asked for.

    https://docs.github.com/graphql/reference/objects#refupdaterule
    """
    settings = it.settings
    if branch != settings.default_branch or not settings.protected or not settings.protection_shown:
        return None
    return node(
        "RefUpdateRule",
        pattern=branch,
        allowsDeletions=False,
        allowsForcePushes=False,
        blocksCreations=False,
        requiredApprovingReviewCount=1 if settings.required_review else None,
        requiredStatusCheckContexts=sorted(settings.required_checks),
        requiresCodeOwnerReviews=settings.code_owner_review,
        requiresConversationResolution=False,
        requiresLinearHistory=False,
        requiresSignatures=False,
        viewerAllowedToDismissReviews=False,
        viewerCanPush=True,
    )


OWNERS_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def codeowners(it: Repository, branch: str) -> Node | None:
    """What GitHub found wrong with the CODEOWNERS at a branch; None where there is no such file.

    https://docs.github.com/graphql/reference/objects#repositorycodeowners
    """
    path = next((path for path in OWNERS_FILES if expression(it, f"{branch}:{path}")), None)
    if path is None:
        return None
    errors = [
        node(
            "RepositoryCodeownersError",
            column=1,
            kind=error["kind"],
            line=error["line"],
            message=f"{error['kind']} on line {error['line']}",
            path=path,
            source="",
            suggestion=None,
        )
        for error in it.settings.codeowners_errors
    ]
    return node("RepositoryCodeowners", errors=errors)


def expression(it: Repository, text: str) -> Node | None:
    """What a git revision names, `main:path/to/file` too; None when nothing."""
    try:
        oid = it.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", text).decode().strip()
    except GitError:
        return None
    return git_object(it, oid)
