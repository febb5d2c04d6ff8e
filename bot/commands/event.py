"""The commit that a pull request is to be merged onto, from the event that GitHub Actions runs for."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.checkout import History
from bot.errors import UsageError

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MERGE: Final = re.compile(r"refs/pull/\d+/merge")
_LARGEST: Final = 32 * 1024 * 1024  # GitHub sends 25 MB at the most
_QUEUED: Final = "merge_group"


def event_base(environ: Mapping[str, str], root: Path) -> str | None:
    """Return the base's commit in a run for a pull request or a merge queue; None in any other.

    The event says where the base was when the pull request last changed. What GitHub merged for this run it merged onto
    the base as it was then, which is newer: where that merge is checked out, its first parent counts. Raises
    `UsageError` where the event says nothing: without a base the pull request would be its own judge.
    """
    name = environ.get("GITHUB_EVENT_NAME", "")
    if environ.get("GITHUB_ACTIONS") != "true" or not (name.startswith("pull_request") or name == _QUEUED):
        return None
    if _MERGE.fullmatch(environ.get("GITHUB_REF", "")):
        merged = History(root).merged_onto(environ.get("GITHUB_SHA", ""))
        if merged is not None:
            return merged
    steps = ("merge_group", "base_sha") if name == _QUEUED else ("pull_request", "base", "sha")
    said: object = _event(environ.get("GITHUB_EVENT_PATH", ""))
    for step in steps:
        said = said.get(step) if isinstance(said, dict) else None
    if not isinstance(said, str) or not _COMMIT.fullmatch(said):
        raise UsageError(f"$GITHUB_EVENT_PATH: no commit at {'.'.join(steps)}; give --base")
    return said


def _event(path: str) -> object:
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise UsageError(f"$GITHUB_EVENT_PATH: over {_LARGEST} bytes; give --base")
        return json.loads(content)
    except OSError as error:
        raise UsageError(f"$GITHUB_EVENT_PATH: not readable ({error.strerror}); give --base") from error
    except (ValueError, RecursionError) as error:
        raise UsageError("$GITHUB_EVENT_PATH: no JSON; give --base") from error
