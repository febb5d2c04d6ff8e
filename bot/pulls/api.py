"""One repository's part of the GitHub API, REST and GraphQL, as JSON. What may be sent twice is known here."""

from collections.abc import Mapping

from bot.errors import Outage
from bot.pulls.access import Access, Pace
from bot.pulls.exchange import Answer
from bot.pulls.session import Session


class Api:
    """Requests to one repository's part of the API. Paths are relative to `/repos/{owner}/{name}`."""

    def __init__(self, access: Access, repository: str, *, pace: Pace) -> None:
        """Open no connection yet."""
        self.repository = repository
        self.owner, _, self.name = repository.partition("/")
        self._session = Session(access, pace=pace)

    def get(self, path: str) -> object:
        """GET one object."""
        return self.answer(path).body

    def answer(self, path: str) -> Answer:
        """GET one object, with the headers that came with it."""
        return self._rest("GET", path, None)

    def write(self, verb: str, path: str, body: Mapping[str, object]) -> object:
        """Send a request that must not be repeated blindly."""
        return self._rest(verb, path, body).body

    def remove(self, path: str) -> None:
        """DELETE one object; that it is gone already is what was asked for."""
        self._session.ask(
            "DELETE",
            f"/repos/{self.repository}{path}",
            subject=self.repository,
            what=f"DELETE {path}",
            absent=True,
        )

    def store(self, path: str, body: Mapping[str, object]) -> object:
        """POST content that is addressed by its hash, which may be sent twice."""
        return self._rest("POST", path, body, repeatable=True).body

    def query(self, text: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a GraphQL query and return its `data`."""
        return self._graphql("GraphQL query", text, variables, repeatable=True)

    def mutate(self, text: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a GraphQL mutation and return its `data`."""
        return self._graphql("GraphQL mutation", text, variables)

    def _rest(self, verb: str, path: str, body: object, *, repeatable: bool = False) -> Answer:
        url, what = f"/repos/{self.repository}{path}", f"{verb} {path}"
        return self._session.ask(verb, url, body, subject=self.repository, what=what, repeatable=repeatable)

    def _graphql(
        self, what: str, text: str, variables: Mapping[str, object], *, repeatable: bool = False
    ) -> Mapping[str, object]:
        body = {"query": text, "variables": dict(variables)}
        answer = self._session.ask(
            "POST", self._session.graphql, body, subject=self.repository, what=what, repeatable=repeatable
        ).body
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict):
            raise Outage(f"{self.repository}: GitHub answered without data; try again later")
        return data
