"""State as GitHub's REST answers show it: what is modelled. The rest is filled in from the description."""

import base64
from datetime import datetime
from zlib import crc32

from tests.doubles.github_api import pulls
from tests.doubles.github_api.access import App
from tests.doubles.github_api.git import Commit, GitObject, Signature
from tests.doubles.github_api.repository import Comment, PullRequest, Repository
from tests.doubles.github_api.rulesets import Ruleset
from tests.doubles.github_api.wire import Json
from tests.doubles.github_api.world import HTML, World


def moment(when: datetime | None) -> str | None:
    """A time as GitHub writes it."""
    return None if when is None else when.strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str) -> Json:
    """An account."""
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"login": login, "id": crc32(login.encode()), "type": kind, "html_url": f"{HTML}/{login}"}


def repository(world: World, it: Repository) -> Json:
    """A repository as it stands inside of other answers."""
    return {
        "id": it.id,
        "node_id": it.node_id,
        "name": it.name,
        "full_name": it.full_name,
        "owner": user(it.owner) | {"type": "Organization"},
        "private": it.settings.hidden,
        "visibility": it.settings.visibility,
        "archived": it.settings.archived,
        "default_branch": it.settings.default_branch,
        "url": f"{world.url}/repos/{it.full_name}",
        "html_url": f"{HTML}/{it.full_name}",
    }


def installation(world: World, app: App, it: Repository) -> Json:
    """An App's installation on the owner of a repository."""
    return {
        "id": app.installation_id,
        "account": user(it.owner) | {"type": "Organization"},
        "app_id": int(app.id) if app.id.isdecimal() else 1,
        "app_slug": app.slug,
        "access_tokens_url": f"{world.url}/app/installations/{app.installation_id}/access_tokens",
        "repository_selection": "selected",
        "permissions": dict(app.permissions),
        "suspended_at": moment(world.clock()) if app.suspended else None,
    }


def full_repository(world: World, it: Repository, *, may_push: bool) -> Json:
    """A repository; the merge settings are shown to those who may push."""
    shape = repository(world, it)
    shape["permissions"] = {"admin": False, "maintain": False, "push": may_push, "triage": may_push, "pull": True}
    if may_push:
        shape |= {
            "allow_auto_merge": it.settings.auto_merge,
            "allow_merge_commit": "merge" in it.settings.methods,
            "allow_squash_merge": "squash" in it.settings.methods,
            "allow_rebase_merge": "rebase" in it.settings.methods,
            "delete_branch_on_merge": it.settings.delete_branch_on_merge,
            "squash_merge_commit_message": it.settings.squash_message,
        }
    return shape


def branch(world: World, it: Repository, name: str, head: Commit) -> Json:
    """A branch, and whether it is protected; how, as far as everybody may know."""
    protected = name == it.settings.default_branch and it.settings.protected
    url = f"{world.url}/repos/{it.full_name}/branches/{name}"
    return {
        "name": name,
        "commit": commit(world, it, head),
        "_links": {"html": f"{HTML}/{it.full_name}/tree/{name}", "self": url},
        "protected": protected,
        "protection": {"enabled": protected},
        "protection_url": f"{url}/protection",
    }


def ruleset(it: Repository, found: Ruleset) -> Json:
    """A ruleset, without who may bypass it: that is for those who may write it."""
    return {
        "id": found.id,
        "name": found.name,
        "target": "branch",
        "source_type": "Repository",
        "source": it.full_name,
        "enforcement": "active",
        "current_user_can_bypass": found.bypass,
        "rules": [dict(rule) for rule in found.rules],
    }


def signature(it: Signature) -> Json:
    """Author or committer of a commit."""
    return {"name": it.name, "email": it.email, "date": moment(it.when)}


def verification(it: Repository, commit: Commit) -> Json:
    """Whether GitHub signed the commit."""
    signed = commit.oid in it.verified
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----" if signed else None,
        "payload": f"tree {commit.tree}" if signed else None,
        "verified_at": moment(commit.committer.when) if signed else None,
    }


def git_commit(world: World, it: Repository, commit: Commit) -> Json:
    """A commit as the Git data API shows it."""
    api, html = f"{world.url}/repos/{it.full_name}/git", f"{HTML}/{it.full_name}/commit"
    return {
        "sha": commit.oid,
        "node_id": f"C_{commit.oid}",
        "url": f"{api}/commits/{commit.oid}",
        "html_url": f"{html}/{commit.oid}",
        "author": signature(commit.author),
        "committer": signature(commit.committer),
        "message": commit.message.rstrip("\n"),
        "tree": {"sha": commit.tree, "url": f"{api}/trees/{commit.tree}"},
        "parents": [
            {"sha": parent, "url": f"{api}/commits/{parent}", "html_url": f"{html}/{parent}"}
            for parent in commit.parents
        ],
        "verification": verification(it, commit),
    }


def commit(world: World, it: Repository, found: Commit) -> Json:
    """A commit as the repository API shows it, without files."""
    inner = git_commit(world, it, found)
    url = f"{world.url}/repos/{it.full_name}/commits/{found.oid}"
    kept = {key: inner[key] for key in ("author", "committer", "message", "tree", "verification")}
    return {
        "sha": found.oid,
        "node_id": inner["node_id"],
        "url": url,
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "commit": kept | {"url": inner["url"], "comment_count": 0},
        "author": user(found.author.name),
        "committer": user(found.committer.name),
        "parents": inner["parents"],
    }


