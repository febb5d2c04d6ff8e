"""Rulesets: which branches they hold for, and whom they keep from moving them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """A ruleset that is active for the branches of these patterns; `bypass` holds for whoever asks.

    `rules` are as the API shows them: a type, and perhaps parameters.
    https://docs.github.com/rest/repos/rules#get-rules-for-a-branch
    """

    id: int
    name: str
    branches: tuple[str, ...]
    rules: tuple[Mapping[str, object], ...]
    bypass: Literal["always", "pull_requests_only", "never", "exempt"] = "never"

    def holds(self, branch: str) -> bool:
        """Whether it is active for a branch, which need not exist."""
        return any(fnmatchcase(branch, pattern) for pattern in self.branches)

    def locks(self, branch: str) -> bool:
        """Whether it keeps whoever asks from moving the branch."""
        locking = any(rule["type"] in {"creation", "update"} for rule in self.rules)
        return locking and self.holds(branch) and self.bypass not in {"always", "exempt"}
