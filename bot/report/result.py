"""The result of a run, and the exit code that it stands for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import (
    BumpError,
    CheckoutError,
    ConfigError,
    CredentialError,
    InvalidReference,
    Outage,
    PublishError,
    RaceLost,
    RegistryError,
    UsageError,
)
from bot.planning.decision import Failed, Held, Plan
from bot.planning.withheld import BY_A_PERSON
from bot.proposal.outcome import Done, Outcome

DONE: Final = 0
NOT_ALL: Final = 1
SETTINGS: Final = 2
UNREACHABLE: Final = 3

# The one table from error class to exit code; the first family that fits decides, anything else is unexpected.
EXIT_CODES: Final[tuple[tuple[type[BumpError], int], ...]] = (
    (UsageError, SETTINGS),
    (ConfigError, SETTINGS),
    (CredentialError, SETTINGS),
    (CheckoutError, SETTINGS),
    (InvalidReference, SETTINGS),
    (PublishError, SETTINGS),
    (Outage, UNREACHABLE),
    (RaceLost, UNREACHABLE),
)


class Into(StrEnum):
    """Where a result goes; the words of `--into`."""

    PULL_REQUEST = "pull-request"
    BRANCH = "branch"
    FILES = "files"


NOTHING: Final = Outcome(action=Done.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentResult:
    """What one environment came to. `error`: it was stopped, and what had been decided is not known any more."""

    name: str
    plan: Plan | None = None
    outcome: Outcome = NOTHING
    body: str = ""
    diff: str = ""
    error: BumpError | None = None

    @property
    def changed(self) -> int:
        """How many files the plan changes."""
        return len(self.plan.files) if self.plan else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command came to, over all environments that were asked for."""

    command: str
    dry_run: bool
    environments: tuple[EnvironmentResult, ...]
    into: Into = Into.PULL_REQUEST

    @property
    def exit_code(self) -> int:
        """The highest of all environments'."""
        return max((_exit_code(one) for one in self.environments), default=DONE)


def exit_code_of(error: BumpError) -> int:
    """Return the exit code that an error stands for."""
    if isinstance(error, RegistryError):
        return UNREACHABLE if error.outage else NOT_ALL
    return next((code for family, code in EXIT_CODES if isinstance(error, family)), UNREACHABLE)


def _exit_code(result: EnvironmentResult) -> int:
    if result.error is not None:
        return exit_code_of(result.error)
    if result.plan is None:
        return DONE
    wrong = [
        decision
        for decision in result.plan.decisions
        if isinstance(decision, Failed) or (isinstance(decision, Held) and decision.code not in BY_A_PERSON)
    ]
    asked = [decision for decision in result.plan.decisions if getattr(decision, "repository", None) is not None]
    if asked and all(isinstance(decision, Failed) and decision.outage for decision in asked):
        return UNREACHABLE
    return NOT_ALL if wrong or result.outcome.action is Done.BLOCKED else DONE
