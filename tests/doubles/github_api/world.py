"""Everything that the double knows: repositories, tokens, the time; and one call, ready to be answered."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from tests.doubles.github_api.access import App, Token
from tests.doubles.github_api.repository import Refused, Repository, utc_now
from tests.doubles.github_api.wire import Json

HTML = "https://github.com"


@dataclass(kw_only=True)
class World:
    """The state behind the server. `lock` guards all of it; requests are answered one at a time."""

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    """By `owner/name` in lower case: GitHub's names are case-insensitive."""
    tokens: dict[str, Token] = field(default_factory=dict)
    apps: list[App] = field(default_factory=list)
    clock: Callable[[], datetime] = utc_now
    lock: threading.RLock = field(default_factory=threading.RLock)

    def repository(self, full_name: str) -> Repository:
        """The repository of that name; a refusal when there is none."""
        found = self.repositories.get(full_name.lower())
        if found is None:
            raise Refused(404, "Not Found", kind="NOT_FOUND")
        return found


@dataclass(frozen=True, kw_only=True)
class Call:
    """One REST request whose operation, parameters and token are known."""

    world: World
    token: Token | None
    path: str
    place: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    app: App | None = None
    """Who signed, where an App asks as itself."""

    @property
    def signer(self) -> App:
        """The App that asks as itself."""
        assert self.app is not None
        return self.app

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        return self.world.repository(f"{self.place['owner']}/{self.place['repo']}")

    @property
    def login(self) -> str:
        """Who asks."""
        return self.token.login if self.token else "nobody"

    def text(self, name: str, default: str = "") -> str:
        """A string of the body; null counts as absent."""
        value = self.body.get(name)
        return value if isinstance(value, str) else default

    def texts(self, name: str) -> list[str]:
        """A list of strings of the body."""
        value = self.body.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []

    def slice(self, total: int, *, size: int = 30, most: int = 100) -> tuple[slice, Mapping[str, str]]:
        """Which items the asked page holds, and the Link header.

        https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = min(int(self.query.get("per_page", size)), most) or size
        page = max(int(self.query.get("page", 1)), 1)
        last = max(-(-total // size), 1)
        targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        links = [
            f'<{self.world.url}{self.path}?{urlencode({**self.query, "page": number})}>; rel="{relation}"'
            for relation, number in targets.items()
            if 1 <= number <= last and number != page and not (relation == "last" and page == last)
        ]
        return slice((page - 1) * size, page * size), {"Link": ", ".join(links)} if links else {}
