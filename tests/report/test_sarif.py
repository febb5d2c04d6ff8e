"""SARIF: valid by OASIS' own schema whatever stands in the files, and within what GitHub takes in one upload."""

import gzip
import json
import random
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from bot.image import Repository
from bot.planning.glob import Glob
from bot.policy import RULES, Finding, Level, Remark, Verdict, Waiver
from bot.report.sarif import MOST_BYTES, MOST_RESULTS, render

SCHEMA = json.loads((Path(__file__).parent / "sarif/schema.json").read_text(encoding="utf-8"))
Draft4Validator.check_schema(SCHEMA)
VALID = Draft4Validator(SCHEMA)
RELATIVE = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+(?:/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*)*")  # RFC 3986, noscheme
WAIVER = Waiver(
    rule="tag-only",
    path=Glob.parse("env"),
    reason="no digests {0} [yet](http://x)",
    owner="sre",
    expires=date(2027, 1, 31),
    where="config/waivers.yaml",
    line=3,
    column=5,
)


def finding(
    rule: str = "tag-only",
    level: Level = Level.ERROR,
    *,
    path: str = "env/a.yaml",
    line: int = 3,
    text: str = "api:1",
    message: str = "said",
    image: Repository | None = None,
) -> Finding:
    remark = Remark(path=path, line=line, column=7, message=message, instead="this", text=text, image=image)
    return Finding(rule=rule, level=level, environment="dev", remark=remark, fingerprint="f" * 32)


def read(text: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(text)
    VALID.validate(document)
    run: Mapping[str, Any] = document["runs"][0]
    return run


def test_a_finding_becomes_a_result() -> None:
    found = finding(image=Repository.parse("ghcr.io/acme/api"))
    run = read(render(Verdict(findings=(found, finding("unpinned", Level.WARNING)))))

    index = list(RULES).index("tag-only")
    assert run["results"][0] == {
        "ruleId": "tag-only",
        "ruleIndex": index,
        "level": "error",
        "message": {"text": "said; write this"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "env/a.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 7},
                }
            }
        ],
        "partialFingerprints": {"bump/v1": "f" * 32},
    }
    assert run["tool"]["driver"]["rules"][index]["id"] == "tag-only"
    assert run["results"][1]["level"] == "warning"
    assert "%SRCROOT%" in run["originalUriBaseIds"]


def test_a_rule_says_what_it_asks_and_why_and_how_loud_it_is() -> None:
    rules = read(render(Verdict(findings=())))["tool"]["driver"]["rules"]

    assert [one["id"] for one in rules] == list(RULES)
    for one in rules:
        page = Path(__file__).parents[2] / f"docs/rules/{one['id']}.md"
        assert one["help"]["markdown"] == page.read_text(encoding="utf-8")
        assert one["shortDescription"]["text"] == RULES[one["id"]].asks
        assert len(one["fullDescription"]["text"]) > 20
        assert one["helpUri"].startswith("https://")
    levels = {one["id"]: one["defaultConfiguration"]["level"] for one in rules}
    assert (levels["tag-only"], levels["waiver-unused"]) == ("error", "warning")


def test_a_whole_file_is_its_first_line() -> None:
    (result,) = read(render(Verdict(findings=(finding(line=0),))))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_what_a_waiver_excuses_is_suppressed() -> None:
    (result,) = read(render(Verdict(findings=(), waived=((finding(), WAIVER),))))["results"]

    (suppression,) = result["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"] == "no digests \\x7b0} [yet]\\x28http://x) (owner: sre, until 2027-01-31)"
    assert suppression["location"]["physicalLocation"]["artifactLocation"]["uri"] == "config/waivers.yaml"


def test_what_kept_files_from_being_checked_is_said() -> None:
    (invocation,) = read(render(Verdict(findings=()), stopped=["environments.dev: bad"]))["invocations"]

    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told == {"level": "error", "message": {"text": "environments.dev: bad"}}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("a:b.yaml", "a%3Ab.yaml", id="no scheme"),
        pytest.param("env/a b#c?d%20.yaml", "env/a%20b%23c%3Fd%2520.yaml", id="characters that mean something"),
        pytest.param("env/é.yaml", "env/%C3%A9.yaml", id="not ASCII"),
        pytest.param("env/\udcff.yaml", "env/%FF.yaml", id="not UTF-8"),
    ],
)
def test_a_path_is_a_relative_uri(path: str, uri: str) -> None:
    (result,) = read(render(Verdict(findings=(finding(path=path),))))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


NAME = st.text(min_size=1).filter(lambda name: "/" not in name)


@settings(deadline=None, max_examples=50)
@given(st.lists(NAME, min_size=1).map("/".join), st.text(), st.text(), st.integers(0, 9))
def test_whatever_stands_there_the_document_is_valid_and_shows_nothing_invisible(
    path: str, message: str, text: str, line: int
) -> None:
    found = finding(path=path, message=message, text=text, line=line, image=Repository.parse("ghcr.io/acme/api"))
    rendered = render(Verdict(findings=(found,), waived=((found, WAIVER),)))

    assert rendered.isascii()
    assert rendered.rstrip("\n").isprintable()
    result = read(rendered)["results"][0]
    assert result["message"]["text"].isprintable()
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert RELATIVE.fullmatch(uri)
    assert unquote(uri) == path


def test_an_upload_holds_no_more_results_than_github_takes_and_the_errors_come_first() -> None:
    few = finding("unpinned", Level.WARNING), finding("tag-form", Level.WARNING)
    many = (finding(),) * MOST_RESULTS
    text = render(Verdict(findings=(*few, *many)))

    run = json.loads(text)["runs"][0]
    assert {one["ruleId"] for one in run["results"]} == {"tag-only"}
    assert len(run["results"]) == MOST_RESULTS
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told == {"level": "warning", "message": {"text": "2 more results are left out: an upload holds no more"}}
    assert run["invocations"][0]["executionSuccessful"] is True


def test_an_upload_is_no_larger_than_it_may_be() -> None:
    draw = random.Random(7)
    letters = [chr(code) for code in range(0xC0, 0x24F)]
    found = tuple(finding(message="".join(draw.choices(letters, k=900))) for _ in range(400))
    whole, cut = (render(Verdict(findings=found), most_bytes=most) for most in (MOST_BYTES, 200_000))

    assert len(gzip.compress(whole.encode())) > 500_000
    assert 200_000 < len(gzip.compress(cut.encode())) < 350_000
    left = 400 - len(json.loads(cut)["runs"][0]["results"])
    assert f"{left} more results are left out" in cut
