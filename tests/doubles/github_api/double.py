"""`GitHubDouble`: what a test holds in its hand. People's deeds are methods; the API is at `url`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.doubles.github_api import pulls
from tests.doubles.github_api.access import App, Token
from tests.doubles.github_api.git import BareRepository
from tests.doubles.github_api.repository import CheckRun, Conclusion, Method, PullRequest, Repository, Settings
from tests.doubles.github_api.server import Line, Server
from tests.doubles.github_api.wire import Faults, Request

APP, ACTIONS, PERSON = "app-token", "actions-token", "person-token"


class GitHubDouble:
    """GitHub with one repository (`add_repository` makes more), served on loopback. Use it as a context manager.

    Leaving it raises AssertionError when anything violated GitHub's description, also when the client hid the HTTP 500.
    """

    def __init__(self, folder: Path, full_name: str = "acme/gitops") -> None:
        self._folder = folder
        self._line = Line()
        self._world = self._line.world
        self.tokens.update(
            {
                APP: Token(login="bump[bot]", kind="app"),
                ACTIONS: Token(login="github-actions[bot]", kind="actions", repositories=frozenset({full_name})),
                PERSON: Token(login="person", kind="classic"),
            }
        )
        self.repository = self.add_repository(full_name)
        self._server = Server(self._line)
        self._world.url = self._server.url

    # The server

    @property
    def url(self) -> str:
        """The base URL of the API, without a slash at the end; GraphQL is at `<url>/graphql`."""
        return self._server.url

    @property
    def requests(self) -> list[Request]:
        """Every request so far; clear it to start counting anew."""
        return self._line.requests

    @property
    def writes(self) -> list[Request]:
        """The REST writes and GraphQL mutations among the requests."""
        return [request for request in self.requests if request.is_write]

    @property
    def violations(self) -> list[str]:
        """What GitHub's own description was against; each was answered with HTTP 500."""
        return self._line.violations

    @property
    def faults(self) -> Faults:
        """Asked at each request whether the line breaks there; see `on_write`, `on_operation`, `queue`."""
        return self._line.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._line.faults = faults

    @property
    def before(self) -> Callable[[Request], object]:
        """Called before each request is carried out, outside of the lock: a person may do something in between."""
        return self._line.before

    @before.setter
    def before(self, hook: Callable[[Request], object]) -> None:
        self._line.before = hook

    @property
    def tokens(self) -> dict[str, Token]:
        """Token → who and what may be done; change it at any time."""
        return self._world.tokens

    def install(self, *repositories: str, id: str = "4711") -> App:  # noqa: A002 - what GitHub calls it
        """Install an App on repositories; its key is `apps.private_pem()`. Change what it is given at any time."""
        number = 100 + len(self._world.apps)
        app = App(id=id, installation_id=number, repositories=frozenset(repositories))
        self._world.apps.append(app)
        return app

    def set_clock(self, clock: Callable[[], datetime]) -> None:
        """Let all repositories take the time from there; whole seconds, UTC."""
        self._world.clock = clock
        for repository in self._world.repositories.values():
            repository.clock = clock

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
        for repository in self._world.repositories.values():
            repository.git.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        if error is None and self.violations:
            raise AssertionError("GitHub's description was violated:\n" + "\n".join(self.violations))

    # Repositories

    def add_repository(self, full_name: str, *, private: bool = False) -> Repository:
        """Make another repository, empty."""
        owner, _, name = full_name.partition("/")
        git = BareRepository(self._folder / owner / f"{name}.git")
        number = len(self._world.repositories) + 1
        clock = self._world.clock
        made = Repository(owner=owner, name=name, id=number, git=git, settings=Settings(private=private), clock=clock)
        self._world.repositories[full_name.lower()] = made
        return made

    @property
    def settings(self) -> Settings:
        """The settings of the first repository."""
        return self.repository.settings

    @property
    def bare(self) -> Path:
        """The first repository's folder: a path that git can clone."""
        return self.repository.git.path

    @property
    def clone_url(self) -> str:
        """The same as a URL."""
        return self.bare.as_uri()

    def _at(self, full_name: str | None) -> Repository:
        return self.repository if full_name is None else self._world.repository(full_name)

    def seed(self, files: Mapping[str, bytes], message: str = "seed", *, repository: str | None = None) -> str:
        """Commit files on the default branch, as a person; gives the commit."""
        return self.commit(self._at(repository).settings.default_branch, files, message, repository=repository)

    def commit(
        self,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str = "a person's commit",
        *,
        author: str = "person",
        executable: frozenset[str] = frozenset(),
        links: frozenset[str] = frozenset(),
        repository: str | None = None,
    ) -> str:
        """Commit files (None deletes) on a branch, as a push does; gives the commit.

        A branch that does not exist starts at the default branch. Modes stay; `executable` names paths that get 100755,
        `links` those that are symbolic links.
        """
        with self._world.lock:
            it = self._at(repository)
            parent = it.git.head(branch) or it.git.head(it.settings.default_branch)
            tree = it.git.commit(parent).tree if parent else None
            modes = {entry.path: entry.mode for entry in it.git.entries(tree, recursive=True)} if tree else {}
            modes |= dict.fromkeys(executable, "100755") | dict.fromkeys(links, "120000")
            kept = {path: content for path, content in files.items() if content is not None}
            oids = dict(zip(kept, it.git.write_blobs(list(kept.values())), strict=True))
            edits = {path: (modes.get(path, "100644"), oids[path]) if path in oids else None for path in files}
            new = it.git.write_commit(
                tree=it.git.write_tree(tree, edits),
                parents=[parent] if parent else [],
                author=it.signature(author),
                committer=it.signature(author),
                message=message,
            )
            it.move_branch(branch, new)
            return new

    def push(self, branch: str, commit: str, *, repository: str | None = None) -> None:
        """Point a branch at a commit, by force: what a person's force-push or a restored branch does."""
        with self._world.lock:
            self._at(repository).move_branch(branch, commit)

    def delete_branch(self, branch: str, *, repository: str | None = None) -> None:
        """Delete a branch, as the button does; its open pull request closes."""
        with self._world.lock:
            pulls.delete_branch(self._at(repository), branch)

    def head(self, branch: str = "main", *, repository: str | None = None) -> str | None:
        """The commit at a branch's head, or None."""
        with self._world.lock:
            return self._at(repository).git.head(branch)

    def message(self, ref: str, *, repository: str | None = None) -> str:
        """The message of the commit at a branch or id."""
        with self._world.lock:
            it = self._at(repository)
            return it.commit(it.git.head(ref) or ref).message

    def read(self, ref: str, path: str, *, repository: str | None = None) -> bytes:
        """The bytes of a file at a branch or commit; KeyError when it is not there."""
        with self._world.lock:
            it = self._at(repository)
            tree = it.commit(it.git.head(ref) or ref).tree
            for entry in it.git.entries(tree, recursive=True):
                if entry.path == path and (found := it.git.read(entry.oid)):
                    return found.data
        raise KeyError(path)

    def files(self, ref: str = "main", *, repository: str | None = None) -> dict[str, str]:
        """path → mode and blob id (`100644 <id>`) of every file at a branch or commit."""
        with self._world.lock:
            it = self._at(repository)
            tree = it.commit(it.git.head(ref) or ref).tree
            entries = it.git.entries(tree, recursive=True)
        return {entry.path: f"{entry.mode} {entry.oid}" for entry in entries if entry.kind != "tree"}

    # Pull requests, of the first repository

    @property
    def pulls(self) -> list[PullRequest]:
        """Every pull request, oldest first. Change `review`, `labels`, `in_merge_queue` and such directly."""
        return self.repository.pulls

    def pull(self, number: int) -> PullRequest:
        """The pull request of that number."""
        return self.repository.pull(number)

    def open(
        self, branch: str, title: str, *, base: str = "main", body: str = "", author: str = "person"
    ) -> PullRequest:
        """A person opens a pull request from a branch of the repository."""
        with self._world.lock:
            return pulls.open_pull(self.repository, head=branch, base=base, title=title, body=body, author=author)

    def open_from_fork(self, fork: str, branch: str, commit: str, title: str, *, author: str = "person") -> PullRequest:
        """Somebody opens one from a fork (`person/gitops`), whose branch may bear any name, ours too."""
        with self._world.lock:
            now, number = self.repository.clock(), len(self.pulls) + 1
            made = PullRequest(
                number=number,
                title=title,
                body="",
                author=author,
                head_branch=branch,
                base_branch=self.settings.default_branch,
                head_repository=fork,
                head_sha=commit,
                created_at=now,
                updated_at=now,
            )
            self.pulls.append(made)
            return made

    def merge(self, number: int, method: Method = "squash", *, by: str = "person") -> str:
        """A person merges, whatever stands in the way; gives the merge commit."""
        with self._world.lock:
            return pulls.merge(self.repository, self.pull(number), method=method, by=by)

    def fire_auto_merge(self, number: int) -> str:
        """GitHub merges an armed pull request, as armed; that its time has come is the test's word."""
        with self._world.lock:
            pull = self.pull(number)
            armed = pull.auto_merge
            assert armed is not None, f"#{number} is not armed"
            return pulls.merge(
                self.repository,
                pull,
                method=armed.method,
                by=armed.actor,
                headline=armed.headline,
                body=armed.body,
            )

    def close_pull(self, number: int) -> None:
        """A person closes it without merging."""
        with self._world.lock:
            self.repository.close(self.pull(number))

    def reopen(self, number: int) -> None:
        """A person opens it again; Refused where GitHub would not."""
        with self._world.lock:
            pulls.reopen(self.repository, self.pull(number))

    def update_branch_button(
        self, number: int, method: Literal["merge", "rebase"] = "merge", *, by: str = "person"
    ) -> None:
        """A person presses 'Update branch'."""
        with self._world.lock:
            pulls.update_branch(self.repository, self.pull(number), method=method, by=by)

    def check(
        self,
        commit: str,
        name: str,
        conclusion: Conclusion,
        *,
        app: str = "github-actions",
        workflow: str = "checks",
        event: str = "pull_request",
        run: int = 1,
    ) -> None:
        """A check run on a commit ends, or starts (`pending`); it takes the place of the same one before."""
        it = self.repository
        new = CheckRun(
            name=name, conclusion=conclusion, started_at=it.clock(), app=app, workflow=workflow, event=event, run=run
        )

        def same(old: CheckRun) -> bool:
            return replace(old, conclusion=new.conclusion, started_at=new.started_at) == new

        it.checks[commit] = [*(old for old in it.checks.get(commit, []) if not same(old)), new]
