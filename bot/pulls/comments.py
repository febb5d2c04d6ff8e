"""Says something on a pull request once, whoever else is about to say the same.

GitHub has no way to comment only where nobody has. So it is looked before and after: of several alike by the account
that our token belongs to the oldest stays, whichever run sees them. What people write is never taken away.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import PublishError
from bot.pulls import answers
from bot.pulls.api import Api
from bot.pulls.queries import COMMENTS, DELETE_COMMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comment:
    id: str
    body: str

    def says(self, words: str) -> bool:
        """Whether it says just that: nobody has added anything, and it is no quotation."""
        return self.body.replace("\r\n", "\n").strip() == words.strip()


def say_once(api: Api, number: int, words: str) -> None:
    """Comment, unless we did before, with the same marker (its first line)."""
    marker = words.partition("\n")[0]
    if any(marker in one.body for one in _ours(api, number)):
        return
    api.write("POST", f"/issues/{number}/comments", {"body": words})
    alike = [one for one in _ours(api, number) if marker in one.body]  # the newest first
    for one in alike[:-1]:
        if one.says(words):
            with suppress(PublishError):  # the other run was faster
                api.mutate(DELETE_COMMENT, {"input": {"id": one.id}})


def _ours(api: Api, number: int) -> Iterator[_Comment]:
    """Yield every comment by whom our token belongs to, the newest first."""
    before: str | None = None
    while True:
        variables = {"owner": api.owner, "name": api.name, "number": number, "before": before}
        data = api.query(COMMENTS, variables)
        # A bot's login ends in [bot] where it asks for its own, and nowhere else in GraphQL.
        ours = answers.text(answers.field(data, "viewer", "login"), "viewer").removesuffix("[bot]")
        page = answers.field(data, "repository", "pullRequest", "comments")
        for one in reversed(list(answers.items(answers.field(page, "nodes"), "comments"))):
            author = one.get("author")  # null once the account is gone
            if isinstance(author, dict) and author.get("login") == ours:
                yield _Comment(
                    id=answers.text(answers.field(one, "id"), "id"),
                    body=answers.text(answers.field(one, "body"), "body"),
                )
        if answers.field(page, "pageInfo", "hasPreviousPage") is not True:
            return
        before = answers.text(answers.field(page, "pageInfo", "startCursor"), "startCursor")
