"""The draft of a configuration: how environments move, and that whatever is seen makes a sound one."""

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.pins import discover
from bot.planning.coverage import covered
from bot.planning.places import assigned
from bot.planning.sightings import anybodys, sightings
from bot.planning.snapshot import FILE, Entry
from bot.planning.survey import Draft, Survey, Unrecognised, draft
from bot.report.draft import render

MAIN = "image: ghcr.io/acme/api:main\n"
PLAIN = "image: ghcr.io/acme/api:1.0.0\n"


def survey(files: Mapping[str, str]) -> Survey:
    pins = [pin for path, text in files.items() for pin in discover(path, text.encode(), anybodys()).pins]
    return Survey(places=assigned(files), paths=tuple(files), seen=tuple(sightings(pins)), owner="acme")


def drafted(files: Mapping[str, str]) -> Draft:
    found = draft(survey(files))
    assert isinstance(found, Draft)
    return found


def moves(paths: Iterable[str], text: str = MAIN) -> dict[str, str]:
    """Each environment and how it moves: `main` follows it, `<dev` is promoted from dev."""
    found = drafted(dict.fromkeys(paths, text)).environments
    return {one.name: str(one.follow or (f"<{one.promote_from}" if one.promote_from else "-")) for one in found}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(
            "local dev staging production",
            {"local": "main", "dev": "main", "staging": "<dev", "production": "<staging"},
            id="the usual four",
        ),
        pytest.param("dev qa stage prod", {"dev": "main", "qa": "<dev", "stage": "<qa", "prod": "<stage"}, id="chain"),
        pytest.param("dev test qa", {"dev": "main", "qa": "<dev", "test": "<dev"}, id="siblings"),
        pytest.param("local prod", {"local": "main", "prod": "-"}, id="never from a laptop"),
        pytest.param("prod", {"prod": "-"}, id="production alone"),
        pytest.param("staging prod", {"staging": "main", "prod": "<staging"}, id="staging is first"),
        pytest.param("dev sandbox", {"dev": "main", "sandbox": "-"}, id="nobody knows"),
        pytest.param(
            "dev-eu dev-us prod-eu prod-us",
            {"dev-eu": "main", "dev-us": "main", "prod-eu": "<dev-eu", "prod-us": "<dev-us"},
            id="regions",
        ),
    ],
)
def test_how_environments_move(names: str, expected: dict[str, str]) -> None:
    assert moves(f"env/{name}/a.yaml" for name in names.split()) == expected


def test_staging_without_a_channel_follows_none() -> None:
    assert moves(["env/staging/a.yaml"], PLAIN) == {"staging": "-"}


@pytest.mark.parametrize(
    ("files", "channel", "reason"),
    [
        ({"dev/a.yaml": MAIN}, "main", "this tag stands once here"),
        (
            {"dev/a.yaml": MAIN, "dev/b.yaml": MAIN.replace("main", "develop"), "dev/c.yaml": MAIN},
            "main",
            "this tag stands 2 times here; so do develop (1)",
        ),
        ({"dev/a.yaml": PLAIN, "x.yaml": MAIN.replace("main", "latest")}, "latest", "but elsewhere"),
        ({"dev/a.yaml": PLAIN}, "main", "a guess"),
        ({"dev/a.yaml": MAIN, "dev/b.yaml": MAIN.replace("acme/api:main", "x/y:edge") * 1}, "main", "once here"),
    ],
)
def test_the_channel_is_the_one_that_stands_there(files: Mapping[str, str], channel: str, reason: str) -> None:
    dev = drafted(files).environments[0]
    assert str(dev.follow) == channel
    assert reason in dev.reason


def test_without_environments_everything_is_one() -> None:
    (one,) = drafted({"k8s/api/a.yaml": MAIN, "web.yaml": MAIN, "k8s/none.yaml": "a: b"}).environments
    assert (one.name, str(one.follow), [str(glob) for glob in one.paths]) == ("all", "main", ["k8s/**", "web.yaml"])
    (one,) = drafted({"k8s/api/a.yaml": PLAIN}).environments
    assert (one.name, one.follow) == ("all", None)


def test_what_no_environment_has_is_moved_by_hand() -> None:
    files = {"env/dev/a.yaml": MAIN, "env/other/a.yaml": MAIN, "env/x.yaml": MAIN, "jobs/y.yaml": MAIN}
    others = drafted(files).environments[-1]
    assert (others.name, others.follow, [str(glob) for glob in others.paths]) == (
        "others",
        None,
        ["env/x.yaml", "jobs/**"],
    )


def test_what_lies_deeper_and_is_anothers_is_left_out() -> None:
    dev, prod = drafted({"dev/a.yaml": MAIN, "dev/env/prod/b.yaml": MAIN}).environments
    assert [str(glob) for glob in dev.exclude] == ["dev/env/prod/**"]
    assert prod.exclude == ()


def test_a_shared_folder_of_values_is_a_layer_and_a_base_is_none() -> None:
    values = "image: {repository: ghcr.io/acme/api, tag: main}\n"
    dev, _, shared = drafted(
        {
            "env/dev/a.yaml": MAIN,
            "_shared/a.yaml": values,
            "base/a.yaml": values,
            "base/kustomization.yaml": "resources: [a.yaml]",
        }
    ).environments
    assert [str(glob) for glob in dev.layers] == ["_shared/**"]
    assert (shared.name, shared.follow, shared.layers) == ("shared", None, ())


def test_nothing_of_ours_says_what_there_is() -> None:
    found = draft(survey({"dev/a.yaml": "image: docker.io/bitnami/redis:7.2.1"}))
    assert isinstance(found, Unrecognised)
    assert [(str(owner), count) for owner, count in found.found] == [("docker.io/bitnami", 1)]


FOLDERS = (
    "env overlays clusters dev Dev local prod prod-eu staging qa base _shared api promote other all größe a[1] 1 no x*"
)
FOLDER = st.sampled_from(FOLDERS.split())
FILE_NAME = st.sampled_from(
    ["values.yaml", "values-dev.yaml", "values-prod.yml", "api-dev.yaml", "prod.yaml", "kustomization.yaml", "x.yaml"]
)
PATH = st.builds(lambda folders, name: "/".join([*folders, name]), st.lists(FOLDER, max_size=5), FILE_NAME)
TEXT = st.sampled_from(
    [MAIN, PLAIN, "a: b\n", "image: docker.io/bitnami/redis:7.2.1\n", "i: {repository: ghcr.io/acme/x/y, tag: dev}\n"]
)


@given(st.dictionaries(PATH, TEXT, min_size=1, max_size=25))
def test_whatever_is_seen_makes_a_sound_configuration(files: Mapping[str, str]) -> None:
    found = draft(survey(files))
    if isinstance(found, Unrecognised):
        assert not any("acme" in text for text in files.values())
        return
    read = config.load(render(found, origin=None).encode(), path="config/environments.yaml")
    entries = {path: Entry(path=path, mode=FILE, blob="") for path in files}
    mine = [{entry.path for entry in covered(read, one, entries)[0]} for one in read.environments.values()]
    assert {path for path, text in files.items() if "acme" in text} <= set().union(*mine)
    assert draft(survey(dict(reversed(list(files.items()))))) == found
