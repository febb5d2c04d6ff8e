"""A local git repository as a place for proposals: reads at a commit, writes a branch by plumbing.

HEAD, the index and the files on disk are never touched; a branch moves only from where it was seen, and never while
it is checked out.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import assert_never

from bot.checkout.git import Git
from bot.errors import CheckoutError, RaceLost
from bot.planning.snapshot import Entry
from bot.proposal.change import Change
from bot.proposal.converge import Action, Blocked, CatchUp, Close, Create, Leave, Merge, Update, Wait
from bot.proposal.marker import Words
from bot.proposal.observed import NO_CHECKS, Checks, Commit, Observed
from bot.proposal.outcome import Done, Outcome
from bot.report.commit import message


class LocalRepository:
    """The repository that `root` is a checkout of. Proposals are branches; there are no pull requests."""

    def __init__(self, root: Path, *, base: str | None, environ: Mapping[str, str] | None = None) -> None:
        """`base` is a local branch; None means whatever is checked out. `environ` is git's, None the process's."""
        self._git = Git(root, environ)
        self._named = base
        self._base = f"refs/heads/{base}" if base else "HEAD"

    @property
    def base(self) -> str:
        """The name of the branch that is base, or HEAD where none is checked out."""
        there = self._base if self._base != "HEAD" else self._git.maybe("symbolic-ref", "--quiet", "HEAD")
        return (there or "HEAD").removeprefix("refs/heads/")

    def rebase(self, name: str) -> None:
        """From now on take this local branch for base."""
        self._named = name
        self._base = f"refs/heads/{name}"

    def observe(self, branch: str, *, ahead: str = "") -> Observed:  # noqa: ARG002 - nothing is far away here
        """Return the head of base and of `branch`; raises `CheckoutError` when there is no base."""
        self._check_base(branch)
        base = self._head(self._base)
        if base is None:
            raise self._baseless()
        return Observed(base=base, branch=self._head(f"refs/heads/{branch}"), pull_request=None)

    def commit(self, sha: str) -> Commit:
        """Read one commit."""
        header, _, text = self._git.run("cat-file", "commit", sha).decode("utf-8", "replace").partition("\n\n")
        fields = [line.partition(" ") for line in header.splitlines()]
        tree = next(value for name, _, value in fields if name == "tree")
        parents = tuple(value for name, _, value in fields if name == "parent")
        return Commit(sha=sha, tree=tree, parents=parents, message=text)

    def merge_base(self, base: str, head: str) -> str | None:
        """Return the newest commit that both have in their history, or None."""
        return self._git.maybe("merge-base", base, head)

    def checks(self, commit: str) -> Checks:  # noqa: ARG002 - as at GitHub
        """Nobody checks a local branch."""
        return NO_CHECKS

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """Return every file and submodule of a tree or commit."""
        found: dict[str, Entry] = {}
        for record in self._git.run("ls-tree", "-r", "-z", "--full-tree", tree).decode("utf-8", "replace").split("\0"):
            facts, tab, path = record.partition("\t")
            if tab:
                mode, _, blob = facts.split(" ")
                found[path] = Entry(path=path, mode=mode, blob=blob)
        return found

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """Read blobs, all with one process."""
        if not entries:
            return {}
        asked = "".join(f"{entry.blob}\n" for entry in entries).encode()
        answer = self._git.run("cat-file", "--batch", content=asked)
        found: dict[str, bytes] = {}
        at = 0
        for entry in entries:
            end = answer.index(b"\n", at)
            fields = answer[at:end].split(b" ")
            if fields[1:2] != [b"blob"]:
                raise CheckoutError(f"{entry.path}: the object {entry.blob} is not here; fetch the whole history")
            start, size = end + 1, int(fields[2])
            found[entry.path] = answer[start : start + size]
            at = start + size + 1
        return found

    def publish(self, action: Action, change: Change, words: Words) -> Outcome:  # noqa: ARG002 - no body without a pull request
        """Carry out `action` on the local branch; raises `RaceLost` when it moved meanwhile."""
        ref = f"refs/heads/{change.branch}"
        match action:
            case Create(replaces=replaces) | Update(replaces=replaces):
                sha = self._write(change)
                self._move(ref, before=replaces, after=sha)
                done = Done.UPDATED if replaces else Done.CREATED
                return Outcome(action=done, branch=change.branch, head=sha)
            case Close(head=head):
                self._move(ref, before=head, after=None)
                return Outcome(action=Done.CLOSED, branch=change.branch)
            case Leave(head=head):
                done = Done.UNCHANGED if head and change.files else Done.NONE
                return Outcome(action=done, branch=change.branch, head=head)
            case Blocked(head=head):
                warning = f"{change.branch}: holds a person's commit; merge or delete that branch, then run again"
                return Outcome(action=Done.BLOCKED, branch=change.branch, head=head, warnings=(warning,))
            case Wait() | CatchUp() | Merge():
                raise AssertionError("a branch alone is never armed, behind or queued")
            case _:
                assert_never(action)

    def _baseless(self) -> CheckoutError:
        """Say why there is nothing to build upon."""
        if self._git.maybe("rev-parse", "--git-dir") is None:
            return CheckoutError(
                f"{self._git.root}: not a git repository; go to the checkout, give --root, or use --into files"
            )
        if self._named is None or self._head("HEAD") is None:
            return CheckoutError(f"{self._git.root}: no commit yet; commit the files first, or use --into files")
        advice = f"correct it, or git fetch origin {self._named}:{self._named}"
        return CheckoutError(f"gitops.base: no local branch {self._named!r}; {advice}")

    def _check_base(self, branch: str) -> None:
        """A proposal that is checked out would be compared with itself, found merged, and deleted under HEAD."""
        if self._base == "HEAD" and self.base.startswith(f"{branch.rpartition('/')[0]}/"):
            raise CheckoutError(
                f"{self.base} is checked out, a branch of proposals; set gitops.base, or check out the base"
            )

    def _head(self, ref: str) -> Commit | None:
        sha = self._git.maybe("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return self.commit(sha) if sha else None

    def _write(self, change: Change) -> str:
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git.run("read-tree", change.base.tree, environ=index)
            lines = [
                f"{change.modes[path]} {self._blob(change.files[path])}\t{path}\0" for path in sorted(change.files)
            ]
            self._git.run("update-index", "-z", "--index-info", content="".join(lines).encode(), environ=index)
            tree = self._git.run("write-tree", environ=index).decode().strip()
        text = message(change, tree).encode()
        command = ("commit-tree", tree, "-p", change.base.sha)
        return self._git.run(*command, content=text, environ=self._identity()).decode().strip()

    def _identity(self) -> Mapping[str, str]:
        """Sign as whoever works here; a fresh machine or a container knows nobody, and git would refuse to commit."""
        names = {"AUTHOR", "COMMITTER"}
        unknown = [name for name in names if self._git.maybe("var", f"GIT_{name}_IDENT") is None]
        return {
            f"GIT_{name}_{part}": value
            for name in unknown
            for part, value in (("NAME", "bump"), ("EMAIL", "bump@localhost"))
        }

    def _blob(self, content: bytes) -> str:
        command = ("hash-object", "-w", "-t", "blob", "--no-filters", "--stdin")
        return self._git.run(*command, content=content).decode().strip()

    def _move(self, ref: str, *, before: str | None, after: str | None) -> None:
        """Point `ref` from `before` (None: it must not exist) at `after` (None: delete it); raises `RaceLost`."""
        if place := self._checked_out(ref):
            name = ref.removeprefix("refs/heads/")
            raise CheckoutError(f"{name}: checked out in {place}; check out another branch there, then run again")
        if after is None:
            line = f"delete {ref} {before}\n"
        else:
            line = f"update {ref} {after} {before}\n" if before else f"create {ref} {after}\n"
        try:
            self._git.run("update-ref", "--stdin", content=line.encode())
        except CheckoutError as error:
            if self._git.maybe("rev-parse", "--verify", "--quiet", ref) == before:
                raise  # nobody moved it: a branch or a lock file is in the way, and git says which
            raise RaceLost(f"{ref.removeprefix('refs/heads/')}: moved while bump was running") from error

    def _checked_out(self, ref: str) -> str | None:
        """Return the folder of the worktree, this or another, whose branch is `ref`, or None."""
        # Without -z, which needs git 2.36: the path is only told, and no branch name holds a line break.
        listed = self._git.run("worktree", "list", "--porcelain").decode("utf-8", "replace")
        for worktree in listed.split("\n\n"):
            facts = worktree.split("\n")
            if f"branch {ref}" in facts:
                return facts[0].removeprefix("worktree ")
        return None
