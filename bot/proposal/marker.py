"""Our part of a pull request's body, bounded by a marker, so that a person's words around it stay."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from bot.errors import ConfigError
from bot.planning.environment import PullRequestSettings

MOST_CHARACTERS: Final = 65_536  # that GitHub takes for a body
_BEGIN: Final = re.compile(r"<!-- bump:v1 begin config=(\S+) -->")
_END: Final = "<!-- bump:v1 end -->"
_WITHDRAWN: Final = "<!-- bump:v1 withdrawn -->"
_CLOSING: Final = f"{_WITHDRAWN}\n"
_UNFINISHED: Final = "<!-- bump:v1 unfinished -->"


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


def taken(body: str, *, config: str) -> int:
    """Return how many characters of `body` are not ours to fill: a person's words, and our marks."""
    return len(merged(body, section("", config=config))) + len(_CLOSING)


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

    @property
    def first(self) -> str:
        """The body that it is opened with: a run that dies before it has asked leaves the mark that it has not."""
        return unfinished(self.section) if self.asks else self.section

    def merged(self, body: str) -> str:
        """Return `body` with our section in it."""
        return merged(body, self.section)

    def retitled(self, title: str) -> str:
        """Return our title in the place of an older one of ours; a person's stays."""
        prefix = self.title.partition(":")[0]
        return self.title if title.startswith(f"{prefix}:") else title

    def stand_in(self, title: str, body: str) -> bool:
        """Whether a pull request already says this."""
        return self.retitled(title) == title and self.merged(body) == body.replace("\r\n", "\n")


def check_owner(body: str, *, config: str, subject: str) -> None:
    """Raise `ConfigError` when the body belongs to another configuration."""
    begin = _BEGIN.search(body)
    if begin and unquote(begin[1]) != config:
        raise ConfigError(
            f"{subject}: belongs to the configuration {unquote(begin[1])!r}, not {config!r}; "
            "give one of the two another gitops.branch_prefix"
        )
