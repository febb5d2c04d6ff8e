"""What the names of things at GitHub may be in the configuration; each function returns the text, or raises."""

import re
from typing import Final

from bot.errors import ConfigError

REPOSITORY: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}"
LOGIN: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?"
TEAM: Final = r"[a-z0-9][a-z0-9_-]{0,99}"
LONGEST_LABEL: Final = 50  # GitHub's own limit
_RETRY_LABEL: Final = "bump:retry"
_LONGEST_BRANCH: Final = 200
_NOT_IN_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_LONGEST_TEXT: Final = 255


def github_repository(text: str) -> str:
    """`owner/name`, nothing else: the client puts it into request paths as it is."""
    name = text.partition("/")[2]
    if not re.fullmatch(REPOSITORY, text) or ".." in text or name == "." or name.endswith(".git"):
        raise ConfigError(f"{text[:100]!r}: expected owner/name, as in acme/gitops")
    return text


def branch(text: str) -> str:
    """A branch's name, or the first part of one."""
    parts = text.split("/")
    if text.startswith("refs/"):
        raise ConfigError(f"{text[:100]!r}: write the branch's name alone, without refs/heads/")
    if (
        not text.isprintable()
        or len(text) > _LONGEST_BRANCH
        or _NOT_IN_REF.search(text)
        or text[:1] == "-"
        or text[-1:] == "."
        or text in {"@", "HEAD"}
        or any(not part or part.startswith(".") or part.endswith(".lock") for part in parts)
    ):
        raise ConfigError(f"{text[:100]!r}: git allows no such branch name (git check-ref-format --branch)")
    return text


def label(text: str) -> str:
    """A label of a pull request."""
    if len(text) > LONGEST_LABEL or not _is_line(text):
        raise ConfigError(
            f"{text[:60]!r}: a label has 1 to {LONGEST_LABEL} characters, none of them a control character, "
            "and no blank at its ends"
        )
    if text in {".", ".."}:  # in a URL these are another place: GitHub would be asked to take all labels off
        raise ConfigError(f"{text!r}: this label cannot be taken off again; choose another")
    if text.lower() == _RETRY_LABEL:
        raise ConfigError(f"{text!r}: this label asks for a declined digest again; people set it, choose another")
    return text


def check_name(text: str) -> str:
    """The name of a check, as the pull request's page shows it."""
    if len(text) > _LONGEST_TEXT or not _is_line(text):
        raise ConfigError(f"{text[:60]!r}: expected a check's name of 1 to 255 characters, no blank at its ends")
    return text


def login(text: str) -> str:
    """A GitHub user."""
    if not re.fullmatch(LOGIN, text):
        raise ConfigError(f"{text[:60]!r}: expected a GitHub user name, without @")
    return text


def team(text: str) -> str:
    """A team of the repository's organisation."""
    if not re.fullmatch(TEAM, text):
        raise ConfigError(f"{text[:60]!r}: expected the team's slug alone, without @ and organisation, as in platform")
    return text


def _is_line(text: str) -> bool:
    return bool(text) and text.isprintable() and text == text.strip()
