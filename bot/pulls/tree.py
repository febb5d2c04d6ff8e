"""Writes one commit through the Git data API: trees with inline content, no clone.

Author and committer stay unset, so that GitHub signs for an App or GITHUB_TOKEN.
Source: https://docs.github.com/en/rest/git/commits#create-a-commit
"""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.proposal.change import Change
from bot.pulls import answers
from bot.pulls.api import Api
from bot.report.commit import message

_CHUNK: Final = 5_000_000


def write_commit(api: Api, change: Change) -> tuple[str, str]:
    """Store the tree and the commit of `change`, and return the commit's id and message; no ref is moved."""
    tree = change.base.tree
    for chunk in _chunks(change):
        answer = api.store("/git/trees", {"base_tree": tree, "tree": chunk})
        tree = answers.sha(answers.field(answer, "sha"), "tree")
    words = message(change, tree)
    body = {"message": words, "tree": tree, "parents": [change.base.sha]}
    return answers.sha(answers.field(api.store("/git/commits", body), "sha"), "commit"), words


def _chunks(change: Change) -> Iterator[list[Mapping[str, str]]]:
    """Split the files into requests of at most 5 MB of content each, in the order of paths."""
    chunk: list[Mapping[str, str]] = []
    size = 0
    for path in sorted(change.files):
        content = change.files[path]
        if chunk and size + len(content) > _CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append({"path": path, "mode": change.modes[path], "type": "blob", "content": content.decode("utf-8")})
        size += len(content)
    yield chunk