def files(world: World, it: Repository, base: str | None, head: str) -> list[object]:
    """The files between two commits, at most 300; patches are not modelled."""
    before = base or it.git.write_tree(None, {})
    blob = f"{HTML}/{it.full_name}/blob/{head}"
    return [
        {
            "sha": change.oid,
            "filename": change.path,
            "status": change.status,
            "additions": change.added,
            "deletions": change.removed,
            "changes": change.added + change.removed,
            "blob_url": f"{blob}/{change.path}",
            "raw_url": f"{HTML}/{it.full_name}/raw/{head}/{change.path}",
            "contents_url": f"{world.url}/repos/{it.full_name}/contents/{change.path}?ref={head}",
        }
        for change in it.git.changes(before, head)[:300]
    ]


def blob(world: World, it: Repository, oid: str, found: GitObject) -> Json:
    """A blob, in base64 whatever it holds."""
    return {
        "sha": oid,
        "node_id": f"B_{oid}",
        "size": len(found.data),
        "url": f"{world.url}/repos/{it.full_name}/git/blobs/{oid}",
        "content": base64.encodebytes(found.data).decode(),
        "encoding": "base64",
    }


def label(world: World, it: Repository, name: str) -> Json:
    """A label; ids come from the name."""
    number = crc32(name.encode())
    url = f"{world.url}/repos/{it.full_name}/labels/{name}"
    return {"id": number, "node_id": f"LA_{number}", "url": url, "name": name, "color": "ededed", "default": False}


def comment(world: World, it: Repository, pull: PullRequest, found: Comment) -> Json:
    """A comment on a pull request."""
    api = f"{world.url}/repos/{it.full_name}/issues"
    return {
        "id": found.id,
        "node_id": f"IC_{found.id}",
        "url": f"{api}/comments/{found.id}",
        "html_url": f"{HTML}/{it.full_name}/pull/{pull.number}#issuecomment-{found.id}",
        "issue_url": f"{api}/{pull.number}",
        "body": found.body,
        "user": user(found.author),
        "created_at": moment(found.created_at),
        "updated_at": moment(found.created_at),
        "author_association": "CONTRIBUTOR",
    }


def _branch(world: World, it: Repository, full_name: str, ref: str, sha: str) -> Json:
    owner = full_name.partition("/")[0]
    whole = repository(world, it) if full_name == it.full_name else repository(world, it) | {"full_name": full_name}
    return {"label": f"{owner}:{ref}", "ref": ref, "sha": sha, "user": user(owner), "repo": whole}


def pull_request(world: World, it: Repository, pull: PullRequest) -> Json:
    """A pull request as it stands in a list."""
    api, html = f"{world.url}/repos/{it.full_name}", f"{HTML}/{it.full_name}/pull/{pull.number}"
    armed = pull.auto_merge
    base = it.git.head(pull.base_branch) or pull.head_sha
    return {
        "id": it.id * 1_000 + pull.number,
        "node_id": it.pull_node_id(pull),
        "number": pull.number,
        "url": f"{api}/pulls/{pull.number}",
        "issue_url": f"{api}/issues/{pull.number}",
        "comments_url": f"{api}/issues/{pull.number}/comments",
        "html_url": html,
        "title": pull.title,
        "body": pull.body or None,
        "state": "open" if pull.state == "open" else "closed",
        "draft": pull.draft,
        "locked": False,
        "user": user(pull.author),
        "labels": [label(world, it, name) for name in pull.labels],
        "assignees": [user(login) for login in pull.assignees],
        "assignee": user(pull.assignees[0]) if pull.assignees else None,
        "requested_reviewers": [user(login) for login in pull.reviewers],
        "requested_teams": [{"id": crc32(slug.encode()), "slug": slug, "name": slug} for slug in pull.team_reviewers],
        "created_at": moment(pull.created_at),
        "updated_at": moment(pull.updated_at),
        "closed_at": moment(pull.closed_at),
        "merged_at": moment(pull.merged_at),
        "merge_commit_sha": pull.merge_commit,
        "head": _branch(world, it, pull.head_repository, pull.head_branch, pull.head_sha),
        "base": _branch(world, it, it.full_name, pull.base_branch, base),
        "auto_merge": None
        if armed is None
        else {
            "enabled_by": user(armed.actor),
            "merge_method": armed.method,
            "commit_title": armed.headline or "",
            "commit_message": armed.body or "",
        },
        "author_association": "CONTRIBUTOR",
    }


def full_pull_request(world: World, it: Repository, pull: PullRequest) -> Json:
    """A pull request asked for by its number."""
    state = pulls.merge_state(it, pull) if pull.state == "open" else "unknown"
    changes = it.git.changes(it.git.merge_base(it.base_head(pull), pull.head_sha) or pull.head_sha, pull.head_sha)
    return pull_request(world, it, pull) | {
        "merged": pull.state == "merged",
        "merged_by": user(pull.merged_by) if pull.merged_by else None,
        "mergeable": state != "dirty" if pull.state == "open" else None,
        "rebaseable": None,
        "mergeable_state": state,
        "comments": len(pull.comments),
        "commits": len(it.git.between(it.base_head(pull), pull.head_sha)),
        "additions": sum(change.added for change in changes),
        "deletions": sum(change.removed for change in changes),
        "changed_files": len(changes),
        "maintainer_can_modify": False,
    }
