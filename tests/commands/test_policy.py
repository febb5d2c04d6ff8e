"""`bump policy render`: what goes to stdout and to stderr, and whether a file in Git is fresh."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot import clock
from tests.commands.terminal import Done, bump
from tests.policy.admission.cluster import Cluster
from tests.policy.admission.objects import POD, tree

CONFIGURATION = """\
version: 1
images: [{match: "ghcr.io/acme/*"}]
environments:
  dev: {paths: ["env/dev/**"], follow: main}
  production: {paths: ["env/production/**"], promote_from: dev}
policy: {admission: {actions: {production: Deny, dev: Audit}}}
"""
SOON = (clock.now() + timedelta(days=30)).date()


def waiver(expires: date, image: str = "image: ghcr.io/acme/old, ") -> str:
    entry = f"rule: tag-only, path: env/production, {image}reason: later, owner: platform, expires: {expires}"
    return f"version: 1\nwaivers:\n- {{{entry}}}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, text in {
        "config/environments.yaml": CONFIGURATION,
        "config/waivers.yaml": waiver(SOON),
        "env/dev/a.yaml": "a: b\n",
        "env/production/a.yaml": "a: b\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def rendered(folder: Path, *more: str) -> Done:
    done = bump("policy", "render", *more, folder=folder)
    assert done.code == 0, done.err
    return done


def test_what_is_printed_is_what_a_cluster_takes(checkout: Path) -> None:
    done = rendered(checkout)

    cluster = Cluster(done.out)
    production = {"ameide.io/environment": "production", "ameide.io/managed-by": "gitops"}
    assert cluster.asked(tree(POD, "ghcr.io/acme/old:1.4.0"), labels=production) == []
    (refusal,) = cluster.asked(tree(POD, "ghcr.io/acme/new:1.4.0"), labels=production)
    assert (refusal.policy, refusal.actions) == ("bump-production-tag-only", ("Deny",))
    (told,) = cluster.asked(tree(POD, "redis:latest"), labels={**production, "ameide.io/environment": "dev"})
    assert told.actions == ("Audit",)
    assert done.err == f"{len(cluster.policies) * 2} objects for 2 environments\n"


def test_it_says_who_made_it_and_is_the_same_every_time(checkout: Path) -> None:
    first, second = rendered(checkout, "--env", "production"), rendered(checkout, "--env", "production")

    assert first.out == second.out
    assert first.out.startswith("# Made by `bump policy render --env production` from config/environments.yaml and")
    assert "bump-dev-" not in first.out


def test_environments_come_in_the_order_in_which_they_are_asked_for(checkout: Path) -> None:
    done = rendered(checkout, "--env", "production", "--env", "dev", "--env", "production")

    assert [line for line in done.out.splitlines() if line in {"# dev", "# production"}] == ["# production", "# dev"]


def test_a_file_in_git_is_fresh_until_the_configuration_or_a_waiver_says_otherwise(checkout: Path) -> None:
    kept = checkout / "policy.yaml"
    kept.write_text(rendered(checkout).out, encoding="utf-8")
    check = ("policy", "render", "--check", "policy.yaml")
    fresh = bump(*check, folder=checkout)
    kept.write_bytes(kept.read_bytes().replace(b"\n", b"\r\n"))
    converted = bump(*check, folder=checkout)
    (checkout / "config/waivers.yaml").write_text(waiver(date(2026, 1, 31)), encoding="utf-8")
    stale = bump(*check, folder=checkout)

    assert (fresh.code, fresh.out, fresh.err) == (0, "", "policy.yaml: fresh\n")
    assert (converted.code, converted.out) == (0, "")
    assert stale.code == 1
    assert "-    bump/waivers: " in stale.out
    assert stale.out.startswith("--- a/policy.yaml\n+++ b/policy.yaml\n")
    assert "bump: config/waivers.yaml:3: tag-only: expired on 2026-01-31, left out (owner: platform)\n" in stale.err
    assert "policy.yaml: stale" in stale.err


def test_check_of_one_environment_does_not_ask_for_the_others(checkout: Path) -> None:
    (checkout / "dev.yaml").write_text(rendered(checkout, "--env", "dev").out, encoding="utf-8")

    assert bump("policy", "render", "--env", "dev", "--check", "dev.yaml", folder=checkout).code == 0
    assert bump("policy", "render", "--check", "dev.yaml", folder=checkout).code == 1


def test_a_waiver_without_an_image_is_told(checkout: Path) -> None:
    (checkout / "config/waivers.yaml").write_text(waiver(SOON, image=""), encoding="utf-8")

    done = rendered(checkout)

    assert "config/waivers.yaml:3: tag-only: names no image, left out" in done.err
    assert "not-waived" not in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--env", "prod"), "no environment 'prod' in config/environments.yaml; there are: dev, production"),
        (("--check", "nowhere.yaml"), "--check nowhere.yaml: No such file or directory; name the file that holds"),
        (("--check", "config"), "--check config: Is a directory; name the file that holds"),
    ],
)
def test_what_is_wrong_is_one_line(checkout: Path, arguments: tuple[str, ...], words: str) -> None:
    done = bump("policy", "render", *arguments, folder=checkout)

    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_file_that_is_no_text_is_refused(checkout: Path) -> None:
    (checkout / "x").write_bytes(b"\xff")

    assert bump("policy", "render", "--check", "x", folder=checkout).code == 2


def test_an_owner_with_strange_letters_stays_a_text(checkout: Path) -> None:
    text = waiver(SOON).replace("platform", json.dumps('"x": {y} #z \U0001f600', ensure_ascii=False))
    (checkout / "config/waivers.yaml").write_text(text, encoding="utf-8")

    found = YAML(typ="safe", pure=True).load_all(rendered(checkout).out)

    notes = [one["metadata"].get("annotations", {}).get("bump/waivers", "") for one in found]
    assert f'ghcr.io/acme/old until {SOON}, "x": {{y}} #z \U0001f600: later' in notes
