"""REST operations on git data: refs, trees, blobs, commits, compare.

https://docs.github.com/rest/git · https://docs.github.com/rest/commits/commits
"""

from collections.abc import Mapping

from tests.doubles.github_api import shapes
from tests.doubles.github_api.git import Signature, TreeEntry
from tests.doubles.github_api.repository import Refused, Repository
from tests.doubles.github_api.wire import Answer, Json
from tests.doubles.github_api.world import HTML, Call

MAX_COMPARED = 250


def get_ref(call: Call) -> Answer:
    """https://docs.github.com/rest/git/refs#get-a-reference"""
    it, name = call.repository, call.place["ref"]
    oid = it.git.resolve(f"refs/{name}")
    found = it.git.read(oid) if oid else None
    if oid is None or found is None:
        raise Refused(404, "Not Found")
    api = f"{call.world.url}/repos/{it.full_name}/git"
    target = {"type": found.kind, "sha": oid, "url": f"{api}/{found.kind}s/{oid}"}
    return Answer(body={"ref": f"refs/{name}", "node_id": f"REF_{name}", "url": f"{api}/refs/{name}", "object": target})


def get_tree(call: Call) -> Answer:
    """`truncated` follows the setting; a truncated answer holds half of the entries.

    https://docs.github.com/rest/git/trees#get-a-tree
    """
    it = call.repository
    tree = tree_of(it, call.place["tree_sha"])
    if tree is None:
        raise Refused(404, "Not Found")
    entries = it.git.entries(tree, recursive="recursive" in call.query)
    truncated = it.settings.truncate_trees and "recursive" in call.query
    return Answer(body=_tree(call, tree, entries[: len(entries) // 2] if truncated else entries, truncated=truncated))


def tree_of(it: Repository, name: str) -> str | None:
    """The tree behind a tree's or commit's id, or a branch's name, as the tree endpoint takes them."""
    oid = it.git.head(name) or it.git.resolve(name)
    found = it.git.read(oid) if oid else None
    if oid is None or found is None or found.kind == "blob":
        return None
    return it.git.commit(oid).tree if found.kind == "commit" else oid


def _tree(call: Call, oid: str, entries: tuple[TreeEntry, ...], *, truncated: bool) -> Json:
    api = f"{call.world.url}/repos/{call.repository.full_name}/git"
    shown = []
    for entry in entries:
        line: Json = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.oid}
        if entry.kind != "commit":
            line["url"] = f"{api}/{entry.kind}s/{entry.oid}"
        shown.append(line if entry.size is None else line | {"size": entry.size})
    return {"sha": oid, "url": f"{api}/trees/{oid}", "tree": shown, "truncated": truncated}


def create_tree(call: Call) -> Answer:
    """Inline content or the id of an object that exists; `sha: null` deletes what exists.

    https://docs.github.com/rest/git/trees#create-a-tree
    """
    it = call.repository
    base = call.text("base_tree") or None
    base_object = it.git.read(base) if base else None
    if base and (base_object is None or base_object.kind != "tree"):
        raise Refused(422, "base_tree is not a valid tree oid")
    lines = call.body["tree"]
    assert isinstance(lines, list)
    inline = [line for line in lines if "content" in line]
    written = it.git.write_blobs([str(line["content"]).encode() for line in inline])
    oids = {id(line): oid for line, oid in zip(inline, written, strict=True)}
    held = {entry.path for entry in it.git.entries(base, recursive=True)} if base else set()
    edits: dict[str, tuple[str, str] | None] = {}
    for line in lines:
        edits[_path(line)] = _edit(it, line, oids.get(id(line)), held)
    oid = it.git.write_tree(base, edits)
    return Answer(status=201, body=_tree(call, oid, it.git.entries(oid), truncated=False))


def _path(line: Mapping[str, object]) -> str:
    path = line.get("path")
    if not isinstance(path, str) or not path:
        raise Refused(422, "Invalid tree info")
    if any(step in ("", ".", "..", ".git") for step in path.split("/")):
        raise Refused(422, "tree.path contains a malformed path component")
    return path


def _edit(it: Repository, line: Mapping[str, object], written: str | None, held: set[str]) -> tuple[str, str] | None:
    if written and line.get("sha"):
        raise Refused(422, "Must supply either tree.sha or tree.content")
    mode, oid = line.get("mode"), written or line.get("sha", "")
    if oid is None:
        if line["path"] not in held:
            raise Refused(422, "GitRPC::BadObjectState")
        return None
    if not isinstance(mode, str):
        raise Refused(422, "Must supply a valid tree.mode")
    found = it.git.read(str(oid))
    if mode != "160000" and (found is None or (found.kind == "tree") != (mode == "040000")):
        raise Refused(422, f"tree.sha {oid} is not a valid {line.get('type', 'blob')}")
    return mode, str(oid)


def get_blob(call: Call) -> Answer:
    """https://docs.github.com/rest/git/blobs#get-a-blob"""
    it, oid = call.repository, call.place["file_sha"]
    found = it.git.read(oid)
    if found is None or found.kind != "blob":
        raise Refused(404, "Not Found")
    return Answer(body=shapes.blob(call.world, it, oid, found))


def create_commit(call: Call) -> Answer:
    """GitHub signs for an App or a GITHUB_TOKEN when neither author nor committer is set (measured).

    https://docs.github.com/rest/git/commits#create-a-commit
    """
    it, tree = call.repository, call.text("tree")
    found = it.git.read(tree)
    if found is None or found.kind != "tree":
        raise Refused(422, "Tree SHA does not exist")
    parents = call.texts("parents")
    for parent in parents:
        known = it.git.read(parent)
        if known is None or known.kind != "commit":
            raise Refused(422, "Parent SHA does not exist or is not a commit object")
    default = it.signature(call.login)
    author = _signature(call.body.get("author"), default)
    committer = _signature(call.body.get("committer"), author)
    message = call.text("message")
    oid = it.git.write_commit(tree=tree, parents=parents, author=author, committer=committer, message=message)
    if call.token and call.token.is_bot and not {"author", "committer"} & call.body.keys():
        it.verified.add(oid)
    return Answer(status=201, body=shapes.git_commit(call.world, it, it.git.commit(oid)))


def _signature(given: object, default: Signature) -> Signature:
    if not isinstance(given, dict):
        return default
    return Signature(str(given["name"]), str(given["email"]), default.when)


def get_git_commit(call: Call) -> Answer:
    """https://docs.github.com/rest/git/commits#get-a-commit-object"""
    it = call.repository
    return Answer(body=shapes.git_commit(call.world, it, it.commit(call.place["commit_sha"])))


def get_commit(call: Call) -> Answer:
    """A branch, a tag or an id. https://docs.github.com/rest/commits/commits#get-a-commit"""
    it, name = call.repository, call.place["ref"]
    oid = _commit_of(it, name)
    if oid is None:
        raise Refused(422, f"No commit found for SHA: {name}")
    commit = it.commit(oid)
    files = shapes.files(call.world, it, commit.parents[0] if commit.parents else None, oid)
    return Answer(body=shapes.commit(call.world, it, commit) | {"files": files})


def _commit_of(it: Repository, name: str) -> str | None:
    name = name.removeprefix("heads/")
    oid = it.git.head(name) or it.git.resolve(f"refs/tags/{name}") or it.git.resolve(name)
    found = it.git.read(oid) if oid else None
    return oid if found and found.kind == "commit" else None


def compare(call: Call) -> Answer:
    """Commits oldest first; without paging the newest 250; files on page 1 only.

    https://docs.github.com/rest/commits/commits#compare-two-commits
    """
    it = call.repository
    base_name, _, head_name = call.place["basehead"].partition("...")
    base, head = (_commit_of(it, name.removeprefix(f"{it.owner}:")) for name in (base_name, head_name))
    if base is None or head is None:
        raise Refused(404, "Not Found")
    merge_base = it.git.merge_base(base, head)
    if merge_base is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = it.git.between(base, head), len(it.git.between(head, base))
    paged = "page" in call.query or "per_page" in call.query
    part, links = call.slice(len(ahead), size=MAX_COMPARED, most=MAX_COMPARED)
    shown = ahead[part] if paged else ahead[-MAX_COMPARED:]
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    url = f"{call.world.url}/repos/{it.full_name}/compare/{call.place['basehead']}"
    html = f"{HTML}/{it.full_name}/compare"
    body: Json = {
        "url": url,
        "html_url": f"{html}/{call.place['basehead']}",
        "permalink_url": f"{html}/{it.owner}:{base[:7]}...{it.owner}:{head[:7]}",
        "diff_url": f"{html}/{call.place['basehead']}.diff",
        "patch_url": f"{html}/{call.place['basehead']}.patch",
        "base_commit": shapes.commit(call.world, it, it.commit(base)),
        "merge_base_commit": shapes.commit(call.world, it, it.commit(merge_base)),
        "status": status.get((bool(ahead), bool(behind)), "diverged"),
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [shapes.commit(call.world, it, it.commit(oid)) for oid in shown],
    }
    if not part.start:
        body["files"] = shapes.files(call.world, it, merge_base, head)
    return Answer(body=body, headers=links if paged else {})
