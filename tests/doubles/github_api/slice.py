"""Cuts `openapi.json` and `schema.graphql` out of GitHub's own descriptions.

Run it on the folders of the unpacked npm packages: `python slice.py <@octokit/openapi> <@octokit/graphql-schema>`.
It drops prose and examples and what no listed operation or field reaches. It must not change a schema that it keeps.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

HERE = Path(__file__).parent
REPO = "/repos/{owner}/{repo}"
OPERATIONS: dict[str, str] = {
    "/user": "get",
    "/app/installations/{installation_id}/access_tokens": "post",
    REPO: "get",
    f"{REPO}/installation": "get",
    f"{REPO}/git/ref/{{ref}}": "get",
    f"{REPO}/git/trees/{{tree_sha}}": "get",
    f"{REPO}/git/trees": "post",
    f"{REPO}/git/blobs/{{file_sha}}": "get",
    f"{REPO}/git/commits": "post",
    f"{REPO}/git/commits/{{commit_sha}}": "get",
    f"{REPO}/commits/{{ref}}": "get",
    f"{REPO}/compare/{{basehead}}": "get",
    f"{REPO}/branches/{{branch}}": "get",
    f"{REPO}/rules/branches/{{branch}}": "get",
    f"{REPO}/rulesets/{{ruleset_id}}": "get",
    f"{REPO}/actions/permissions/workflow": "get",
    f"{REPO}/pulls": "get post",
    f"{REPO}/pulls/{{pull_number}}": "get patch",
    f"{REPO}/pulls/{{pull_number}}/merge": "put",
    f"{REPO}/pulls/{{pull_number}}/update-branch": "put",
    f"{REPO}/pulls/{{pull_number}}/requested_reviewers": "post",
    f"{REPO}/issues/{{issue_number}}/comments": "get post",
    f"{REPO}/issues/comments/{{comment_id}}": "patch",
    f"{REPO}/issues/{{issue_number}}/labels": "get post put delete",
    f"{REPO}/issues/{{issue_number}}/labels/{{name}}": "delete",
    f"{REPO}/issues/{{issue_number}}/assignees": "post",
}
PROSE = {"example", "examples", "description", "summary", "externalDocs", "tags", "title", "x-github"}
CONNECTION = "nodes pageInfo totalCount"
FIELDS: dict[str, str] = {
    "Query": "id repository viewer",
    "Mutation": "updateRefs enablePullRequestAutoMerge disablePullRequestAutoMerge updatePullRequestBranch"
    " deleteIssueComment",
    "Repository": "id name nameWithOwner url isArchived isPrivate visibility viewerPermission autoMergeAllowed"
    " squashMergeAllowed mergeCommitAllowed rebaseMergeAllowed deleteBranchOnMerge defaultBranchRef ref object"
    " codeowners"
    " pullRequest pullRequests",
    "RepositoryCodeowners": "errors",
    "RepositoryCodeownersError": "column kind line message path source suggestion",
    "Ref": "id name prefix target refUpdateRule",
    "RefUpdateRule": "allowsDeletions allowsForcePushes blocksCreations pattern requiredApprovingReviewCount"
    " requiredStatusCheckContexts requiresCodeOwnerReviews requiresConversationResolution requiresLinearHistory"
    " requiresSignatures viewerAllowedToDismissReviews viewerCanPush",
    "Commit": "id oid abbreviatedOid message messageHeadline messageBody committedDate authoredDate author committer"
    " parents tree signature statusCheckRollup",
    "CommitConnection": CONNECTION,
    "GitActor": "name email date",
    "GitSignature": "isValid wasSignedByGitHub",
    "GpgSignature": "isValid wasSignedByGitHub",
    "StatusCheckRollup": "id state contexts",
    "StatusCheckRollupContextConnection": CONNECTION,
    "CheckRun": "id name status conclusion startedAt completedAt checkSuite",
    "CheckSuite": "id app workflowRun",
    "App": "id slug",
    "WorkflowRun": "id event workflow",
    "Workflow": "id name",
    "StatusContext": "id context state",
    "Tree": "id oid abbreviatedOid entries",
    "TreeEntry": "name path mode type oid size object",
    "Blob": "id oid abbreviatedOid byteSize isBinary isTruncated text",
    "Node": "id",
    "GitObject": "id oid abbreviatedOid",
    "Actor": "login url avatarUrl resourcePath",
    "User": "id login url avatarUrl resourcePath",
    "Bot": "id login url avatarUrl resourcePath",
    "PullRequestConnection": CONNECTION,
    "PullRequest": "id number url title body state merged mergedAt closed closedAt createdAt updatedAt isDraft"
    " isCrossRepository headRefName headRefOid headRef baseRefName baseRefOid headRepository author labels comments"
    " autoMergeRequest reviewDecision mergeable mergeStateStatus isInMergeQueue mergeCommit commits"
    " statusCheckRollup viewerDidAuthor",
    "PullRequestCommitConnection": CONNECTION,
    "PullRequestCommit": "id commit",
    "LabelConnection": CONNECTION,
    "Label": "id name color",
    "IssueCommentConnection": CONNECTION,
    "IssueComment": "id databaseId url body author createdAt viewerDidAuthor",
    "AutoMergeRequest": "mergeMethod enabledAt enabledBy commitHeadline commitBody pullRequest",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "UpdateRefsPayload": "clientMutationId",
    "EnablePullRequestAutoMergePayload": "actor clientMutationId pullRequest",
    "DisablePullRequestAutoMergePayload": "actor clientMutationId pullRequest",
    "DeleteIssueCommentPayload": "clientMutationId",
    "UpdatePullRequestBranchPayload": "clientMutationId pullRequest",
}
UNIONS = {"StatusCheckRollupContext"}
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
NodeT = TypeVar("NodeT", bound=Node)
Composite: TypeAlias = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


def without_prose(value: Json, *, names: bool = False) -> Json:
    """The same JSON without prose. `names`: the keys are names of properties, none of which is prose."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_prose(item, names=key == "properties" and not names)
        for key, item in value.items()
        if names or key not in PROSE
    }


