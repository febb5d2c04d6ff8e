"""Whether pull requests that should merge by themselves can: what base demands, and who may be asked for it."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.facts import GitHub, Protection, Settings, Unreadable
from bot.diagnosis.owners import CodeOwners
from bot.planning.environment import AutoMerge, Environment

_BY_BUMP: Final = "auto_merge: {by: bump} with required_checks"
_LOOK: Final = "look in Settings, Rules and Branches, what {} demands"
_MOST_OWNERS: Final = 3


def merging(
    environment: Environment, files: Sequence[str], found: GitHub, owners: CodeOwners | None
) -> Iterator[Check]:
    """Yield what is to be said of an environment; `files` are those that are bumped in it."""
    auto_merge, name = environment.pull_request.auto_merge, environment.name
    if auto_merge is None:
        yield Ok(Name.AUTO_MERGE, name, "a person merges (no auto_merge)")
        return
    if isinstance(found.settings, Settings):
        yield _allowed(name, auto_merge, found.settings)
    else:
        yield CannotTell(Name.AUTO_MERGE, name, found.settings.why, "look in Settings, General, Pull Requests")
    protection = found.protection
    if isinstance(protection, Unreadable):
        for check in (Name.REQUIRED, Name.OWNERS, Name.BYPASS):
            yield _unknown(check, name, protection, found)
        return
    yield _required(name, auto_merge, protection)
    yield _owned(name, files, protection, owners)
    if auto_merge.by == "github":
        yield _bypass(name, protection, found)


def _unknown(check: Name, name: str, protection: Unreadable, found: GitHub) -> Check:
    base = found.settings.base if isinstance(found.settings, Settings) else "base"
    return CannotTell(check, name, protection.why, _LOOK.format(base), unreachable=protection.unreachable)


def _allowed(name: str, auto_merge: AutoMerge, settings: Settings) -> Check:
    if auto_merge.method not in settings.methods:
        allowed = ", ".join(sorted(settings.methods)) or "none"
        return Wrong(
            Name.AUTO_MERGE,
            name,
            f"auto_merge.method is {auto_merge.method}, and {settings.name} allows: {allowed}",
            "allow it in Settings, General, Pull Requests, or set another method",
        )
    if auto_merge.by == "github" and not settings.auto_merge:
        return Wrong(
            Name.AUTO_MERGE,
            name,
            "auto-merge is off in this repository",
            "tick 'Allow auto-merge' in Settings, General, Pull Requests, or set auto_merge: none",
        )
    who = "GitHub" if auto_merge.by == "github" else "bump"
    return Ok(Name.AUTO_MERGE, name, f"{who} merges by {auto_merge.method}, which the repository allows")


def _required(name: str, auto_merge: AutoMerge, protection: Protection) -> Check:
    if auto_merge.by == "github" and not protection.demands and not auto_merge.required_checks:
        return Wrong(
            Name.REQUIRED,
            name,
            "nothing has to pass before a merge into base, so GitHub's auto-merge has nothing to wait for",
            "name the checks in auto_merge.required_checks, or require one on the base branch",
        )
    if auto_merge.by == "bump" or not protection.demands:
        others = [one for one in protection.checks if one not in auto_merge.required_checks]
        waits = f"bump merges after {', '.join(auto_merge.required_checks)}"
        return Ok(Name.REQUIRED, name, waits + (f"; base requires {', '.join(others)} besides" if others else ""))
    waits = f"a merge waits for {', '.join(protection.checks)}" if protection.checks else "base requires no check"
    people = f"{protection.approvals} approval{'s' * (protection.approvals > 1)} by people other than the author"
    return Ok(Name.REQUIRED, name, waits + (f", and for {people}" if protection.approvals else ""))


def _owned(name: str, files: Sequence[str], protection: Protection, owners: CodeOwners | None) -> Check:
    if not protection.owners:
        return Ok(Name.OWNERS, name, "base demands no review by code owners")
    if protection.owners_errors:
        first = protection.owners_errors[0]
        return Wrong(
            Name.OWNERS, f"{first.path}:{first.line}", f"GitHub cannot use this line ({first.kind}), and skips it",
            "correct it; who owns the bumped files is not sure until then",
        )  # fmt: skip
    owned = [(file, line) for file in files if owners is not None and (line := owners.of(file)) is not None]
    if owners is None or not owned:
        return Ok(Name.OWNERS, name, "a review by code owners is demanded, and the bumped files have none")
    file, line = owned[0]
    more = f" and {len(owned) - 1} more" if len(owned) > 1 else ""
    return Wrong(
        Name.OWNERS,
        name,
        f"auto-merge waits for {' '.join(line.owners[:_MOST_OWNERS])}, who own {file}{more} "
        f"({owners.path}:{line.number}); "
        "neither the author nor an App is ever taken for a code owner",
        f"add a line without owners for these files at the end of {owners.path}, or set auto_merge: none",
    )


def _bypass(name: str, protection: Protection, found: GitHub) -> Check:
    """A bypass is honoured when somebody merges directly, and not by auto-merge."""
    asking = [one for one in protection.rules if one.approvals or one.owners or one.type == "update"]
    for rule in asking:
        ruleset = None if rule.ruleset is None else found.rulesets.get(rule.ruleset)
        if isinstance(ruleset, Unreadable):
            return CannotTell(
                Name.BYPASS, name, ruleset.why, "look in Settings, Rules, who may bypass what asks for a person",
                unreachable=ruleset.unreachable,
            )  # fmt: skip
        if ruleset is not None and ruleset.bypass != "never":
            return Wrong(
                Name.BYPASS,
                name,
                f"the ruleset {ruleset.name} may be bypassed by the credential, but auto-merge uses no bypass: "
                "it waits for a person",
                f"take the demand out for these pull requests, or set {_BY_BUMP}, which merges directly",
            )
    if any(one.type == "update" for one in asking):
        return Wrong(
            Name.BYPASS, name, "a ruleset restricts updates of base, so auto-merge cannot merge",
            f"take the restriction out in Settings, Rules, or add who merges to its bypass list and set {_BY_BUMP}",
        )  # fmt: skip
    return Ok(Name.BYPASS, name, "nothing that auto-merge would have to bypass")
