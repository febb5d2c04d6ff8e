"""Whether the credential and the repository at GitHub let the bot push its branch and open its pull request."""

from collections.abc import Iterator
from typing import Final

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong, told
from bot.diagnosis.facts import (
    ActionsPolicy,
    CredentialKind,
    GitCredential,
    GitHub,
    Rule,
    Ruleset,
    Settings,
    Unreadable,
)

_WRITERS: Final = frozenset({"WRITE", "MAINTAIN", "ADMIN"})
_KINDS: Final[dict[CredentialKind, str]] = {
    "app": "a GitHub App by its key",
    "installation": "a GitHub App's installation token",
    "actions": "the workflow's own token",
    "fine-grained": "a fine-grained token",
    "classic": "a classic token",
    "login": "the login of gh",
    "unknown": "a token of an unknown kind",
}
# Signed by GitHub are the commits of these alone.
_SIGNED: Final = frozenset({"app", "installation", "actions"})
_BLOCKING: Final = frozenset(
    {"creation", "update", "deletion", "non_fast_forward", "pull_request", "required_status_checks", "workflows"}
)
# They say what a merge needs, and keep nobody from pushing.
_MERGING: Final = frozenset(
    {"merge_queue", "code_scanning", "code_quality", "copilot_code_review", "required_deployments",
     "required_linear_history"}
)  # fmt: skip
_PASSING: Final = frozenset({"always", "exempt"})
_PERMISSIONS: Final = "'Contents: read and write' and 'Pull requests: read and write'"
_TICK: Final = (
    "tick 'Allow GitHub Actions to create and approve pull requests' in Settings, Actions, General (the organization's "
    "settings may have to allow it first), or set BUMP_GITHUB_TOKEN"
)


def github(found: GitHub, *, merging: tuple[str, ...], branches: dict[str, str]) -> Iterator[Check]:
    """Yield what is to be said; `merging` are environments that GitHub merges, `branches` names the bot's of each."""
    if isinstance(found.credential, Unreadable):
        yield _without(found.credential)
        yield _repository(found.settings)
        return
    yield _credential(found.credential, merging)
    yield _repository(found.settings)
    if isinstance(found.settings, Unreadable):
        return
    yield _writes(found.credential, found.settings)
    yield _actions(found.credential, found.actions)
    for name, branch in branches.items():
        yield _branch(branch, found.branches.get(name, Unreadable("not asked")), found)


def _without(reason: Unreadable) -> Check:
    message, fix = told(reason.reason, "set BUMP_GITHUB_TOKEN")
    if reason.unreachable or reason.skipped:
        return CannotTell(Name.CREDENTIAL, "", message, fix, unreachable=reason.unreachable)
    return Wrong(Name.CREDENTIAL, "", message, fix)


def _credential(one: GitCredential, merging: tuple[str, ...]) -> Check:
    what = f"{one.origin}: {_KINDS[one.kind]}"
    if one.kind == "actions" and merging:
        return Wrong(
            Name.CREDENTIAL,
            "",
            f"{what}; workflows of a pull request that it opens wait for a person's approval, "
            f"so auto-merge of {', '.join(merging)} never sees its checks",
            "set BUMP_GITHUB_TOKEN, or BUMP_GITHUB_APP_ID and BUMP_GITHUB_APP_PRIVATE_KEY",
        )
    note = "; workflows of its pull requests wait for a person's approval" if one.kind == "actions" else ""
    return Ok(Name.CREDENTIAL, "", what + note)


def _repository(settings: Settings | Unreadable) -> Check:
    match settings:
        case Unreadable(unreachable=True) | Unreadable(skipped=True):
            message, fix = told(settings.reason, "run it again later")
            return CannotTell(Name.REPOSITORY, "", message, fix, unreachable=settings.unreachable)
        case Unreadable():
            message, fix = told(settings.reason, "check the name, and that the credential reaches it")
            return Wrong(Name.REPOSITORY, "", message, fix)
        case Settings(archived=True):
            return Wrong(
                Name.REPOSITORY, settings.name, "archived, so nothing can be written",
                "unarchive it in its settings, or stop running bump on it",
            )  # fmt: skip
        case Settings():
            return Ok(Name.REPOSITORY, settings.name, f"there, with the base branch {settings.base}")


