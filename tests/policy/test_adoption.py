"""Waivers for what is found now: as narrow as they can be, in the same order every time, and enough."""

from datetime import date

import pytest

from bot.errors import ConfigError
from bot.policy import Finding, Terms, Waiver, adopted, by_end
from tests.policy.checking import WAIVERS, checked

TERMS = Terms(owner="sre", reason="old", expires=date(2026, 12, 31), where=WAIVERS)
TAGGED = "image: ghcr.io/acme/{}:1.4.0\n"


def found(files: dict[str, str]) -> tuple[Finding, ...]:
    return checked(files).findings


def subjects(waivers: tuple[Waiver, ...]) -> list[str]:
    return [f"{one.rule} {one.path} {one.image}" for one in waivers]


def test_one_for_each_rule_file_and_image() -> None:
    many = "".join(f"{key}: {{{TAGGED.format(name).strip()}}}\n" for key, name in (("a", "y"), ("b", "x"), ("c", "y")))
    files = {
        "env/staging/b.yaml": many,
        "env/staging/a.yaml": "image: redis:latest\n",
        "env/dev/c.yaml": TAGGED.format("x"),
    }

    assert subjects(adopted(found(files), TERMS)) == [
        "floating-tag env/staging/a.yaml docker.io/library/redis",
        "tag-only env/staging/b.yaml ghcr.io/acme/x",
        "tag-only env/staging/b.yaml ghcr.io/acme/y",
    ], "a warning, as in dev, gets none"


def test_what_has_no_image_is_one_for_the_file() -> None:
    files = {"env/staging/a.yaml": "a: {image: 'ghcr.io/acme/api:@'}\nb: [\n"}

    assert subjects(adopted(found(files), TERMS)) == ["unreadable-file env/staging/a.yaml None"]


def test_what_no_waiver_excuses_gets_none() -> None:
    waivers = "version: 1\nwaivers:\n  - {rule: tag-only, path: a, reason: r, owner: o, expires: 2026-01-01}\n"

    assert adopted(found({WAIVERS: waivers, "env/dev/a.yaml": "a: 1\n"}), TERMS) == ()


@pytest.mark.parametrize("name", ["a[1].yaml", "a*b.yaml", "{a}.yaml", "!a\\.yaml", "a b?.yaml", "**.yaml"])
def test_a_name_that_is_no_pattern_is_met_all_the_same(name: str) -> None:
    (finding,) = found({f"env/staging/{name}": TAGGED.format("x")})
    (waiver,) = adopted([finding], TERMS)

    assert waiver.excuses(finding.rule, finding.remark)
    assert not waiver.reaches(f"env/staging/sub/{name}")


def test_too_many_are_made_fewer_and_far_too_many_refused() -> None:
    text = "".join(f"{name}: {{image: 'ghcr.io/acme/{name}:1.4.0'}}\n" for name in "abc")
    findings = found({"env/staging/a.yaml": text, "env/staging/b.yaml": text})

    assert len(adopted(findings, TERMS, most=6)) == 6
    assert subjects(adopted(findings, TERMS, most=5)) == [
        "tag-only env/staging/a.yaml None",
        "tag-only env/staging/b.yaml None",
    ]
    with pytest.raises(ConfigError, match="2 more waivers"):
        adopted(findings, TERMS, most=1)


def test_the_first_to_end_comes_first() -> None:
    (one,) = adopted(found({"env/staging/a.yaml": TAGGED.format("x")}), TERMS)
    (other,) = adopted(
        found({"env/staging/b.yaml": TAGGED.format("x")}),
        Terms(owner="o", reason="r", expires=date(2026, 1, 1), where=WAIVERS),
    )

    assert by_end([one, other]) == (other, one)
