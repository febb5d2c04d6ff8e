"""Workflows that write the same files beside the bot, or run it twice: by scripts, and by actions known for it."""

import re
from collections.abc import Iterator
from typing import Final

from bot.diagnosis.automation import groups
from bot.diagnosis.check import CannotTell, Check, Name, Ok, Wrong
from bot.diagnosis.surface import Surface
from bot.diagnosis.workflows import Step, Workflow, Workflows

# A command that changes files in place. Bounded, so that many words are no long wait.
_EDIT: Final = re.compile(
    r"\b(?:yq\b[^;&|\n]{0,500}\s(?:-[a-zA-Z]{0,9}i\b|--inplace)|sed\b[^;&|\n]{0,500}\s(?:-[a-zA-Z]{0,9}i|--in-place)"
    r"|perl\b[^;&|\n]{0,500}\s-[a-zA-Z]{0,9}i|kustomize\s+edit\s+set\s+image|digestabot\b|updatecli\s+(?:apply|pipeline)"
    r"|renovate\b(?!\.)|flux\s+.{0,500}image)[^\n]*"
)
# Actions that do, and what they write where nothing says otherwise: everything, or what they are configured for.
_ACTIONS: Final = {
    "chainguard-dev/actions/digesta-bot": "every digest in the repository",
    "chainguard-dev/digestabot": "every digest in the repository",
    "updatecli/updatecli-action": "",
    "renovatebot/github-action": "",
    "fjogeleit/yaml-update-action": "",
    "mikefarah/yq": "",
    "jacobtomlinson/gha-find-replace": "",
}
_IN_PLACE: Final = re.compile(r"kustomize\s+edit")  # it writes into the folder that it is run in
_VARIABLE: Final = re.compile(r"\$[\w{(]|\*\.ya?ml|/\*")
_YAML: Final = re.compile(r"(?<![\w./-])[\w./-]{1,300}\.ya?ml\b")
# What is no values file, whatever variable stands beside it.
_OTHER: Final = re.compile(r"[\w-]\.(?:cfg|css|env|go|html|ini|js|json|lock|md|properties|py|sh|tf|toml|ts|txt|xml)\b")
_LONGEST: Final = 80


def scripts(workflows: Workflows, surface: Surface) -> Iterator[Check]:
    """Yield the steps that write what the bot does, and workflows that run it beside each other."""
    found = [
        check
        for workflow in workflows.read
        for job in workflow.jobs
        for step in job.steps
        if (check := _judged(workflow, step, surface)) is not None
    ]
    found += _twice(workflows)
    yield from found or [Ok(Name.WORKFLOW, "", "no other workflow in the checkout writes these files")]


def _judged(workflow: Workflow, step: Step, surface: Surface) -> Check | None:
    at = f"{workflow.path}:{step.line}"
    action = step.uses.partition("@")[0]
    if action in _ACTIONS:
        return _action(at, action, step, surface)
    for found in _EDIT.finditer(step.run):
        here = _IN_PLACE.search(found[0])
        named = _named(step.run if here else found[0], surface)
        shown = found[0].strip()[:_LONGEST]
        if named:
            return Wrong(Name.WORKFLOW, at, f"`{shown}` writes {named}", "take it out, or run it on other files")
        look = "look which files it writes; two writers of one file undo each other"
        names = ["kustomization.yaml"] if here else _YAML.findall(found[0])
        if like := next((file for name in names if (file := surface.like(name))), None):
            return CannotTell(Name.WORKFLOW, at, f"`{shown}` writes a file of that name, perhaps {like}", look)
        if not names and _VARIABLE.search(found[0]) and not _OTHER.search(found[0]):
            return CannotTell(Name.WORKFLOW, at, f"`{shown}` writes files that are not named there", look)
    return None


def _action(at: str, action: str, step: Step, surface: Surface) -> Check | None:
    named = _named(step.given, surface)
    fix = "take it out, or keep it from these files"
    if named or (_ACTIONS[action] and not _YAML.search(step.given)):
        return Wrong(Name.WORKFLOW, at, f"{action} writes {named or _ACTIONS[action]}", fix)
    if action == "mikefarah/yq" and not _EDIT.search(step.given):
        return None
    return CannotTell(Name.WORKFLOW, at, f"what {action} writes stands in its own settings", fix)


def _named(text: str, surface: Surface) -> str | None:
    """Return a file or folder of ours that a text names."""
    for path in _YAML.findall(text):
        if found := surface.named(path):
            return found[0]
    return next(
        (root for root in sorted(surface.roots) if re.search(rf"(?<![\w.-]){re.escape(root)}(?![\w-])", text)), None
    )


def _twice(workflows: Workflows) -> Iterator[Check]:
    running = groups(workflows)
    if len(running) > 1 and (len(set(running.values())) > 1 or any(None in one for one in running.values())):
        yield Wrong(
            Name.WORKFLOW,
            "",
            f"bump runs in {' and '.join(sorted(running))}, and nothing keeps them from running at once",
            "keep one of them, or give all the same concurrency group",
        )
