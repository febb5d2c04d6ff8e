"""`bump pins` on a checkout: whether the configuration covers what is there, for a pipe, a program and a person."""

import json
from pathlib import Path

import pytest

from tests.builders import digest, written
from tests.commands.terminal import bump

CONFIGURATION = """\
version: 1
images:
  - {match: "ghcr.io/acme/mirror/**", move: false}
  - match: "ghcr.io/acme/*"
environments:
  dev:
    paths: ["env/dev/**"]
    layers: ["shared/**"]
    follow: main
  production:
    paths: ["env/production/**"]
"""

FILES = {
    "config/environments.yaml": CONFIGURATION,
    "shared/api.yaml": "image:\n  repository: ghcr.io/acme/api\n",
    "env/dev/api.yaml": "image:\n  digest: <a>\n",
    "env/dev/lost.yaml": "sidecar:\n  image:\n    digest: <b>\n",
    "env/dev/web.yaml": "x: ghcr.io/acme/team/web:main\ny: &y ghcr.io/acme/web:main\n",
    "env/dev/mirror.yaml": "x: ghcr.io/acme/mirror/redis:7\n",
    "env/production/api.yaml": "x: ghcr.io/acme/api:1.2.3\n",
    "charts/api/values.yaml": "image: {repository: ghcr.io/acme/api, tag: main}\n",
    "charts/api/templates/x.yaml": "image: ghcr.io/acme/api:{{ .Values.tag }}\n{{ if }}\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(written(text), encoding="utf-8")
    return tmp_path


def test_every_pin_is_listed_with_its_rule_and_what_is_missed(checkout: Path) -> None:
    done = bump("pins", folder=checkout)

    rows = [[column.replace(str(digest("a")), "<a>") for column in line.split("\t")] for line in done.out.splitlines()]
    assert [(row[0], row[1], row[3], row[7], row[8]) for row in rows] == [
        ("dev", "env/dev/api.yaml:2:11", "digest-key", "follows main", "images[1]"),
        ("dev", "env/dev/mirror.yaml:1:4", "string", "stays", "images[0]"),
        ("dev", "env/dev/web.yaml:1:4", "string", "stays", "-"),
        ("dev", "env/dev/web.yaml:2:4", "string", "stays", "images[1]"),
        ("production", "env/production/api.yaml:1:4", "string", "stays", "images[1]"),
        ("-", "charts/api/values.yaml:1:44", "tag-key", "stays", "images[1]"),
        ("dev", "env/dev/lost.yaml:3:13", "orphan", "stays", "-"),
    ]
    assert rows[0][5:7] == ["-", "<a>"]
    assert rows[0][9] == "repository from shared/api.yaml:2"
    assert "no rule of `images` matches" in rows[2][9]
    assert rows[3][9].startswith("anchored: ")
    assert "covers this file" in rows[5][9]
    assert done.err == (
        "4 pins: 1 move, 3 stay; 1 cannot be edited; 1 digest without a repository; "
        "1 pin of your owners that no rule matches; 1 pin in files that no environment covers\n"
    )
    assert done.code == 0


def test_with_an_environment_only_that_is_listed(checkout: Path) -> None:
    done = bump("pins", "--env", "production", folder=checkout)

    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["production"]


def test_a_program_gets_each_kind_under_its_own_key(checkout: Path) -> None:
    (checkout / "env/dev/bad.yaml").write_text("acme: [", encoding="utf-8")
    done = bump("pins", "--format", "json", folder=checkout)

    document = json.loads(done.out)
    assert {key: len(value) for key, value in document.items() if isinstance(value, list)} == {
        "pins": 4,
        "orphans": 1,
        "look_alikes": 1,
        "uncovered": 1,
        "problems": 1,
    }
    assert document["pins"][0] == {
        "environment": "dev",
        "path": "env/dev/api.yaml",
        "line": 2,
        "column": 11,
        "document": 0,
        "key": "image.digest",
        "shape": "digest-key",
        "image": "ghcr.io/acme/api",
        "tag": None,
        "digest": str(digest("a")),
        "named_in": "shared/api.yaml:2",
        "rule": "images[1]",
        "follows": "main",
        "refused": None,
        "reason": None,
    }
    assert document["problems"][0]["code"] == "unreadable-file"
    assert "env/dev/bad.yaml" in done.err
    assert done.code == 1


def test_a_glob_that_is_wrong_stops_its_environment_alone(checkout: Path) -> None:
    (checkout / "env/production/api.yaml").unlink()
    done = bump("pins", folder=checkout)

    assert done.code == 2
    assert "environments.production.paths" in done.err
    assert "env/dev/api.yaml" in done.out


@pytest.mark.parametrize("columns", ["40", "100", "200"])
def test_a_person_gets_a_table_with_short_digests(checkout: Path, columns: str) -> None:
    (checkout / "env/dev/hostile.yaml").write_text('"[red]:x:\\e[1m": ghcr.io/acme/api:main\n', encoding="utf-8")
    done = bump("pins", folder=checkout, terminal=True, environ={"COLUMNS": columns, "NO_COLOR": "1"})

    assert done.code == 0
    assert digest("a").short in done.out
    assert str(digest("a")) not in done.out
    assert "in no environment:" in done.out
    assert "\x1b[1m" not in done.out
    if columns == "200":
        assert "[red]:x:" in done.out
        assert "→ main" in done.out


def test_a_place_without_a_digest_key_is_not_said_to_move(checkout: Path) -> None:
    (checkout / "env/dev/first.yaml").write_text(
        "x: {repository: ghcr.io/acme/api, tag: main}\ny: {image: ghcr.io/acme/api, tag: 1.2.3}\n", encoding="utf-8"
    )
    done = bump("pins", "--env", "dev", folder=checkout)

    rows = {row[2]: row for row in (line.split("\t") for line in done.out.splitlines())}
    assert rows["x.tag"][7:] == ["stays", "images[1]", "needs-digest-key: set images[1].first_pin"]
    assert "1.2.3 is not the channel" in rows["y.tag"][9]
    assert done.err.startswith("5 pins: 1 move, 3 stay; 1 without a place for a first digest; 1 cannot be edited; ")

    text = CONFIGURATION.replace('match: "ghcr.io/acme/*"', 'match: "ghcr.io/acme/*"\n    first_pin: digest-key')
    (checkout / "config/environments.yaml").write_text(text, encoding="utf-8")
    done = bump("pins", "--env", "dev", folder=checkout)

    assert "env/dev/first.yaml:1:40\tx.tag\ttag-key\tghcr.io/acme/api\tmain\t-\tfollows main" in done.out
    assert done.err.startswith("5 pins: 2 move, 3 stay; 1 cannot be edited; ")


def test_what_a_template_hides_cannot_be_edited(checkout: Path) -> None:
    (checkout / "env/dev/t.yaml").write_text("x: 'ghcr.io/acme/api:{{ .t }}'\n", encoding="utf-8")
    done = bump("pins", "--env", "dev", folder=checkout)

    assert "template: a template action stands in the value" in done.out


def test_it_sees_the_pins_that_an_update_sees(checkout: Path) -> None:
    config = CONFIGURATION.replace("ghcr.io/acme/*", "ghcr.io/acme/api")
    (checkout / "config/environments.yaml").write_text(config, encoding="utf-8")
    (checkout / "env/dev/two.yaml").write_text(
        written("x: {image: ghcr.io/acme/api, initImage: ghcr.io/acme/web, tag: main, digest: '<a>'}\n")
        + written("y: {image: ghcr.io/acme/api, tag: main, digest: '<a>'}\n"),
        encoding="utf-8",
    )
    done = bump("pins", "--env", "dev", folder=checkout)

    rows = [line.split("\t") for line in done.out.splitlines() if "two.yaml" in line]
    assert [(row[2], row[3], row[4].rpartition("/")[2], row[7], row[8]) for row in rows] == [
        ("x.image", "string", "api", "stays", "images[1]"),
        ("x.initImage", "string", "web", "stays", "-"),
        ("y.digest", "digest-key", "api", "follows main", "images[1]"),
    ]


def test_what_stands_in_layers_alone_is_listed_as_uncovered(checkout: Path) -> None:
    (checkout / "shared/operator.yaml").write_text(
        written("operator:\n  image: {repository: ghcr.io/acme/operator, digest: '<a>'}\nx: ghcr.io/acme/x:main\n"),
        encoding="utf-8",
    )
    done = bump("pins", folder=checkout)

    rows = [line.split("\t") for line in done.out.splitlines() if line.split("\t")[1].startswith("shared/")]
    assert [(row[0], row[1], row[9]) for row in rows] == [
        ("-", "shared/operator.yaml:2:54", "no environment covers this file; add it to `paths`"),
        ("-", "shared/operator.yaml:3:4", "no environment covers this file; add it to `paths`"),
    ]
