"""One thing that was looked at, and what came of it: it is right, it is wrong, or it cannot be told.

What is wrong always says what to do. What cannot be told says why, and where a person can look; it is never a guess.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """What belongs together, in the order in which it is shown."""

    CONFIGURATION = "Configuration"
    REGISTRIES = "Registries"
    GITHUB = "GitHub"
    MERGING = "Merging"
    WORKFLOWS = "Workflows"
    WRITERS = "Other writers"


class Name(StrEnum):
    """What is looked at. The names are listed in docs/doctor.md, and do not change."""

    CONFIGURATION = "configuration"
    ON_BASE = "configuration-on-base"
    PATHS = "paths"
    REGISTRY = "registry"
    CREDENTIAL = "git-credential"
    REPOSITORY = "repository"
    WRITE = "write-permission"
    ACTIONS = "actions-pull-requests"
    BRANCH = "branch-rules"
    AUTO_MERGE = "auto-merge"
    REQUIRED = "required-checks"
    OWNERS = "code-owners"
    BYPASS = "bypass"
    RUNS = "bump-workflow"
    JOB = "workflow-permissions"
    CONCURRENCY = "concurrency"
    FILTER = "path-filter"
    WORKFLOW = "second-workflow"
    KARGO = "kargo"
    UPDATER = "image-updater"
    FLUX = "flux"
    RENOVATE = "renovate"
    DEPENDABOT = "dependabot"

    @property
    def group(self) -> Group:
        """Where it is shown."""
        return _GROUPS[self]


_GROUPS: Final = {
    Name.CONFIGURATION: Group.CONFIGURATION,
    Name.ON_BASE: Group.CONFIGURATION,
    Name.PATHS: Group.CONFIGURATION,
    Name.REGISTRY: Group.REGISTRIES,
    Name.CREDENTIAL: Group.GITHUB,
    Name.REPOSITORY: Group.GITHUB,
    Name.WRITE: Group.GITHUB,
    Name.ACTIONS: Group.GITHUB,
    Name.BRANCH: Group.GITHUB,
    Name.AUTO_MERGE: Group.MERGING,
    Name.REQUIRED: Group.MERGING,
    Name.OWNERS: Group.MERGING,
    Name.BYPASS: Group.MERGING,
    Name.RUNS: Group.WORKFLOWS,
    Name.JOB: Group.WORKFLOWS,
    Name.CONCURRENCY: Group.WORKFLOWS,
    Name.FILTER: Group.WORKFLOWS,
    Name.WORKFLOW: Group.WRITERS,
    Name.KARGO: Group.WRITERS,
    Name.UPDATER: Group.WRITERS,
    Name.FLUX: Group.WRITERS,
    Name.RENOVATE: Group.WRITERS,
    Name.DEPENDABOT: Group.WRITERS,
}


@dataclass(frozen=True, slots=True)
class Ok:
    """It is as it has to be. `subject` is what it is about: an environment, a registry, a file; empty for all."""

    name: Name
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """It has to be changed, and `fix` says how."""

    name: Name
    subject: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Nobody knows from here; `fix` is where a person can look. `unreachable`: another run may know."""

    name: Name
    subject: str
    message: str
    fix: str
    unreachable: bool = False


Check = Ok | Wrong | CannotTell


def told(text: str, otherwise: str) -> tuple[str, str]:
    """Split one of our messages into what is so, and what to do; `otherwise` where it does not say."""
    message, found, fix = text.partition("; ")
    if not found:
        message, _, fix = text.partition(": ")
    return message, fix or otherwise


def in_order(checks: "list[Check]") -> tuple[Check, ...]:
    """Return them as they are shown: by group and name, otherwise as they came."""
    groups, names = list(Group), list(Name)
    return tuple(sorted(checks, key=lambda one: (groups.index(one.name.group), names.index(one.name))))
