"""Which files an environment has, and what is wrong with its globs."""

from collections.abc import Iterable

import pytest

from bot.errors import ConfigError, UsageError
from bot.planning.coverage import MOST_FILES, covered, find, followers, following, relative
from bot.planning.environment import Configuration, Environment
from bot.planning.glob import Glob
from bot.planning.snapshot import EXECUTABLE, FILE, SYMLINK, Entry, blob_id
from tests.builders import configuration, environment

DEV = environment()
CONFIG = configuration(
    environments=(
        DEV,
        environment("test"),
        environment("staging", follow=None, promote_from="dev"),
        environment("shared", follow=None),
    )
)


def tree(paths: Iterable[str], *, mode: str = FILE) -> dict[str, Entry]:
    return {path: Entry(path=path, mode=mode, blob="0" * 40) for path in paths}


def globbed(name: str, *paths: str, exclude: Iterable[str] = ()) -> Environment:
    return Environment(name=name, paths=tuple(map(Glob.parse, paths)), exclude=tuple(map(Glob.parse, exclude)))


def files(config: Configuration, one: Environment, entries: dict[str, Entry]) -> list[str]:
    return [entry.path for entry in covered(config, one, entries)[0]]


def test_an_unknown_environment_is_refused_with_the_list() -> None:
    with pytest.raises(UsageError, match=r"no environment 'qa' in .*; there are: dev, shared, staging, test"):
        find(CONFIG, "qa")


@pytest.mark.parametrize(
    ("name", "words"), [("staging", "use bump promote --to staging"), ("shared", "set environments.shared.follow")]
)
def test_an_environment_that_follows_nothing_says_what_to_use_instead(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        following(CONFIG, name)


def test_an_environment_that_follows_is_found() -> None:
    assert following(CONFIG, "dev") is DEV
    assert followers(CONFIG) == ("dev", "test")


def test_only_yaml_files_under_the_globs_belong_in_the_order_of_their_paths() -> None:
    one = globbed("dev", "dev/**", "more/*.yaml", exclude=["dev/skip/**"])
    entries = tree(
        ["dev/b.yml", "dev/a.yaml", "dev/x.json", "dev/skip/c.yaml", "more/d.yaml", "more/e/f.yaml", "z.yaml"]
    )

    assert files(configuration(environments=(one,)), one, entries) == ["dev/a.yaml", "dev/b.yml", "more/d.yaml"]


def test_what_is_no_plain_file_is_a_problem() -> None:
    entries = {**tree(["dev/link.yaml"], mode=SYMLINK), **tree(["dev/x.yaml"], mode=EXECUTABLE)}

    plain, problems = covered(configuration(), DEV, entries)

    assert [entry.path for entry in plain] == ["dev/x.yaml"]
    assert [(problem.path, problem.code) for problem in problems] == [("dev/link.yaml", "not-a-file")]


def test_a_glob_that_matches_nothing_is_refused_by_name() -> None:
    one = globbed("dev", "dev/**", "gone/**")

    with pytest.raises(ConfigError, match=r"environments\.dev\.paths: 'gone/\*\*' matches no"):
        covered(configuration(environments=(one,)), one, tree(["dev/x.yaml", "gone/x.json"]))


def test_an_environment_without_globs_has_no_files() -> None:
    one = globbed("dev")

    assert covered(configuration(environments=(one,)), one, tree(["dev/x.yaml"])) == ((), ())


def test_a_file_of_two_environments_is_refused_by_name() -> None:
    one, other = globbed("dev", "**/*.yaml"), globbed("test", "test/*")
    config = configuration(environments=(one, other))

    with pytest.raises(ConfigError, match=r"test/x\.yaml lies in dev and test"):
        covered(config, one, tree(["dev/x.yaml", "test/x.yaml"]))


def test_more_files_than_can_be_meant_are_refused() -> None:
    entries = tree(f"dev/{number}.yaml" for number in range(MOST_FILES + 1))

    with pytest.raises(ConfigError, match="the limit is 10000"):
        covered(configuration(), DEV, entries)


def test_a_blob_has_the_id_that_git_gives_it() -> None:
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_id(b"what is up, doc?") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"


@pytest.mark.parametrize(
    ("paths", "layers", "overlay", "below", "same"),
    [
        (["env/dev/**"], ["_shared/**"], "env/dev/apps/api.yaml", "_shared/apps/api.yaml", True),
        (["env/dev/*.yaml"], ["base/**", "_shared/**"], "env/dev/api.yaml", "base/api.yaml", True),
        (["env/dev/**"], ["values/base/**", "values/own/**"], "env/dev/api.yaml", "values/own/api.yaml", True),
        (["env/dev/**"], ["_shared/**"], "env/dev/web/values.yaml", "_shared/api/values.yaml", False),
        (["env/dev/api/**", "env/dev/web/**"], ["_shared/**"], "env/dev/web/v.yaml", "_shared/web/v.yaml", True),
        (["env/dev/api/**", "env/dev/web/**"], ["_shared/web/**"], "env/dev/api/v.yaml", "_shared/web/v.yaml", False),
        (
            ["env/dev/api/*", "env/dev/web/*"],
            ["_shared/api/*", "_shared/web/*"],
            "env/dev/web/v.yaml",
            "_shared/web/v.yaml",
            True,
        ),
        (["dev/api/**", "more/dev/**"], ["_shared/**"], "more/dev/v.yaml", "_shared/v.yaml", True),
        (["env/dev/web/v.yaml"], ["_shared/api/v.yaml"], "env/dev/web/v.yaml", "_shared/api/v.yaml", False),
        (["dev/web.yaml", "dev/api.yaml"], ["_shared/**"], "dev/web.yaml", "_shared/web.yaml", True),
        (["apps/*/dev/**"], ["apps/*/base/**"], "apps/a/dev/v.yaml", "apps/b/base/v.yaml", False),
        (["**/dev/**"], ["**/base/**"], "a/dev/v.yaml", "a/base/v.yaml", False),
    ],
)
def test_layer_and_overlay_belong_together_at_the_same_place_below_their_patterns(
    paths: list[str], layers: list[str], overlay: str, below: str, *, same: bool
) -> None:
    found = relative([Glob.parse(one) for one in paths], [Glob.parse(one) for one in layers], [overlay], [below])

    assert bool(found[overlay] & found[below]) is same
