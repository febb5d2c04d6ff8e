"""The verdict of a check as SARIF 2.1.0, for code scanning and whatever else reads it.

What a waiver excuses is there, too, as a suppressed result. A document is kept to what GitHub accepts in one upload.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html and
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/troubleshoot-sarif-uploads/results-exceed-limit
"""

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from bot import __version__
from bot.policy import RULES, Finding, Level, Rule, Verdict, Waiver
from bot.report.findings import escaped, page

Object = dict[str, object]

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS: Final = 25_000  # a run, or the upload is refused
MOST_BYTES: Final = 9_500_000  # of 10 MB that an upload may have, compressed; rules and the frame need little
_HOME: Final = "https://pypi.org/project/digest-bump/"
_ROOT: Final = "%SRCROOT%"
_FINGERPRINT: Final = (
    "bump/v1"  # not GitHub's `primaryLocationLineHash`: its uploader makes that one, and warns of others
)
_SHORT: Final = 1024  # characters of a description that GitHub takes
# A placeholder and an embedded link mean something in a message. Doubled braces, as the specification wants them, are
# shown doubled by GitHub: so only what would be taken for either is changed.
_PLACEHOLDER: Final = re.compile(r"\{(?=\d+\})")
_NAMES: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.IGNORE: "none"}


def render(verdict: Verdict, *, stopped: Sequence[str] = (), most_bytes: int = MOST_BYTES) -> str:
    """Render the verdict, on one line; `stopped` is what kept some files from being checked.

    `most_bytes` is about how much the results may be, compressed.
    """
    results = list(_results(verdict))
    kept = list(_fitting(results, most_bytes))
    left = len(results) - len(kept)
    told = [*stopped, *([f"{left} more results are left out: an upload holds no more"] if left else [])]
    run: Object = {
        "tool": {"driver": _driver()},
        "invocations": [
            {
                "executionSuccessful": not stopped,
                "toolExecutionNotifications": [
                    {"level": "error" if stopped else "warning", "message": {"text": _text(one)}} for one in told
                ],
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the checkout."}}},
        "columnKind": "unicodeCodePoints",
        "results": [],
    }
    frame = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, separators=(",", ":"))
    head, _, tail = frame.rpartition("[]")
    return f"{head}[{','.join(kept)}]{tail}\n"  # in ASCII: no character in it does anything to a terminal


def _driver() -> Object:
    return {
        "name": "bump",
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": [_rule(rule) for rule in RULES.values()],
    }


def _rule(rule: Rule) -> Object:
    levels = {*rule.defaults.first, *rule.defaults.third}
    return {
        "id": rule.name,
        "shortDescription": {"text": _text(rule.asks, most=_SHORT)},
        "fullDescription": {"text": _text(" ".join(rule.why.split()), most=_SHORT)},
        "help": {"text": page(rule), "markdown": page(rule)},
        "helpUri": _HOME,
        "defaultConfiguration": {"level": next(_NAMES[one] for one in Level if one in levels)},
    }


def _results(verdict: Verdict) -> Iterator[str]:
    """Yield every result as JSON, what matters most first: so the rest is what does not fit."""
    rules = {name: index for index, name in enumerate(RULES)}
    warnings = (one for one in verdict.findings if one.level is not Level.ERROR)
    for one in (*verdict.errors, *warnings):
        yield _json(_result(one, rules[one.rule]))
    for one, waiver in verdict.waived:
        yield _json({**_result(one, rules[one.rule]), "suppressions": [_suppression(waiver)]})


def _result(one: Finding, index: int) -> Object:
    remark = one.remark
    instead = f"; write {remark.instead}" if remark.instead else ""
    region: Object = {"startLine": remark.line or 1}
    if remark.line:
        region["startColumn"] = remark.column  # up to the end of the line; a text may be written longer than it is
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": _NAMES[one.level],
        "message": {"text": _text(f"{remark.message}{instead}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(remark.path), "uriBaseId": _ROOT},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {_FINGERPRINT: one.fingerprint},
    }


def _suppression(waiver: Waiver) -> Object:
    """Say who permits it, until when and why. `external`: it stands in a file of its own."""
    return {
        "kind": "external",
        "status": "accepted",
        "justification": _text(f"{waiver.reason} (owner: {waiver.owner}, until {waiver.expires})"),
        "location": {
            "physicalLocation": {
                "artifactLocation": {"uri": _uri(waiver.where), "uriBaseId": _ROOT},
                "region": {"startLine": waiver.line, "startColumn": waiver.column},
            }
        },
    }


def _fitting(results: Sequence[str], most_bytes: int) -> Iterator[str]:
    """Yield as many as one upload holds; the compressor keeps some 100 KB back, which the limit leaves room for."""
    press = zlib.compressobj()
    size = 0
    for one in results[:MOST_RESULTS]:
        size += len(press.compress(one.encode())) + 1
        if size > most_bytes:
            return
        yield one


def _uri(path: str) -> str:
    """Write a path as a relative URI; a file's name need not be text."""
    return quote(path, safe="/", errors="surrogateescape")


def _text(text: str, *, most: int = 1000) -> str:
    shown = escaped(text, most=most).replace("](", "]\\x28")
    return _PLACEHOLDER.sub(r"\\x7b", shown)


def _json(result: Object) -> str:
    return json.dumps(result, separators=(",", ":"))
