"""What a checkout's history says: which commit is meant, where this branch left it, and what was renamed since.

A shallow clone is refused: what its history lacks would be taken for what never was.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.checkout.git import Git
from bot.errors import CheckoutError, UsageError

# A revision as gitrevisions(7) has them, but no range, no path in a commit, and nothing that git takes for an option.
_REVISION: Final = re.compile(r"(?!-)(?!.*\.\.)[^\x00-\x20\x7f:?*\[\\]{1,250}")
_FETCH: Final = "give actions/checkout fetch-depth: 0, or run git fetch --unshallow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a change is to be merged onto: `word` as it was given, its commit `tip`, and `fork`, the newest commit that
    it shares with what is checked out.
    """

    word: str
    tip: str
    fork: str


class History:
    """The commits of the repository that `root` is a checkout of."""

    def __init__(self, root: Path) -> None:
        """`root` is the checkout's."""
        self._git = Git(root)

    def base(self, word: str) -> Base:
        """Find the commit that `word` names; raises `UsageError` for what names none, and `CheckoutError`."""
        if not _REVISION.fullmatch(word):
            raise UsageError(f"--base {word[:80]!r}: expected a branch, a tag or a commit, as in origin/main")
        shallow = self._git.maybe("rev-parse", "--is-shallow-repository")
        if shallow is None:
            raise CheckoutError(f"{self._git.root}: not a git repository; --base compares with a commit of one")
        if shallow == "true":
            raise CheckoutError(f"{self._git.root}: a shallow clone, and --base {word} needs its history; {_FETCH}")
        tip = self._commit(word)
        if tip is None:
            raise CheckoutError(
                f"--base {word}: no such commit in {self._git.root}; fetch it, in Actions with fetch-depth: 0 for "
                "actions/checkout"
            )
        fork = self._git.maybe("merge-base", tip, "HEAD")
        if fork is None:
            raise CheckoutError(f"--base {word}: has no commit in common with what is checked out; name another")
        return Base(word=word, tip=tip, fork=fork)

    def merged_onto(self, commit: str) -> str | None:
        """Return the first parent of `commit` where that is what is checked out, and a merge; else None."""
        line = self._git.maybe("rev-list", "--parents", "--max-count=1", "HEAD")
        here, *parents = (line or "").split(" ")
        return parents[0] if here == commit and len(parents) > 1 else None

    def renamed(self, since: str) -> Mapping[str, str]:
        """Return the old paths of tracked files that have another since the commit `since`."""
        answer = self._git.run("diff-index", "-z", "-M", "--name-status", "--diff-filter=R", since, "--")
        words = answer.decode("utf-8", "replace").split("\0")
        return {new: old for _, old, new in zip(words[::3], words[1::3], words[2::3], strict=False)}

    def _commit(self, word: str) -> str | None:
        return self._git.maybe("rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
