"""The findings of a check in words: a line each, as linters write them, and a document for programs.

What stands in files comes from anybody: control characters are shown as escapes, and no line is a runner's command.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from bot.policy import RULES, Finding, Level, Rule, Verdict, statistics
from bot.report.text import counted

Object = dict[str, object]

_MOST: Final = 1000


def escaped(text: str, *, most: int = _MOST) -> str:
    """Show `text` on one line, with every character that is none to look at as an escape, cut at `most`."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(char if char.isprintable() else _escape(char) for char in cut)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def lines(verdict: Verdict) -> Iterator[str]:
    """Yield `path:line:column rule message; write …`, one line for each finding."""
    for one in verdict.findings:
        mark = "" if one.level is Level.ERROR else f"[{one.level}] "
        instead = f"; write {one.remark.instead}" if one.remark.instead else ""
        yield _harmless(f"{escaped(one.place)} {one.rule} {mark}{escaped(f'{one.remark.message}{instead}')}")


def _harmless(line: str) -> str:
    """Keep the runner from taking a line for one of its commands.

    Source: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    line = line.replace("##[", "#\\x23[")
    return f"\\x3a{line.lstrip()[1:]}" if line.lstrip().startswith("::") else line


def statistics_lines(verdict: Verdict) -> Iterator[str]:
    """Yield one line for each rule that is broken: how often, and what it asks for."""
    counts = statistics(verdict.findings)
    width = max((len(str(sum(count))) for count in counts.values()), default=0)
    names = max((len(rule) for rule in counts), default=0)
    for rule, (errors, warnings) in counts.items():
        asks = RULES[rule].asks if rule in RULES else ""
        loud = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if errors and warnings else ""
        loud = loud or ("" if errors else "warnings")
        yield f"{errors + warnings:>{width}} {rule:<{names}} {f'[{loud}] ' if loud else ''}{asks}"


def summary(verdict: Verdict) -> str:
    """Count it all in one line; after a dry run what would be left, and what would be fixed."""
    looked = f"{counted(verdict.references, 'reference')} in {counted(verdict.files, 'file')}"
    besides = (
        (len(verdict.waived), "waived"),
        (len(verdict.fixed), "would be fixed" if verdict.dry_run else "fixed"),
        (verdict.unasked or 0, "not checked online"),
        (verdict.unchanged or 0, "not changed here"),
    )
    looked += "".join(f"; {number} {what}" for number, what in besides if number)
    looked += f"; judged by {verdict.base[:12]}" if verdict.base else ""
    errors = len(verdict.errors)
    if not verdict.findings:
        passed = f"All checks {'would pass' if verdict.dry_run else 'passed'}"
        return f"{'No findings' if verdict.unasked else passed}: {looked}"
    return f"Found {counted(errors, 'error')} and {counted(len(verdict.findings) - errors, 'warning')}: {looked}"


def render(verdict: Verdict) -> str:
    """Render the verdict for programs, ending with a line feed; docs/json.md names the keys."""
    errors = len(verdict.errors)
    document = {
        "version": 1,
        "command": "check",
        "base": verdict.base,
        "findings": [_object(one) for one in verdict.findings],
        "waived": [
            {
                **_object(one),
                "waiver": {
                    "path": waiver.where,
                    "line": waiver.line,
                    "owner": waiver.owner,
                    "reason": waiver.reason,
                    "expires": str(waiver.expires),
                },
            }
            for one, waiver in verdict.waived
        ],
        "fixed": [_object(one) for one in verdict.fixed],
        "summary": {
            "errors": errors,
            "warnings": len(verdict.findings) - errors,
            "waived": len(verdict.waived),
            "unchanged": verdict.unchanged,
            "fixed": len(verdict.fixed),
            "unasked": verdict.unasked,
            "files": verdict.files,
            "references": verdict.references,
        },
    }
    return json.dumps(document, indent=2) + "\n"  # in ASCII: no character in it does anything to a terminal


def _object(one: Finding) -> Object:
    remark = one.remark
    return {
        "rule": one.rule,
        "level": one.level.value,
        "environment": one.environment,
        "path": remark.path,
        "line": remark.line or None,
        "column": remark.column if remark.line else None,
        "key": remark.key or None,
        "image": str(remark.image) if remark.image else None,
        "text": remark.text,
        "message": remark.message,
        "instead": remark.instead or None,
        "fingerprint": one.fingerprint,
    }


def page(rule: Rule) -> str:
    """Write a rule's page: what it asks, why, examples, and how loud it is; Markdown that reads as text, too."""
    first, third = rule.defaults.first, rule.defaults.third
    rows = [
        "| image | fast lane | elsewhere |",
        "| --- | --- | --- |",
        f"| first-party | {first[0]} | {first[1]} |",
        f"| third-party | {third[0]} | {third[1]} |",
        f"| an operator’s | {first[1]} | {first[1]} |",
    ]
    if len({*first, *third}) == 1:
        rows = [f"{first[0].value.capitalize()}, everywhere."]
    parts = [f"# {rule.name}", rule.asks, rule.why]
    parts += [f"## Bad\n\n```yaml\n{rule.bad}```", f"## Good\n\n```yaml\n{rule.good}```"]
    parts.append("## Level\n\n" + "\n".join(rows))
    if not rule.waivable:
        parts.append("No waiver excuses it.")
    return "\n\n".join(parts) + "\n"


def index(rules: Iterable[Rule]) -> str:
    """Write the list of the rules' pages."""
    rows = "\n".join(f"| [{rule.name}]({rule.name}.md) | {rule.asks} |" for rule in rules)
    return (
        "# The rules of `bump check`\n\n"
        "Made from the rules themselves; `bump check --explain RULE` shows the same. How levels, profiles and waivers "
        f"work: [policy](../policy.md).\n\n| rule | asks |\n| --- | --- |\n{rows}\n"
    )
