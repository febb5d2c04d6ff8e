"""policy-changed: what a change does to the configuration and the waivers, told where it stands."""

import pytest

from tests.policy.checking import checked

CONFIG = "config/environments.yaml"
CONFIGURATION = """\
version: 1
images:
  - {match: "ghcr.io/acme/mirror/**", move: false}
  - match: "ghcr.io/acme/*"
environments:
  local: {paths: ["env/local/**"], follow: edge}
  dev: {paths: ["env/dev/**"], layers: ["shared/**"], follow: main}
  staging: {paths: ["env/staging/**"], layers: ["shared/**"], promote_from: dev}
  production: {paths: ["env/production/**"], promote_from: staging}
  shared: {paths: ["shared/**"]}
"""
POLICY = "policy: {profile: plan, rules: {tag-only: warning}, operators: {kinds: [Domain]}}\n"
TEXT = CONFIGURATION + POLICY
LATER = "; the base's counts until this is merged"


def told(before: str, after: str) -> list[str]:
    found = checked({f"base: {CONFIG}": before, "env/staging/a.yaml": "a: 1\n"}, configuration=after).findings
    assert {one.rule for one in found} <= {"policy-changed"}
    assert {one.level.value for one in found} <= {"warning"}
    assert all(one.remark.message.endswith(LATER) for one in found)
    lines = after.splitlines()
    for one in found:  # the place is that of the key, or of an image rule
        start = lines[one.remark.line - 1][one.remark.column - 1 :]
        assert (
            start.startswith(("{", "match: ", one.remark.text.rpartition(".")[2])) or "not here" in one.remark.message
        )
    return [f"{one.remark.line} {one.remark.message.removesuffix(LATER)}" for one in found]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param("plan", "strict", ["11 policy.profile: plan at the base, strict here"], id="profile"),
        pytest.param(
            "tag-only: warning",
            "tag-only: error",
            ["11 policy.rules.tag-only: warning at the base, error here"],
            id="level",
        ),
        pytest.param(
            "tag-only: warning",
            "tag-only: {dev: error}",
            [
                "11 policy.rules.tag-only: warning at the base, a section here",
                "11 policy.rules.tag-only.dev: not at the base, error here",
            ],
            id="a level for an environment",
        ),
        pytest.param(
            "tag-only: warning",
            "tag-only: warning, tag-form: ignore",
            ["11 policy.rules.tag-form: not at the base, ignore here"],
            id="another rule",
        ),
        pytest.param(
            "tag-only: warning", "", ["11 policy.rules.tag-only: warning at the base, not here"], id="a rule less"
        ),
        pytest.param(
            "[Domain]",
            "[Domain, Agent]",
            ["11 policy.operators.kinds: [Domain] at the base, [Domain, Agent] here"],
            id="kinds",
        ),
        pytest.param(POLICY, "", ["0 policy: a section at the base, not here"], id="all of it"),
        pytest.param(
            "move: false",
            "move: true",
            ['3 images."ghcr.io/acme/mirror/**".move: false at the base, true here'],
            id="move",
        ),
        pytest.param(
            '  - match: "ghcr.io/acme/*"\n',
            "",
            ['2 images."ghcr.io/acme/*": a section at the base, not here'],
            id="a rule less",
        ),
        pytest.param(
            '  - match: "ghcr.io/acme/*"\n',
            '  - match: "ghcr.io/acme/*"\n  - match: "x.io/*"\n',
            ['5 images."x.io/*": not at the base, a section here'],
            id="a rule more",
        ),
        pytest.param(
            "follow: edge", "follow: main", ["6 environments.local.follow: edge at the base, main here"], id="lane"
        ),
        pytest.param(
            "  shared: {",
            "  other: {",
            [
                "5 environments.shared: a section at the base, not here",
                "10 environments.other: not at the base, a section here",
            ],
            id="environments",
        ),
    ],
)
def test_what_is_told(old: str, new: str, found: list[str]) -> None:
    assert old in TEXT
    assert told(TEXT, TEXT.replace(old, new, 1)) == found


def test_the_order_of_image_rules_counts() -> None:
    first, second = '  - {match: "ghcr.io/acme/mirror/**", move: false}\n', '  - match: "ghcr.io/acme/*"\n'

    assert told(TEXT, TEXT.replace(first + second, second + first)) == [
        "2 images: in another order than at the base, and the first that matches counts"
    ]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(TEXT, id="the same"),
        pytest.param("# more\n" + TEXT.replace("plan,", '"plan",'), id="written otherwise"),
        pytest.param(f"{TEXT}gitops: {{branch_prefix: b}}\n", id="what decides nothing"),
        pytest.param(
            TEXT.replace("follow: edge", "follow: edge, pull_request: {labels: [x]}"), id="a pull request's look"
        ),
    ],
)
def test_what_is_not_told(after: str) -> None:
    assert told(TEXT, after) == []


W = "  - {{rule: tag-only, path: env, reason: {reason}, owner: o, expires: {expires}}}\n"


def waiver(expires: str = "2027-01-31", reason: str = "r") -> str:
    return f"version: 1\nwaivers:\n{W.format(expires=expires, reason=reason)}"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param("version: 1\n", waiver(), "3 not at the base (owner: o, until 2027-01-31)", id="new"),
        pytest.param(
            waiver("2027-01-30"), waiver(), "3 other terms than at the base (owner: o, until 2027-01-31)", id="longer"
        ),
        pytest.param(
            waiver(reason="x"), waiver(), "3 other terms than at the base (owner: o, until 2027-01-31)", id="why"
        ),
        pytest.param(waiver(), "version: 1\n", "0 at the base, not here", id="gone"),
        pytest.param(waiver(), f"# moved\n{waiver()}", None, id="moved"),
    ],
)
def test_waivers(before: str, after: str, found: str | None) -> None:
    path = "config/waivers.yaml"
    verdict = checked({f"base: {path}": before, path: after, "env/dev/a.yaml": "image: ghcr.io/acme/x:1.4.0\n"})
    remarks = [one.remark for one in verdict.findings if one.rule == "policy-changed"]

    told = [f"{one.line} {one.message.partition(': ')[2].removesuffix(LATER)}" for one in remarks]
    assert told == ([] if found is None else [found])
