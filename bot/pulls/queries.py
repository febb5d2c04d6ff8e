"""The GraphQL that is sent. One query tells everything about base, branch and pull request at once.

Source: https://docs.github.com/en/graphql/reference
"""

from collections.abc import Sequence
from typing import Final

# Forks may have a branch of the same name, so what comes is filtered by us, and may go on over pages.
_OPEN: Final = """pullRequests(headRefName: $head, baseRefName: $onto, states: [OPEN], first: %s, after: $after) {
      nodes {
        id number url title body headRefOid baseRefName isCrossRepository
        headRepository { nameWithOwner }
        isDraft reviewDecision mergeStateStatus isInMergeQueue
        labels(first: 100) { nodes { name } }
        autoMergeRequest { mergeMethod commitBody }
      }
      pageInfo { hasNextPage endCursor }
    }"""
_PAST: Final = """past: pullRequests(
      headRefName: $head, baseRefName: $onto, states: [CLOSED, MERGED], first: %s, after: $after,
      orderBy: {field: UPDATED_AT, direction: DESC}
    ) {
      nodes {
        number state closedAt updatedAt body baseRefName isCrossRepository
        headRepository { nameWithOwner }
        labels(first: 100) { nodes { name } }
        commits(last: 10) { nodes { commit { message } } }
      }
      pageInfo { hasNextPage endCursor }
    }"""

# A few at first, for their bodies may be long, and the newest is nearly always among them.
OBSERVE: Final = f"""
query Observe(
  $owner: String!, $name: String!, $base: String!, $branch: String!, $head: String!, $onto: String, $ahead: String!
) {{
  repository(owner: $owner, name: $name) {{
    id
    nameWithOwner
    isArchived
    autoMergeAllowed
    defaultBranchRef {{ name target {{ ...commit }} }}
    base: ref(qualifiedName: $base) {{ name target {{ ...commit }} }}
    branch: ref(qualifiedName: $branch) {{ name target {{ ...commit }} }}
    ahead: object(expression: $ahead) {{ ... on Blob {{ text }} }}
    {_OPEN.replace("%s, after: $after", "20")}
    {_PAST.replace("%s, after: $after", "20")}
  }}
}}
fragment commit on Commit {{ oid message committedDate tree {{ oid }} parents(first: 3) {{ nodes {{ oid }} }} }}
"""

_MORE: Final = """
query More($owner: String!, $name: String!, $head: String!, $onto: String, $after: String) {
  repository(owner: $owner, name: $name) { %s }
}
"""
MORE_OPEN: Final = _MORE.replace("%s", _OPEN.replace("%s", "100"))
MORE_PAST: Final = _MORE.replace("%s", _PAST.replace("%s", "100"))

# Reading checks takes permissions of its own, so they are not part of what every run asks for.
_CHECKS: Final = """
query Checks($owner: String!, $name: String!, $commit: GitObjectID!, $after: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $commit) {
      ... on Commit {
        statusCheckRollup {
          contexts(first: 100, after: $after) {
            nodes {
              __typename
              ... on CheckRun { name status conclusion %s }
              ... on StatusContext { context state }
            }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
  }
}
"""
# Which run of which workflow a check is of takes one permission more (actions: read) than the check itself.
CHECKS_BY_RUN: Final = _CHECKS.replace(
    "%s", "startedAt checkSuite { app { slug } workflowRun { id event workflow { id } } }"
)
CHECKS: Final = _CHECKS.replace("%s", "")

ARM: Final = """
mutation Arm($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""

DISARM: Final = """
mutation Disarm($input: DisablePullRequestAutoMergeInput!) {
  disablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""

# From the newest back: a page holds 100, and what we said may stand before all that was said since.
COMMENTS: Final = """
query Comments($owner: String!, $name: String!, $number: Int!, $before: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(last: 100, before: $before) {
        nodes { id body author { login } }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
}
"""

DELETE_COMMENT: Final = """
mutation DeleteComment($input: DeleteIssueCommentInput!) { deleteIssueComment(input: $input) { clientMutationId } }
"""

UPDATE_REFS: Final = """
mutation UpdateRefs($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }
"""


def blobs(ids: Sequence[str]) -> str:
    """Return a query for the text of blobs; the alias of the n-th is `b<n>`. `ids` are hex, checked by the caller."""
    asked = "\n".join(
        f'    b{position}: object(oid: "{blob}") {{ ... on Blob {{ text isBinary isTruncated }} }}'
        for position, blob in enumerate(ids)
    )
    return (
        "query Blobs($owner: String!, $name: String!) {\n"
        f"  repository(owner: $owner, name: $name) {{\n{asked}\n  }}\n}}"
    )
