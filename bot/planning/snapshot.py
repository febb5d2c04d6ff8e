"""The state of the repository at one commit: everything a run decides on comes from a single one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FILE: Final = "100644"
EXECUTABLE: Final = "100755"
SYMLINK: Final = "120000"
SUBMODULE: Final = "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a git tree, no folder: its mode (`100644`, `100755`, `120000`), and the id of its blob in hex.

    A submodule (`160000`) has its commit's id there, and nothing to read.
    """

    path: str
    mode: str
    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Files at `commit`: `entries` for every path, `contents` for those that were asked for."""

    commit: str
    entries: Mapping[str, Entry]
    contents: Mapping[str, bytes]


def blob_id(content: bytes) -> str:
    """Return git's id of a blob, to tell whether a file on disk is the tree's.

    Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects (Object Storage)
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
