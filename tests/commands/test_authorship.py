"""Whose a branch is, decided by content along the first parents, with a history that is a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from bot.commands.authorship import standing
from bot.planning.snapshot import FILE, Entry
from bot.proposal.observed import Commit, Observed, Ours, Persons
from bot.proposal.record import Bump, Record
from tests.builders import digest, repository


def sha(name: str) -> str:
    return name.encode().hex().ljust(40, "0")


@dataclass
class Table:
    """Commits by name, each with its files; base is a line of commits that ends in the newest one."""

    commits: dict[str, Commit] = field(default_factory=dict)
    files: dict[str, Mapping[str, str]] = field(default_factory=dict)
    fork: str = ""
    read: list[str] = field(default_factory=list)

    def add(self, name: str, files: Mapping[str, str], *parents: str, message: str = "a person's") -> Commit:
        made = Commit(
            sha=sha(name), tree=sha(f"t-{name}"), parents=tuple(sha(parent) for parent in parents), message=message
        )
        self.commits[made.sha] = made
        self.files[made.sha] = self.files[made.tree] = files
        return made

    def commit(self, sha: str) -> Commit:
        self.read.append(sha)
        return self.commits[sha]

    def merge_base(self, base: str, head: str) -> str | None:
        return self.fork

    def entries(self, tree: str) -> Mapping[str, Entry]:
        return {path: Entry(path=path, mode=FILE, blob=blob) for path, blob in self.files[tree].items()}

    def contents(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """A blob's id is its content."""
        return {entry.path: entry.blob.encode() for entry in entries}


def record_of(base: str, tree: str) -> Record:
    return Record(
        environment="dev",
        bumps=(Bump(repository("api"), digest("a"), digest("b")),),
        fingerprint="f1" * 20,
        base=sha(base),
        tree=sha(tree),
    )


def message(record: Record) -> str:
    return "\n".join(["bump(dev): api", "", *record.trailers()])


OURS = record_of("b0", "t-ours")


def clicked(times: int, **changed: str) -> tuple[Table, Observed]:
    """Our commit, and base merged into it again and again; `changed` is what the last merge has beside."""
    table = Table()
    table.add("b0", {"api": "old", "readme": "0"})
    table.add("ours", {"api": "new", "readme": "0"}, "b0", message=message(OURS))
    base, head = table.commits[sha("b0")], table.commits[sha("ours")]
    for number in range(1, times + 1):
        base = table.add(f"b{number}", {"api": "old", "readme": str(number)}, f"b{number - 1}")
        before = "ours" if number == 1 else f"m{number - 1}"
        files = {"api": "new", "readme": str(number), **(changed if number == times else {})}
        head = table.add(f"m{number}", files, before, f"b{number}")
    table.fork = base.sha
    return table, Observed(base=base, branch=head, pull_request=None)


@pytest.mark.parametrize("times", [0, 1, 2, 20])
def test_base_merged_into_ours_any_number_of_times_is_still_ours(times: int) -> None:
    table, observed = clicked(times)

    assert observed.branch is not None
    assert standing(observed, table) == Ours(head=observed.branch.sha, record=OURS, message=message(OURS))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("changed", [{"api": "mine"}, {"notes": "mine"}, {"readme": "mine"}], ids=str)
def test_a_persons_change_within_a_later_merge_is_a_persons(times: int, changed: dict[str, str]) -> None:
    table, observed = clicked(times, **changed)

    assert isinstance(standing(observed, table), Persons)


def test_base_merged_after_a_rebase_is_still_ours() -> None:
    table = Table()
    table.add("b0", {"api": "old", "readme": "0"})
    table.add("ours", {"api": "new", "readme": "0"}, "b0", message=message(OURS))
    table.add("b1", {"api": "old", "readme": "1"}, "b0")
    table.add("rebased", {"api": "new", "readme": "1"}, "b1", message=message(OURS))
    base = table.add("b2", {"api": "old", "readme": "2"}, "b1")
    head = table.add("merged", {"api": "new", "readme": "2"}, "rebased", "b2")
    table.fork = base.sha

    assert standing(Observed(base=base, branch=head, pull_request=None), table) == Ours(
        head=head.sha, record=OURS, message=message(OURS)
    )


def test_a_persons_plain_commit_on_top_of_ours_is_a_persons_whatever_it_holds() -> None:
    table, observed = clicked(1)
    head = table.add("empty", table.files[sha("m1")], "m1")

    whose = standing(Observed(base=observed.base, branch=head, pull_request=None), table)

    assert whose == Persons(head=head.sha)


def test_a_long_history_of_merges_is_not_walked_to_its_end() -> None:
    table, observed = clicked(40)

    assert isinstance(standing(observed, table), Persons)
    assert len(table.read) == 20
