"""Asks the double through PyGithub, without its pauses and retries. For the double's own tests."""

import github

from tests.doubles.github_api.double import APP, GitHubDouble

UPDATE_REFS = "mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


def client(double: GitHubDouble, token: str | None = APP) -> github.Github:
    """A client that asks at once and fails at once."""
    auth = github.Auth.Token(token) if token else None
    return github.Github(
        base_url=double.url, auth=auth, retry=None, seconds_between_requests=0, seconds_between_writes=0
    )


def query(api: github.Github, text: str, **variables: object) -> dict[str, dict[str, object]]:
    """The data of a GraphQL answer."""
    found: dict[str, dict[str, object]] = api.requester.graphql_query(text, variables)[1]["data"]
    return found


def update_refs(api: github.Github, *changes: tuple[str, str | None, str, bool]) -> None:
    """Move branches of the first repository: name, before, after, by force."""
    updates = [
        {"name": f"refs/heads/{branch}", "afterOid": new, "force": force} | ({"beforeOid": old} if old else {})
        for branch, old, new, force in changes
    ]
    query(api, UPDATE_REFS, input={"repositoryId": "R_1", "refUpdates": updates})
