"""Our part of a pull request's body, bounded by a marker, so that a person's words around it stay.

The marker also keeps what GitHub would not tell a later run: which labels we set, and that a draft was refused.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from bot.errors import ConfigError
from bot.planning.environment import PullRequestSettings
from bot.proposal.observed import PullRequest

MOST_CHARACTERS: Final = 65_536  # that GitHub takes for a body
_BEGIN: Final = re.compile(r"<!-- bump:v1 begin config=(\S+)(?: labels=(\S+))?( draft=refused)? -->")
_END: Final = "<!-- bump:v1 end -->"
_WITHDRAWN: Final = "<!-- bump:v1 withdrawn -->"
_CLOSING: Final = f"{_WITHDRAWN}\n"
_UNFINISHED: Final = "<!-- bump:v1 unfinished -->"
_REFUSED: Final = " draft=refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the marker keeps: the labels that we set, and whether GitHub refused the draft that was asked for."""

    labels: tuple[str, ...] = ()
    undrafted: bool = False

    @classmethod
    def read(cls, body: str) -> "Kept":
        """Return what the marker in `body` keeps."""
        begin = _BEGIN.search(body)
        if begin is None:
            return cls()
        labels = tuple(unquote(one) for one in (begin[2] or "").split(",") if one)
        return cls(labels=labels, undrafted=begin[3] is not None)

    def within(self, ours: str) -> str:
        """Return our section with this in its marker."""
        begin = _BEGIN.match(ours)
        if begin is None:
            return ours
        labels = f" labels={','.join(quote(one, safe='') for one in self.labels)}" if self.labels else ""
        refused = _REFUSED if self.undrafted else ""
        return f"<!-- bump:v1 begin config={begin[1]}{labels}{refused} -->{ours[begin.end() :]}"


def section(text: str, *, config: str) -> str:
    """Bound `text` by the marker that names the configuration's path; a marker within `text` is made none."""
    text = text.replace("<!-- bump:", "<!-- bump;").strip()  # as long as before, so that it fits as before
    return f"<!-- bump:v1 begin config={quote(config)} -->\n{text}\n{_END}"


def merged(body: str, ours: str) -> str:
    """Return `body` with its section replaced by `ours`; where the marker was lost, `ours` goes to the top."""
    body = body.replace("\r\n", "\n")
    begin = _BEGIN.search(body)
    end = body.find(_END, begin.end()) if begin else -1
    if begin is None or end < 0:
        rest = (body.replace(begin[0], "") if begin else body).strip()
        return f"{ours}\n\n{rest}" if rest else ours
    return body[: begin.start()] + ours + body[end + len(_END) :]


def unfinished(ours: str) -> str:
    """Return our section with a mark that somebody has yet to be asked; the next rewording takes it away."""
    return f"{ours.removesuffix(_END)}{_UNFINISHED}\n{_END}"


def is_unfinished(body: str) -> bool:
    """Whether that mark stands in our section of `body`."""
    begin = _BEGIN.search(body)
    return begin is not None and _UNFINISHED in body[begin.end() :].partition(_END)[0]


def withdrawn(body: str) -> str:
    """Return `body` with a mark in our section that we closed the pull request ourselves, so nobody declined it.

    Where GitHub would not take so much, our own text makes room for it; without a section the end of the body does.
    """
    body = body.replace("\r\n", "\n")
    begin = _BEGIN.search(body)
    end = body.find(_END, begin.end()) if begin else -1
    if begin is None or end < 0:
        mark = f"\n{_WITHDRAWN}\n{_END}"
        return body[: MOST_CHARACTERS - len(mark)] + mark
    text, around = body[begin.end() : end], len(body) - (end - begin.end())
    text = _shortened(text, MOST_CHARACTERS - around - len(_CLOSING))
    return f"{body[: begin.end()]}{text}{_CLOSING}{body[end:]}"


def _shortened(text: str, most: int) -> str:
    """Leave out folded detail, then lines from the end, whole ones, so that no fold or emphasis stays open."""
    if len(text) <= most:
        return text
    text = text.partition("<details")[0]
    return text if len(text) <= most else text[: max(most, 1)].rpartition("\n")[0] + "\n"


def is_withdrawn(body: str) -> bool:
    """Whether that mark stands in `body`."""
    return _WITHDRAWN in body


def taken(body: str, *, config: str, labels: tuple[str, ...] = ()) -> int:
    """Return how many characters of `body` are not ours to fill: a person's words, and our marks, at their longest."""
    kept = Kept(labels=labels, undrafted=True)
    return len(merged(body, kept.within(section("", config=config)))) + len(_CLOSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a pull request should say: its title and our section of its body; and what it is opened with."""

    title: str
    section: str
    settings: PullRequestSettings = field(default_factory=PullRequestSettings)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it should have."""
        return self.settings.labels

    @property
    def asks(self) -> bool:
        """Whether somebody is asked to look at it, or to take care of it."""
        return bool(self.settings.reviewers or self.settings.team_reviewers or self.settings.assignees)

    def opened(self, *, undrafted: bool = False, finished: bool = False) -> str:
        """Return the body that it is opened with: a run that dies before it has asked leaves the mark that it has not.

        `undrafted`: GitHub refused the draft that was asked for. `finished`: everybody has been asked.
        """
        ours = Kept(labels=self.labels, undrafted=undrafted).within(self.section)
        return unfinished(ours) if self.asks and not finished else ours

    def missing(self, pull_request: PullRequest) -> tuple[str, ...]:
        """Return the labels that it does not have yet."""
        there = {label.casefold() for label in pull_request.labels}
        return tuple(label for label in self.labels if label.casefold() not in there)

    def outdated(self, pull_request: PullRequest) -> tuple[str, ...]:
        """Return the labels that it has from us and should no longer have; what a person gave it is none of them."""
        from_us = {label.casefold() for label in Kept.read(pull_request.body).labels}
        gone = from_us - {label.casefold() for label in self.labels}
        return tuple(sorted(label for label in pull_request.labels if label.casefold() in gone))

    def merged(self, pull_request: PullRequest) -> str:
        """Return its body with our section in it."""
        before = Kept.read(pull_request.body)
        from_us = {label.casefold() for label in (*before.labels, *self.missing(pull_request))}
        kept = Kept(
            labels=tuple(label for label in self.labels if label.casefold() in from_us),
            undrafted=self.undrafted(pull_request),
        )
        return merged(pull_request.body, kept.within(self.section))

    def undrafted(self, pull_request: PullRequest | None) -> bool:
        """Whether GitHub refused the draft that is still asked for: then nobody has said that it may merge."""
        if pull_request is None or pull_request.draft or not self.settings.draft:
            return False
        return Kept.read(pull_request.body).undrafted

    def retitled(self, title: str) -> str:
        """Return our title in the place of an older one of ours; a person's stays."""
        prefix = self.title.partition(":")[0]
        return self.title if title.startswith(f"{prefix}:") else title

    def stand_in(self, pull_request: PullRequest) -> bool:
        """Whether a pull request already says this."""
        same = self.merged(pull_request) == pull_request.body.replace("\r\n", "\n")
        return same and self.retitled(pull_request.title) == pull_request.title


def check_owner(body: str, *, config: str, subject: str) -> None:
    """Raise `ConfigError` when the body belongs to another configuration."""
    begin = _BEGIN.search(body)
    if begin and unquote(begin[1]) != config:
        raise ConfigError(
            f"{subject}: belongs to the configuration {unquote(begin[1])!r}, not {config!r}; "
            "give one of the two another gitops.branch_prefix"
        )