def _writes(one: GitCredential, settings: Settings) -> Check:
    name, at = Name.WRITE, settings.name
    if one.kind == "app":
        return Ok(name, at, "the App was given contents and pull requests: write")
    if one.kind in {"actions", "installation"}:
        where = (
            "`permissions:` of the job" if one.kind == "actions" else "the App's settings, and where the token is made"
        )
        return CannotTell(
            name, at, f"GitHub does not show what {_KINDS[one.kind]} may", f"look in {where}: {_needs(one)}"
        )
    if settings.permission not in _WRITERS:
        role = settings.permission or "none"
        return Wrong(name, at, f"the token's owner has the role {role} there", "give its owner the role Write")
    if one.scopes is None:
        fix = f"look in your settings, Developer settings, at the token: {_PERMISSIONS}, and this repository"
        return CannotTell(name, at, f"its owner may write; GitHub does not show what {_KINDS[one.kind]} may", fix)
    if "repo" in one.scopes or (not settings.private and "public_repo" in one.scopes):
        return Ok(name, at, f"may push and open pull requests (role {settings.permission}, scope repo)")
    shown = ", ".join(sorted(one.scopes)) or "none"
    return Wrong(name, at, f"the token lacks the scope repo (it has: {shown})", _scope(one))


def _scope(one: GitCredential) -> str:
    if one.kind == "login":
        return "run `gh auth refresh --scopes repo`"
    return "give the token the scope 'repo' in your settings (Developer settings)"


def _needs(one: GitCredential) -> str:
    return "`contents: write` and `pull-requests: write`" if one.kind == "actions" else _PERMISSIONS


def _actions(one: GitCredential, policy: ActionsPolicy | Unreadable) -> Check:
    title = "'Allow GitHub Actions to create and approve pull requests'"
    if isinstance(policy, ActionsPolicy) and policy.opens_pull_requests:
        return Ok(Name.ACTIONS, "", f"{title} is ticked")
    if one.kind not in {"actions", "login", "unknown"}:
        return Ok(Name.ACTIONS, "", f"not needed: {one.origin} opens the pull requests, not GITHUB_TOKEN")
    if isinstance(policy, Unreadable):
        return CannotTell(
            Name.ACTIONS,
            "",
            f"{title}: {policy.reason}",
            "look in Settings, Actions, General; it is needed where GITHUB_TOKEN opens the pull requests",
            unreachable=policy.unreachable,
        )
    if one.kind == "actions":
        return Wrong(Name.ACTIONS, "", f"{title} is not ticked, so GITHUB_TOKEN opens none", _TICK)
    fix = f"where GITHUB_TOKEN opens the pull requests, {_TICK}"
    return CannotTell(Name.ACTIONS, "", f"{title} is not ticked; it is needed only for GITHUB_TOKEN", fix)


def _branch(branch: str, rules: tuple[Rule, ...] | Unreadable, found: GitHub) -> Check:
    if isinstance(rules, Unreadable):
        fix = f"look in Settings, Rules, whether a ruleset takes {branch} in"
        return CannotTell(Name.BRANCH, branch, rules.reason, fix, unreachable=rules.unreachable)
    held = [one for one in rules if not _passes(one, found)]
    blocking = sorted({one.type for one in held if one.type in _BLOCKING})
    if "required_signatures" in {one.type for one in held} and found.kind not in _SIGNED:
        blocking.append("required_signatures")
    leave = f"leave {branch.partition('/')[0]}/** out of it in Settings, Rules, or add who writes to its bypass list"
    if blocking:
        return Wrong(Name.BRANCH, branch, f"rulesets keep bump from its branch: {', '.join(blocking)}", leave)
    others = sorted({one.type for one in held} - _BLOCKING - _MERGING - {"required_signatures"})
    if others:
        look = f"look whether bump's commits keep to them, or {leave}"
        return CannotTell(Name.BRANCH, branch, f"rulesets say of it: {', '.join(others)}", look)
    return Ok(Name.BRANCH, branch, "no ruleset keeps bump from its branch")


def _passes(rule: Rule, found: GitHub) -> bool:
    """Whether the credential may pass by a rule when it pushes."""
    ruleset = None if rule.ruleset is None else found.rulesets.get(rule.ruleset)
    return isinstance(ruleset, Ruleset) and ruleset.bypass in _PASSING
