"""A real bare git repository, driven by git's plumbing: objects, trees, commits, refs.

It knows nothing of pull requests or HTTP. Reads go through one long-lived `git cat-file`, so that a thousand blobs
cost a thousand reads and not a thousand processes.
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

ZERO = "0" * 40
Kind = Literal["blob", "tree", "commit", "tag"]
_KINDS: dict[str, Kind] = {"blob": "blob", "tree": "tree", "commit": "commit", "tag": "tag"}


class GitError(Exception):
    """git refused; the message is what it said."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object's kind and its raw bytes."""

    kind: Kind
    data: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote a commit, and when."""

    name: str
    email: str
    when: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Name <email> seconds zone` as it stands in a commit object."""
        who, _, rest = text.partition(" <")
        email, _, stamp = rest.partition("> ")
        return cls(who, email, datetime.fromtimestamp(int(stamp.split()[0]), UTC))

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {int(self.when.timestamp())} +0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit object, taken apart. `message` as stored."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree; `size` for blobs alone."""

    path: str
    mode: str
    kind: str
    oid: str
    size: int | None


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A ref and the value that it had and gets; None is 'does not exist'."""

    ref: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class FileChange:
    """What two trees differ in at one path, with the counts of added and removed lines."""

    path: str
    status: Literal["added", "removed", "modified"]
    oid: str
    added: int
    removed: int


class BareRepository:
    """Open a bare repository, made when it is not there. Not thread-safe: the caller holds a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not (path / "HEAD").exists():
            command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)]
            subprocess.run(command, check=True, env=_environment(), capture_output=True)
        self._reader = subprocess.Popen(
            ["git", "cat-file", "--batch-command", "--buffer"],
            cwd=path,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def close(self) -> None:
        """End the reading process."""
        self._reader.communicate()

    def run(self, *arguments: str, stdin: bytes = b"", index: Path | None = None) -> bytes:
        """Run git, and give back its standard output; raises GitError when it fails."""
        extra = {"GIT_INDEX_FILE": str(index)} if index else {}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=_environment() | extra,
            input=stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise GitError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    # Reading

    def _ask(self, command: str) -> list[bytes]:
        stdin, stdout = self._reader.stdin, self._reader.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{command}\nflush\n".encode())
        stdin.flush()
        return stdout.readline().split()

    def resolve(self, name: str) -> str | None:
        """The object id behind a ref or an id, or None."""
        if not name or any(character in name for character in " \n\t:^~"):
            return None
        answer = self._ask(f"info {name}")
        return answer[0].decode() if len(answer) == 3 else None

    def head(self, branch: str) -> str | None:
        """The commit that a branch points at."""
        return self.resolve(f"refs/heads/{branch}")

    def read(self, oid: str) -> GitObject | None:
        """The object behind a full id, or None."""
        if len(oid) != 40 or not set(oid) <= set("0123456789abcdef"):
            return None
        answer = self._ask(f"contents {oid}")
        if len(answer) != 3:
            return None
        assert self._reader.stdout is not None
        data = self._reader.stdout.read(int(answer[2]) + 1)
        return GitObject(_KINDS[answer[1].decode()], data[:-1])

    def commit(self, oid: str) -> Commit:
        """The commit behind a full id; KeyError when it is none."""
        found = self.read(oid)
        if found is None or found.kind != "commit":
            raise KeyError(oid)
        head, _, message = found.data.partition(b"\n\n")
        fields: dict[str, list[str]] = {}
        for line in head.decode().split("\n"):
            key, _, value = line.partition(" ")
            fields.setdefault(key, []).append(value)
        return Commit(
            oid=oid,
            tree=fields["tree"][0],
            parents=tuple(fields.get("parent", ())),
            author=Signature.parse(fields["author"][0]),
            committer=Signature.parse(fields["committer"][0]),
            message=message.decode(),
        )

    def entries(self, tree: str, *, recursive: bool = False) -> tuple[TreeEntry, ...]:
        """What a tree holds; recursive answers name the subtrees too, as GitHub's do."""
        options = ["-r", "-t"] if recursive else []
        lines = self.run("ls-tree", "-z", "-l", *options, tree).decode().split("\0")[:-1]
        found = []
        for line in lines:
            head, _, path = line.partition("\t")
            mode, kind, oid, size = head.split()
            found.append(TreeEntry(path, mode, kind, oid, None if size == "-" else int(size)))
        return tuple(found)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` holds `old`: what makes an update a fast-forward."""
        return old == new or not self.run("rev-list", "--max-count=1", old, f"^{new}")

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both hold, or None for unrelated histories."""
        try:
            return self.run("merge-base", one, other).decode().strip()
        except GitError:
            return None

    def between(self, base: str, head: str) -> tuple[str, ...]:
        """The commits of `head` that `base` does not hold, oldest first."""
        return tuple(self.run("rev-list", "--reverse", "--topo-order", f"{base}..{head}").decode().split())

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        """The files that differ between two commits or trees."""
        raw = self.run("diff-tree", "-r", "-z", "--no-renames", "--raw", "--numstat", base, head).decode().split("\0")
        status: dict[str, tuple[str, str]] = {}
        found = []
        fields = iter(raw[:-1])
        for field in fields:
            if field.startswith(":"):
                _, _, old, new, letter = field.split()
                status[next(fields)] = (letter, old if letter == "D" else new)
                continue
            added, removed, path = field.split("\t", 2)
            letter, oid = status[path]
            word: Literal["added", "removed", "modified"] = (
                "added" if letter == "A" else "removed" if letter == "D" else "modified"
            )
            found.append(FileChange(path, word, oid, *(0 if n == "-" else int(n) for n in (added, removed))))
        return tuple(found)

    # Writing

    def write_blobs(self, contents: Sequence[bytes]) -> tuple[str, ...]:
        """Store the bytes as blobs, in one process however many they are."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, str(number)) for number in range(len(contents))]
            for path, content in zip(paths, contents, strict=True):
                path.write_bytes(content)
            names = "".join(f"{path}\n" for path in paths).encode()
            return tuple(self.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names).decode().split())

    def write_tree(self, base: str | None, edits: Mapping[str, tuple[str, str] | None]) -> str:
        """Store a tree: `base` with `edits`, path → (mode, object id), or None to delete."""
        with tempfile.TemporaryDirectory() as folder:
            index = Path(folder, "index")
            self.run(*(("read-tree", base) if base else ("read-tree", "--empty")), index=index)
            lines = []
            for path, edit in edits.items():
                mode, oid = edit or ("0", ZERO)
                if mode == "040000":
                    lines += [f"{entry.mode} {entry.oid}\t{path}/{entry.path}" for entry in self._files(oid)]
                else:
                    lines.append(f"{mode} {oid}\t{path}")
            stdin = "".join(f"{line}\0" for line in lines).encode()
            self.run("update-index", "-z", "--index-info", stdin=stdin, index=index)
            return self.run("write-tree", index=index).decode().strip()

    def _files(self, tree: str) -> tuple[TreeEntry, ...]:
        return tuple(entry for entry in self.entries(tree, recursive=True) if entry.kind != "tree")

    def write_commit(
        self, *, tree: str, parents: Sequence[str], author: Signature, committer: Signature, message: str
    ) -> str:
        """Store a commit with the message exactly as given."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author}", f"committer {committer}", "", message]
        return (
            self.run("hash-object", "-t", "commit", "-w", "--stdin", stdin="\n".join(lines).encode()).decode().strip()
        )

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of merging two commits, or None on a conflict."""
        try:
            return (
                self.run("merge-tree", "--write-tree", "--allow-unrelated-histories", ours, theirs).decode().split()[0]
            )
        except GitError:
            return None

    def update_refs(self, updates: Sequence[RefUpdate]) -> None:
        """Move all refs or none, each only from its old value; raises GitError."""
        lines = ["start"]
        lines += [f"update {update.ref} {update.new or ZERO} {update.old or ZERO}" for update in updates]
        self.run("update-ref", "--stdin", stdin="\n".join([*lines, "prepare", "commit", ""]).encode())


def _environment() -> dict[str, str]:
    """git without the settings, hooks and identity of whoever runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
