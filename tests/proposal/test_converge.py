"""What to do about branch and pull request, for every combination of what is wanted and what is there.

The table is written from the rules: a run adds or advances; only an entire run closes; a person's branch is left
alone; a branch of ours without a pull request is a leftover; the text of a pull request is ours, its commit is not
rewritten for it.
"""

import itertools
from dataclasses import dataclass

import pytest

from bot.proposal.change import Change
from bot.proposal.converge import Action, Blocked, Close, Create, Leave, Update, converge
from bot.proposal.marker import Words, section
from bot.proposal.observed import Absent, Ours, Persons, PullRequest, Standing
from bot.proposal.record import Record
from tests.builders import COMMIT, TREE, commit

HEAD = "be" * 20
WORDS = Words(title="bump(dev): 2 images", section=section("text", config="config/environments.yaml"))


def ours(fingerprint: str) -> Ours:
    return Ours(head=HEAD, record=Record(environment="dev", bumps=(), fingerprint=fingerprint, base=COMMIT, tree=TREE))


def opened(body: str, title: str = WORDS.title) -> PullRequest:
    return PullRequest(number=12, url="https://github.com/acme/gitops/pull/12", title=title, body=body)


BRANCHES: dict[str, Standing] = {
    "absent": Absent(),
    "ours": ours("wanted"),
    "ours-other": ours("other"),
    "person's": Persons(head=HEAD),
}
PULL_REQUESTS = {
    "none": None,
    "same": opened(f"before\r\n{WORDS.section}\r\nafter"),
    "other": opened(WORDS.section.replace("text", "older text")),
}

# Wanted:                     some files                          no files
#                             entire run       part of it         entire run       part of it
# A pull request is wanted:   yes     no       yes     no         yes     no       yes     no
TABLE = """
absent      none              create  create   create  create     leave   leave    leave   leave
ours        none              replace leave    replace leave      close   close    leave   leave
ours        same              leave   leave    leave   leave      close   close    leave   leave
ours        other             reword  reword   reword  reword     close   close    leave   leave
ours-other  none              replace replace  replace replace    close   close    leave   leave
ours-other  same              update  update   update  update     close   close    leave   leave
ours-other  other             update  update   update  update     close   close    leave   leave
person's    none              blocked blocked  blocked blocked    leave   leave    leave   leave
person's    same              blocked blocked  blocked blocked    blocked blocked  blocked blocked
person's    other             blocked blocked  blocked blocked    blocked blocked  blocked blocked
"""


@dataclass(frozen=True)
class Case:
    branch: str
    pull_request: str
    files: bool
    entire: bool
    opens: bool
    action: str

    def __str__(self) -> str:
        wanted = f"{'files' if self.files else 'nothing'}-{'entire' if self.entire else 'part'}"
        return f"{self.branch}-{self.pull_request}-{wanted}-{'opens' if self.opens else 'branch'}"


CASES = [
    Case(branch, pull_request, files, entire, opens, action)
    for branch, pull_request, *actions in map(str.split, TABLE.strip().splitlines())
    for (files, entire, opens), action in zip(itertools.product([True, False], repeat=3), actions, strict=True)
]


def expected(case: Case) -> Action:
    pull_request = PULL_REQUESTS[case.pull_request]
    actions: dict[str, Action] = {
        "create": Create(replaces=None),
        "replace": Create(replaces=HEAD),
        "leave": Leave(pull_request=pull_request, head=None if case.branch == "absent" else HEAD),
        "close": Close(pull_request=pull_request, head=HEAD),
        "blocked": Blocked(pull_request=pull_request, head=HEAD),
    }
    if pull_request is not None:
        actions["reword"] = Update(pull_request=pull_request, head=HEAD, replaces=None)
        actions["update"] = Update(pull_request=pull_request, head=HEAD, replaces=HEAD)
    return actions[case.action]


def wanted(*, files: bool) -> Change:
    return Change(
        environment="dev",
        branch="bump/dev",
        base=commit(),
        bumps=(),
        files={"dev/x.yaml": b"new"} if files else {},
        modes={"dev/x.yaml": "100644"} if files else {},
        fingerprint="wanted",
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_one_action_that_converges(case: Case) -> None:
    action = converge(
        wanted(files=case.files),
        entire=case.entire,
        standing=BRANCHES[case.branch],
        pull_request=PULL_REQUESTS[case.pull_request],
        words=WORDS,
        opens=case.opens,
    )

    assert action == expected(case)


def test_the_table_holds_every_combination_that_can_be() -> None:
    there = set(itertools.product(BRANCHES, PULL_REQUESTS)) - {("absent", "same"), ("absent", "other")}

    assert {(case.branch, case.pull_request) for case in CASES} == there
    assert len(CASES) == len(there) * 8


@pytest.mark.parametrize(("title", "reworded"), [("bump(dev): 1 image", True), ("Ship it on Friday", False)])
def test_a_title_of_ours_is_brought_up_to_date_and_a_persons_stays(title: str, reworded: bool) -> None:
    pull_request = opened(WORDS.section, title)

    action = converge(wanted(files=True), entire=True, standing=ours("wanted"), pull_request=pull_request, words=WORDS)

    assert isinstance(action, Update) is reworded
