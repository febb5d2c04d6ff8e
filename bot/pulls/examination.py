"""What GitHub tells about a repository's settings, for `bump doctor`. It only reads, with a handful of requests.

What the credential may not read is told as such: most settings are for administrators to see, and rules are not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar
from urllib.parse import quote

from bot.diagnosis.facts import (
    ActionsPolicy,
    GitCredential,
    GitHub,
    OwnersError,
    Protection,
    Rule,
    Ruleset,
    Settings,
    Unreadable,
    unasked,
)
from bot.errors import Outage, PublishError
from bot.pulls import answers
from bot.pulls.access import Access, Pace
from bot.pulls.api import Api

T = TypeVar("T")

# https://docs.github.com/en/graphql/reference/objects#refupdaterule: what non-administrators see of a branch protection
_RULE: Final = "refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts requiresCodeOwnerReviews }"
_SETTINGS: Final = """
query Settings($owner: String!, $name: String!, $base: String!, $config: String!) {
  repository(owner: $owner, name: $name) {
    nameWithOwner isArchived isPrivate viewerPermission
    autoMergeAllowed squashMergeAllowed mergeCommitAllowed rebaseMergeAllowed
    defaultBranchRef { name }
    base: ref(qualifiedName: $base) { name }
    configuration: object(expression: $config) { ... on Blob { oid } }
  }
}
"""
_PROTECTION: Final = f"""
query Protection($owner: String!, $name: String!, $base: String!, $branch: String!) {{
  repository(owner: $owner, name: $name) {{
    base: ref(qualifiedName: $base) {{ {_RULE} }}
    codeowners(refName: $branch) {{ errors {{ line kind path }} }}
  }}
}}
"""
_METHODS: Final = {"squash": "squashMergeAllowed", "merge": "mergeCommitAllowed", "rebase": "rebaseMergeAllowed"}
_MOST_RULESETS: Final = 10
_SCOPED: Final = frozenset({"classic", "login", "unknown"})


class Examination:
    """Asks GitHub about one repository."""

    def __init__(self, access: Access, repository: str, *, pace: Pace) -> None:
        """Open no connection yet."""
        self._access = access
        self._api = Api(access, repository, pace=pace)
        self._scopes: frozenset[str] | None = None

    def examine(self, *, base: str | None, config: str, branches: Mapping[str, str]) -> GitHub:
        """Return what is known; `branches` names the bot's branch of each environment.

        Raises `CredentialError` for a credential that GitHub does not know.
        """
        credential = GitCredential(origin=self._access.origin, kind=self._access.kind)
        settings = self._asked(partial(self._settings, base, config))
        if isinstance(settings, Unreadable):
            unknown = Unreadable("not asked, because the repository cannot be read; mend that first", skipped=True)
            return unasked(unknown, credential, settings)
        rules = self._asked(partial(self._rules, settings.base))
        protection = self._asked(partial(self._protection, settings.base))
        if isinstance(rules, Unreadable):
            protection = rules
        elif isinstance(protection, Protection):
            protection = replace(protection, rules=(*rules, *protection.rules))
            if not protection.rules:
                protection = self._asked(partial(self._unprotected, settings.base, protection))
        own = {name: self._asked(partial(self._rules, branch)) for name, branch in branches.items()}
        known = [one for one in (rules, *own.values()) if not isinstance(one, Unreadable)]
        return GitHub(
            credential=replace(credential, scopes=self._scopes),
            settings=settings,
            protection=protection,
            branches=own,
            rulesets=self._rulesets(rule for one in known for rule in one),
            actions=self._asked(self._actions),
        )

    def _asked(self, ask: Callable[[], T]) -> T | Unreadable:
        try:
            return ask()
        except PublishError as error:  # what to give the credential is advice for writing, which nobody does here
            return Unreadable(str(error).partition("; ")[0])
        except Outage as error:
            return Unreadable(str(error), unreachable=True)

    def _settings(self, base: str | None, config: str) -> Settings:
        variables = {
            "owner": self._api.owner,
            "name": self._api.name,
            "base": f"refs/heads/{base or 'HEAD'}",
            "config": f"{base or 'HEAD'}:{config}",
        }
        name = self._api.repository
        found = self._api.query(_SETTINGS, variables).get("repository")
        if found is None:
            raise PublishError(f"{name}: not found; check the name, and that the token sees it")
        ref = answers.field(found, "base" if base else "defaultBranchRef")
        if ref is None:
            raise PublishError(f"{name}: has no branch {base or 'at all'}; check gitops.base")
        blob, permission = answers.field(found, "configuration"), answers.field(found, "viewerPermission")
        return Settings(
            name=answers.text(answers.field(found, "nameWithOwner"), "nameWithOwner"),
            base=answers.text(answers.field(ref, "name"), "base.name"),
            private=answers.field(found, "isPrivate") is True,
            archived=answers.field(found, "isArchived") is True,
            permission=None if permission is None else answers.text(permission, "viewerPermission"),
            auto_merge=answers.field(found, "autoMergeAllowed") is True,
            methods=frozenset(name for name, key in _METHODS.items() if answers.field(found, key) is True),
            configuration=answers.sha(answers.field(blob, "oid"), "blob") if blob else None,
        )

    def _rules(self, branch: str) -> tuple[Rule, ...]:
        answer = self._api.answer(f"/rules/branches/{quote(branch, safe='')}?per_page=100")
        scopes = answer.headers.get("x-oauth-scopes")
        if scopes is not None and self._access.kind in _SCOPED:
            self._scopes = frozenset(one.strip() for one in scopes.split(",") if one.strip())
        return tuple(_rule(one) for one in answers.items(answer.body, "rules"))

    def _protection(self, base: str) -> Protection:
        variables = {
            "owner": self._api.owner, "name": self._api.name, "base": f"refs/heads/{base}", "branch": base,
        }  # fmt: skip
        found = answers.field(self._api.query(_PROTECTION, variables), "repository")
        ref = answers.field(found, "base")
        rule = None if ref is None else answers.field(ref, "refUpdateRule")
        owners = answers.field(found, "codeowners")
        return Protection(
            rules=() if rule is None else (_classic(rule),),
            owners_errors=() if owners is None else tuple(_owners_errors(answers.field(owners, "errors"))),
        )

    def _unprotected(self, base: str, protection: Protection) -> Protection:
        """Return `protection`, which is empty, where GitHub says that base is not protected; else it was not shown."""
        if answers.field(self._api.get(f"/branches/{quote(base, safe='')}"), "protected") is True:
            origin = self._access.origin
            raise PublishError(
                f"{base} is protected, and how is not shown to the credential from {origin}; ask its owner"
            )
        return protection

    def _rulesets(self, rules: Iterable[Rule]) -> Mapping[int, Ruleset | Unreadable]:
        ids = sorted({rule.ruleset for rule in rules if rule.ruleset is not None})
        found: dict[int, Ruleset | Unreadable] = {one: Unreadable("too many rulesets to ask") for one in ids}
        for one in ids[:_MOST_RULESETS]:
            found[one] = self._asked(partial(self._ruleset, one))
        return found

    def _ruleset(self, number: int) -> Ruleset:
        answer = answers.mapping(self._api.get(f"/rulesets/{number}"), "ruleset")
        bypass = answer.get("current_user_can_bypass")
        if not isinstance(bypass, str):
            raise PublishError(f"{self._api.repository}: GitHub does not say who may bypass the ruleset {number}")
        return Ruleset(name=answers.text(answers.field(answer, "name"), "ruleset.name"), bypass=bypass)

    def _actions(self) -> ActionsPolicy:
        answer = self._api.get("/actions/permissions/workflow")
        return ActionsPolicy(
            opens_pull_requests=answers.field(answer, "can_approve_pull_request_reviews") is True,
            writes_by_default=answers.field(answer, "default_workflow_permissions") == "write",
        )


def _rule(one: answers.Object) -> Rule:
    kind, number = answers.text(answers.field(one, "type"), "rule.type"), one.get("ruleset_id")
    parameters = one.get("parameters")
    given: answers.Object = parameters if isinstance(parameters, dict) else {}
    checks = given.get("required_status_checks", []) if kind == "required_status_checks" else []
    approvals = given.get("required_approving_review_count") if kind == "pull_request" else 0
    return Rule(
        type=kind,
        ruleset=number if isinstance(number, int) else None,
        checks=tuple(
            answers.text(answers.field(check, "context"), "context") for check in answers.items(checks, "checks")
        ),
        approvals=approvals if isinstance(approvals, int) else 0,
        owners=kind == "pull_request" and given.get("require_code_owner_review") is True,
    )


def _classic(rule: object) -> Rule:
    contexts = answers.field(rule, "requiredStatusCheckContexts")
    approvals = answers.field(rule, "requiredApprovingReviewCount")
    return Rule(
        type="branch_protection",
        checks=tuple(one for one in contexts if isinstance(one, str)) if isinstance(contexts, list) else (),
        approvals=approvals if isinstance(approvals, int) else 0,
        owners=answers.field(rule, "requiresCodeOwnerReviews") is True,
    )


def _owners_errors(errors: object) -> Iterator[OwnersError]:
    for one in answers.items(errors, "codeowners.errors"):
        yield OwnersError(
            path=answers.text(answers.field(one, "path"), "path"),
            line=answers.number(answers.field(one, "line"), "line"),
            kind=answers.text(answers.field(one, "kind"), "kind"),
        )
