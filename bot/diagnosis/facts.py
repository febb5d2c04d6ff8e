"""What was found out at GitHub, as values. What the credential may not read is `Unreadable`, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

CredentialKind = Literal["app", "installation", "actions", "fine-grained", "classic", "login", "unknown"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing is known, and why.

    `unreachable`: GitHub did not answer; `skipped`: nobody asked, because something else has to be mended first.
    """

    reason: str
    unreachable: bool = False
    skipped: bool = False

    @property
    def why(self) -> str:
        """The reason without what to do about it."""
        return self.reason.partition("; ")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCredential:
    """Where the credential came from and of which kind it is; `scopes` are those of a classic token, where known."""

    origin: str
    kind: CredentialKind
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What GitHub says of the repository. `configuration` is the blob of environments.yaml on base, where it is there.

    `permission` is what the credential's owner may do: READ, TRIAGE, WRITE, MAINTAIN or ADMIN; None: not said.
    """

    name: str
    base: str
    private: bool
    archived: bool
    permission: str | None
    auto_merge: bool
    methods: frozenset[str]
    configuration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a ruleset that is active for a branch; `ruleset` is its id, None for a branch protection rule."""

    type: str
    ruleset: int | None = None
    checks: tuple[str, ...] = ()
    approvals: int = 0
    owners: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """A ruleset by its name; `bypass` is whether, and when, the credential's owner may pass by it."""

    name: str
    bypass: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsPolicy:
    """What workflows may: open pull requests, and write where they ask for no permissions."""

    opens_pull_requests: bool
    writes_by_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersError:
    """A line of CODEOWNERS that GitHub cannot use."""

    path: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What has to be there before anything is merged into base, rulesets and branch protection together."""

    rules: tuple[Rule, ...] = ()
    owners_errors: tuple[OwnersError, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """The names of the checks that have to pass."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.checks))

    @property
    def approvals(self) -> int:
        """How many people have to approve."""
        return max((rule.approvals for rule in self.rules), default=0)

    @property
    def owners(self) -> bool:
        """Whether a code owner has to approve."""
        return any(rule.owners for rule in self.rules)

    @property
    def demands(self) -> bool:
        """Whether a fresh pull request has anything to wait for, which auto-merge needs."""
        return bool(self.checks or self.approvals or self.owners) or any(one.type in _WAITS for one in self.rules)


_WAITS = frozenset({"merge_queue", "workflows", "code_scanning", "required_deployments"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """All of it; without a `credential` nothing was asked.

    `branches` are the rules for the bot's branch of each environment, `rulesets` those behind any rule.
    """

    credential: GitCredential | Unreadable
    settings: Settings | Unreadable
    protection: Protection | Unreadable
    branches: Mapping[str, tuple[Rule, ...] | Unreadable] = field(default_factory=lambda: MappingProxyType({}))
    rulesets: Mapping[int, Ruleset | Unreadable] = field(default_factory=lambda: MappingProxyType({}))
    actions: ActionsPolicy | Unreadable

    @property
    def kind(self) -> CredentialKind:
        """Of which kind the credential is."""
        return "unknown" if isinstance(self.credential, Unreadable) else self.credential.kind


def unasked(reason: Unreadable, credential: GitCredential | Unreadable, settings: Unreadable) -> GitHub:
    """What is known where nothing could be asked, for `reason`."""
    return GitHub(credential=credential, settings=settings, protection=reason, actions=reason)