def references(value: Json) -> Iterator[str]:
    """Every `$ref` in the value."""
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def cut_openapi(source: dict[str, dict[str, dict[str, Json]]]) -> dict[str, Json]:
    """The listed operations, and the components that they reach."""
    paths: dict[str, Json] = {
        path: {method: without_prose(source["paths"][path][method]) for method in methods.split()}
        for path, methods in OPERATIONS.items()
    }
    kept: dict[str, dict[str, Json]] = {}
    open_references = sorted(set(references(paths)) | {"#/components/schemas/basic-error"})
    while open_references:
        _, _, kind, name = open_references.pop().split("/")
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = without_prose(source["components"][kind][name])
            open_references += references(kept[kind][name])
    components: dict[str, Json] = {kind: dict(sorted(kept[kind].items())) for kind in sorted(kept)}
    version = source["info"]["version"]
    return {
        "openapi": "3.0.3",
        "info": {"title": "slice", "version": version},
        "paths": paths,
        "components": components,
    }


def bare(node: NodeT) -> NodeT:
    """The node without descriptions and directives: deprecations and previews say nothing about shapes."""
    changes: dict[str, object] = {}
    for key in node.keys:
        child = getattr(node, key, None)
        if key in ("description", "directives"):
            changes[key] = None if key == "description" else ()
        elif isinstance(child, tuple):
            changes[key] = tuple(bare(item) for item in child)
        elif isinstance(child, Node):
            changes[key] = bare(child)
    known = {item.name for item in fields(node)}
    return replace(node, **{key: value for key, value in changes.items() if key in known})  # type: ignore[arg-type]


def named(node: Node) -> Iterator[str]:
    """The names of all types that a node mentions."""
    if isinstance(node, NamedTypeNode):
        yield node.name.value
    for key in node.keys:
        child = getattr(node, key, None)
        for item in child if isinstance(child, (list, tuple)) else (child,):
            if isinstance(item, Node):
                yield from named(item)


def cut_type(node: Composite) -> Composite:
    """Leave the listed fields, and the interfaces that are listed too."""
    every: dict[str, FieldDefinitionNode] = {field.name.value: field for field in node.fields or ()}
    interfaces = tuple(item for item in node.interfaces or () if item.name.value in FIELDS)
    return replace(node, fields=tuple(every[name] for name in FIELDS[node.name.value].split()), interfaces=interfaces)


def cut_graphql(text: str) -> str:
    """The listed types with the listed fields, and every scalar, enum and input that these reach, whole."""
    every: dict[str, TypeDefinitionNode] = {}
    for node in parse(text, no_location=True).definitions:
        if isinstance(node, TypeDefinitionNode):
            every[node.name.value] = bare(node)
    kept: list[TypeDefinitionNode] = []
    for name in FIELDS:
        composite = every[name]
        assert isinstance(composite, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode), name
        kept.append(cut_type(composite))
    for name in UNIONS:
        union = every[name]
        assert isinstance(union, UnionTypeDefinitionNode), name
        kept.append(replace(union, types=tuple(item for item in union.types or () if item.name.value in FIELDS)))
    seen = {*FIELDS, *UNIONS, *BUILT_IN}
    for node in kept:  # grows while it is read
        for name in sorted(set(named(node)) - seen):
            leaf = every[name]
            if not isinstance(leaf, EnumTypeDefinitionNode | InputObjectTypeDefinitionNode | ScalarTypeDefinitionNode):
                raise SystemExit(f"{node.name.value}: reaches {name}, which is not listed in FIELDS")
            seen.add(name)
            kept.append(leaf)
    kept.sort(key=lambda node: node.name.value)
    return print_ast(DocumentNode(definitions=tuple(kept))) + "\n"


def main(openapi: Path, graphql: Path) -> None:
    """Write both slices beside this file."""
    description = json.loads((openapi / "generated" / "api.github.com.json").read_text())
    (HERE / "openapi.json").write_text(json.dumps(cut_openapi(description), indent=1) + "\n")
    (HERE / "schema.graphql").write_text(cut_graphql((graphql / "schema.graphql").read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
