"""The GitOps repository at GitHub: the state of one moment, files by blob id, and the actions on a pull request."""

import base64
import binascii
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.errors import Outage, PublishError
from bot.log import logger
from bot.planning.snapshot import Entry, blob_id
from bot.proposal.change import Change
from bot.proposal.converge import Action
from bot.proposal.marker import Words
from bot.proposal.observed import NO_CHECKS, Checks, Commit, Observed, Past, PullRequest, declined
from bot.proposal.outcome import Outcome
from bot.pulls import answers
from bot.pulls.access import Access, Pace
from bot.pulls.api import Api
from bot.pulls.checks import Context, contexts, verdicts
from bot.pulls.publisher import Publisher
from bot.pulls.queries import CHECKS, CHECKS_BY_RUN, MORE_OPEN, MORE_PAST, OBSERVE, blobs
from bot.pulls.refs import Refs

_BATCH: Final = 500
_LEAST: Final = 50
_MOST_PAGES: Final = 5


class GitHubRepository:
    """One repository, one base branch. Every method asks GitHub; it remembers ids, and the file asked for ahead."""

    def __init__(
        self,
        access: Access,
        repository: str,
        *,
        base: str | None,
        pace: Pace,
        on_disk: Path | None = None,
    ) -> None:
        """`on_disk` is a checkout whose files are used where their blob id is the tree's."""
        self._api = Api(access, repository, pace=pace)
        self._base = base
        self._on_disk = on_disk
        self._differing: set[str] = set()
        self._refs = Refs(self._api)
        self._ahead: dict[str, bytes] = {}

    @property
    def base(self) -> str:
        """The name of base; where none was given, the default branch's, once it has been observed."""
        return self._base or "the default branch"

    def rebase(self, name: str) -> None:
        """From now on take this branch for base."""
        self._base = name

    @property
    def differing(self) -> tuple[str, ...]:
        """The files that were asked for, and are on disk with other content, which was not used."""
        return tuple(sorted(self._differing))

    def observe(self, branch: str, *, ahead: str = "") -> Observed:
        """Return the heads of base and `branch` and the open pull request, all of one moment, with one request.

        The file at the path `ahead`, which is wanted next, comes with it.
        """
        asked = {"owner": self._api.owner, "name": self._api.name, "head": branch}
        if self._base:
            asked["onto"] = self._base
        variables = {
            **asked,
            "base": f"refs/heads/{self._base or 'HEAD'}",
            "branch": f"refs/heads/{branch}",
            "ahead": f"{self._base or 'HEAD'}:{ahead}",
        }
        found = self._api.query(OBSERVE, variables).get("repository")
        if found is None:
            raise PublishError(f"{self._api.repository}: not found; check the name, and that the token sees it")
        repository = answers.mapping(found, "repository")
        if answers.field(repository, "isArchived"):
            raise PublishError(f"{self._api.repository}: archived, so nothing can be written; unarchive it")
        self._refs.repository_id = answers.text(answers.field(repository, "id"), "repository.id")
        self._keep(repository.get("ahead"))
        ref = answers.field(repository, "base" if self._base else "defaultBranchRef")
        if ref is None:
            raise PublishError(f"{self._api.repository}: has no branch {self._base or 'at all'}; check gitops.base")
        self._base = answers.text(answers.field(ref, "name"), "base.name")
        head = answers.head_of(ref)
        if head is None:
            raise PublishError(f"{self._api.repository}: {self._base} has no commit yet")
        return Observed(
            base=head,
            branch=answers.head_of(answers.field(repository, "branch")),
            pull_request=self._open(repository, asked),
            declined=declined(self._past(repository, asked)),
            arms=answers.field(repository, "autoMergeAllowed") is True,
        )

    def _open(self, repository: answers.Object, asked: Mapping[str, str]) -> PullRequest | None:
        """Return our open pull request, from the first page that has it."""
        home, base = answers.text(answers.field(repository, "nameWithOwner"), "nameWithOwner"), self.base
        for nodes in self._pages(repository, "pullRequests", MORE_OPEN, asked):
            if found := answers.own_pull_request(nodes, repository=home, base=base):
                return found
        return None

    def _past(self, repository: answers.Object, asked: Mapping[str, str]) -> tuple[Past, ...]:
        """Return our pull requests that were closed, until none that comes later can be newer."""
        home, base = answers.text(answers.field(repository, "nameWithOwner"), "nameWithOwner"), self.base
        found: list[Past] = []
        for nodes in self._pages(repository, "past", MORE_PAST, asked):
            found += answers.past(nodes, repository=home, base=base)
            if answers.is_settled(nodes, repository=home, base=base):
                break
        return tuple(found)

    def _pages(self, repository: answers.Object, field: str, more: str, asked: Mapping[str, str]) -> Iterator[object]:
        """Yield the pull requests from branches of this name: the first page, then, while asked for, others."""
        page = answers.field(repository, field)
        yield answers.field(page, "nodes")
        for _ in range(_MOST_PAGES):
            if answers.field(page, "pageInfo", "hasNextPage") is not True:
                return
            after = answers.text(answers.field(page, "pageInfo", "endCursor"), "endCursor")
            page = answers.field(self._api.query(more, {**asked, "after": after}), "repository", field)
            yield answers.field(page, "nodes")

    def commit(self, sha: str) -> Commit:
        """Read one commit."""
        return answers.rest_commit(self._api.get(f"/git/commits/{sha}"))

    def merge_base(self, base: str, head: str) -> str | None:
        """Return the newest commit that both have in their history."""
        answer = self._api.get(f"/compare/{base}...{head}?per_page=1")
        return answers.sha(answers.field(answer, "merge_base_commit", "sha"), "merge base")

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file and submodule of a tree or commit with one request."""
        return answers.entries(self._api.get(f"/git/trees/{tree}?recursive=1"))

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Return blobs, each proven by its id: from disk where the bytes are the same, the others from GitHub."""
        found = {entry.path: content for entry in entries if (content := self._local(entry)) is not None}
        missing = [entry for entry in entries if entry.path not in found]
        for start in range(0, len(missing), _BATCH):
            found.update(self._fetched(missing[start : start + _BATCH]))
        return found

    def checks(self, commit: str) -> Checks:
        """Return what became of every check on `commit`; nothing when the token may not read them.

        Where it may not read the runs that they are of, an older run of a workflow counts as much as a newer one.
        """
        for query, level in ((CHECKS_BY_RUN, logging.INFO), (CHECKS, logging.WARNING)):
            try:
                return verdicts(self._contexts(query, commit))
            except PublishError as error:
                logger().log(level, "checks_not_readable", detail=str(error))
        return NO_CHECKS

    def _contexts(self, query: str, commit: str) -> list[Context]:
        found: list[Context] = []
        after: str | None = None
        while True:
            variables = {"owner": self._api.owner, "name": self._api.name, "commit": commit, "after": after}
            rollup = answers.field(self._api.query(query, variables), "repository", "object", "statusCheckRollup")
            if rollup is None:
                return found
            page = answers.field(rollup, "contexts")
            found += contexts(answers.field(page, "nodes"))
            if answers.field(page, "pageInfo", "hasNextPage") is not True:
                return found
            after = answers.text(answers.field(page, "pageInfo", "endCursor"), "endCursor")

    def publish(self, action: Action, change: Change, words: Words) -> Outcome:
        """Carry out `action`; raises `RaceLost` when the branch moved meanwhile."""
        return Publisher(self._api, self._refs, base=self.base).publish(action, change, words)

    def _keep(self, blob: object) -> None:
        """Keep a blob's text by the id that it hashes to, so that it serves only where that very blob is asked for."""
        text = blob.get("text") if isinstance(blob, dict) else None
        if isinstance(text, str):
            content = text.encode()
            self._ahead = {blob_id(content): content}

    def _local(self, entry: Entry) -> bytes | None:
        if self._on_disk is None:
            return self._ahead.get(entry.blob)
        place = self._on_disk / entry.path
        try:
            content = place.read_bytes()
        except (OSError, ValueError):
            return self._ahead.get(entry.blob)
        if blob_id(content) == entry.blob:
            return content
        self._differing.add(entry.path)
        return self._ahead.get(entry.blob)

    def _fetched(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Fetch blobs with one request; where GitHub fails over so many, in halves."""
        variables = {"owner": self._api.owner, "name": self._api.name}
        try:
            data = self._api.query(blobs([entry.blob for entry in entries]), variables)
        except Outage:
            if len(entries) <= _LEAST:
                raise
            half = len(entries) // 2
            return {**self._fetched(entries[:half]), **self._fetched(entries[half:])}
        found = answers.mapping(answers.field(data, "repository"), "repository")
        return {entry.path: self._proven(entry, found.get(f"b{position}")) for position, entry in enumerate(entries)}

    def _proven(self, entry: Entry, blob: object) -> bytes:
        text = blob.get("text") if isinstance(blob, dict) else None
        content = text.encode() if isinstance(text, str) else b""
        if blob_id(content) == entry.blob:
            return content
        # GraphQL gives text only, and cuts it: what is not UTF-8, or large, comes whole from the REST API.
        answer = self._api.get(f"/git/blobs/{entry.blob}")
        try:
            content = base64.b64decode(answers.text(answers.field(answer, "content"), "blob"))
        except binascii.Error as error:
            raise Outage(f"GitHub: {entry.path} is not base64 in its answer; try again later") from error
        if blob_id(content) != entry.blob:
            raise Outage(f"GitHub: {entry.path} does not hash to its blob {entry.blob}; try again later")
        return content
