"""Overlays: a digest's repository stands in a lower values file, and which one that is must not be a guess."""

from collections.abc import Mapping
from time import process_time

import pytest

from bot.pins import Found, Layers, Orphan, discover, read_layers
from bot.planning.coverage import relative
from bot.planning.glob import Glob
from tests.builders import OURS, digest, written

OVERLAY = "image:\n  digest: <a>\n"
API = "image:\n  repository: ghcr.io/acme/api\n  tag: main\n"
WEB = API.replace("api", "web")


def layers(files: Mapping[str, str], *above: str) -> Layers:
    """Layers in the order of `files`, the last one the highest, for an environment of `env/dev/**`."""
    folders = {path.partition("/")[0] for path in files}
    read, problems = read_layers(
        ((path, text.encode(), order) for order, (path, text) in enumerate(files.items())),
        OURS,
        above,
        relative([Glob.parse("env/dev/**")], [Glob.parse(f"{folder}/**") for folder in folders], above, files),
    )
    assert not problems
    return read


def overlay(
    files: Mapping[str, str], *, text: str = OVERLAY, path: str = "env/dev/apps/api.yaml", also: str = ""
) -> Found:
    below = layers(files, *filter(None, (path, also)))
    return discover(path, written(text).encode(), OURS, below)


def test_the_repository_is_read_from_the_same_key_path_of_the_layer_of_the_same_name() -> None:
    found = overlay({"_shared/apps/api.yaml": API, "_shared/apps/web.yaml": WEB})

    (one,) = found.pins
    assert (str(one.reference), one.named_in, one.sure) == (
        written("ghcr.io/acme/api@<a>"),
        "_shared/apps/api.yaml:2",
        True,
    )


def test_the_highest_layer_wins() -> None:
    (one,) = overlay({"base/apps/api.yaml": WEB, "_shared/apps/api.yaml": API}).pins

    assert one.named_in == "_shared/apps/api.yaml:2"


@pytest.mark.parametrize(
    "text",
    [
        "image: {tag: main}\n",
        "image: {tag: '1f3c9ab@<a>'}\n",
        "image: {tag: 1f3c9ab, digest: '<a>'}\n",
        "image: {digest: '', tag: main}\n",
    ],
)
def test_tag_and_digest_of_an_overlay_are_read_as_beside_the_repository(text: str) -> None:
    (one,) = overlay({"_shared/apps/api.yaml": API}, text=text).pins

    assert one.reference.name == "ghcr.io/acme/api"
    assert not one.refusal


def test_keys_with_a_beginning_find_their_repository_too() -> None:
    layer = "workers: {imageRepository: ghcr.io/acme/worker}\n"
    (one,) = overlay({"x/api.yaml": layer}, text="workers:\n  imageDigest: <a>\n").pins

    assert one.reference.name == "ghcr.io/acme/worker"


def test_split_names_are_put_together() -> None:
    (one,) = overlay({"x/api.yaml": "image: {registry: ghcr.io, repository: acme/api}\n"}).pins

    assert one.reference.name == "ghcr.io/acme/api"


def test_a_layer_that_is_nobodys_own_speaks_for_all_but_not_for_sure() -> None:
    (one,) = overlay({"_shared/common.yaml": API}).pins

    assert (one.reference.name, one.sure) == ("ghcr.io/acme/api", False)


@pytest.mark.parametrize(
    ("files", "also"),
    [
        pytest.param({"_shared/apps/web.yaml": WEB}, "env/dev/apps/web.yaml", id="it is another overlay's"),
        pytest.param(
            {"_shared/one.yaml": API, "_shared/two.yaml": WEB}, "", id="two do not agree, the highest is unsure"
        ),
        pytest.param({"_shared/apps/api.yaml": "other: 1\n"}, "", id="it says nothing there"),
        pytest.param({}, "", id="there is none"),
    ],
)
def test_a_digest_without_a_repository_is_an_orphan(files: Mapping[str, str], also: str) -> None:
    found = overlay(files, also=also)

    if found.pins:  # the highest layer speaks, and the registry has to agree
        assert not found.pins[0].sure
        return
    (orphan,) = found.orphans
    assert (orphan.key, orphan.line, orphan.column) == ("image.digest", 2, 11)
    assert "write `repository` beside the digest" in orphan.reason


def test_files_of_one_name_in_many_folders_go_by_their_folders() -> None:
    files = {"_shared/api/values.yaml": API, "_shared/web/values.yaml": WEB}
    above = ("env/dev/api/values.yaml", "env/dev/web/values.yaml")
    below = layers(files, *above)
    found = [discover(path, written(OVERLAY).encode(), OURS, below).pins[0] for path in above]

    assert [(one.reference.name, one.sure) for one in found] == [("ghcr.io/acme/api", True), ("ghcr.io/acme/web", True)]
    (astray,) = discover(
        "env/dev/jobs/values.yaml", written(OVERLAY).encode(), OURS, layers(dict([*files.items()][1:]))
    ).pins
    assert not astray.sure or astray.reference.name == "ghcr.io/acme/web"


def test_a_third_party_layer_makes_neither_pin_nor_orphan() -> None:
    found = overlay({"_shared/apps/api.yaml": "image: {repository: quay.io/other/x}\n"})

    assert found == Found()


def test_a_registry_prefix_of_the_layers_stands_before_names_without_a_host() -> None:
    files = {"_shared/globals.yaml": "global: {imageRegistry: ghcr.io/acme}\n"}
    (one,) = overlay(files, text="image:\n  repository: api\n  digest: <a>\n").pins

    assert (one.reference.name, one.named_in) == ("ghcr.io/acme/api", "_shared/globals.yaml:1")


def test_a_prefix_and_a_repository_may_stand_in_different_layers() -> None:
    files = {
        "_shared/globals.yaml": "global:\n  imageRegistry: ghcr.io/acme\n",
        "_shared/apps/api.yaml": "image: {repository: api}\n",
    }
    (one,) = overlay(files).pins

    assert one.reference.name == "ghcr.io/acme/api"


REGISTRY = "image: {registry: ghcr.io/acme, repository: api, tag: main}\n"


@pytest.mark.parametrize(
    ("layer", "text", "name"),
    [
        pytest.param(REGISTRY, "image: {repository: api2, digest: '<a>'}\n", "ghcr.io/acme/api2", id="another name"),
        pytest.param(
            "image: {registry: ghcr.io/acme/}\n",
            "image: {repository: api, digest: '<a>'}\n",
            "ghcr.io/acme/api",
            id="alone",
        ),
        pytest.param(REGISTRY, "image: {repository: api2, tag: main}\n", "ghcr.io/acme/api2", id="a tag alone"),
        pytest.param(
            REGISTRY, "image: {repository: ghcr.io/acme/api2, digest: '<a>'}\n", "ghcr.io/acme/api2", id="whole"
        ),
        pytest.param(REGISTRY, "image: {registry: '', repository: api2, digest: '<a>'}\n", None, id="taken back"),
        pytest.param(REGISTRY, "image: {registry: quay.io, repository: api2, digest: '<a>'}\n", None, id="another one"),
        pytest.param(REGISTRY, "other: {repository: api2, digest: '<a>'}\n", None, id="elsewhere"),
        pytest.param(REGISTRY, "images: [{repository: api2, digest: '<a>'}]\n", None, id="in a list"),
        pytest.param(
            "image: {registry: '{{ .r }}', repository: x}\n",
            "image: {repository: api2, digest: '<a>'}\n",
            None,
            id="a template",
        ),
        pytest.param(
            "image: {registry: quay.io}\n",
            "image: {repository: other/api, digest: '<a>'}\n",
            None,
            id="a third party's",
        ),
    ],
)
def test_a_registry_of_the_layer_stands_before_the_name_that_the_overlay_gives(
    layer: str, text: str, name: str | None
) -> None:
    found = overlay({"_shared/apps/api.yaml": layer}, text=text)

    assert [(one.reference.name, one.sure) for one in found.pins] == ([(name, True)] if name else [])
    assert found.orphans == ()


@pytest.mark.parametrize(("rest", "names"), [("digest: '<a>'", ["ghcr.io/acme/api2"]), ("tag: main", [])])
def test_a_registry_of_another_apps_layer_is_a_guess_that_a_digest_has_to_prove(rest: str, names: list[str]) -> None:
    text = f"image: {{repository: api2, {rest}}}\n"
    found = overlay({"_shared/api/values.yaml": REGISTRY}, text=text, path="env/dev/web/values.yaml")

    assert [(one.reference.name, one.sure) for one in found.pins] == [(name, False) for name in names]


def test_a_guess_that_makes_no_name_of_ours_hides_none() -> None:
    files = {
        "_shared/api/values.yaml": "image: {registry: quay.io}\n",
        "_shared/globals.yaml": "global: {imageRegistry: ghcr.io/acme}\n",
    }
    found = overlay(files, text="image: {repository: api, digest: '<a>'}\n", path="env/dev/web/values.yaml")

    assert [one.reference.name for one in found.pins] == ["ghcr.io/acme/api"]


def test_the_prefix_of_the_file_itself_comes_first() -> None:
    files = {"_shared/globals.yaml": "global: {imageRegistry: ghcr.io/other}\n"}
    text = "global: {imageRegistry: ghcr.io/acme}\nimage: {repository: api, digest: '<a>'}\n"
    (one,) = overlay(files, text=text).pins

    assert one.reference.name == "ghcr.io/acme/api"


def test_a_layer_that_cannot_be_read_is_a_problem_of_its_own() -> None:
    read, problems = read_layers([("_shared/api.yaml", b"repository: [", 0), ("ok.yaml", API.encode(), 0)], OURS, ())

    assert [(one.path, one.code) for one in problems] == [("_shared/api.yaml", "unreadable-file")]
    assert read.repositories


@pytest.mark.parametrize("end", ["values.yaml", "helm/values.yaml"])
def test_a_layer_of_the_same_name_in_another_apps_folder_is_not_sure(end: str) -> None:
    (one,) = overlay({f"_shared/api/{end}": API}, path=f"env/dev/web/{end}").pins

    assert (one.reference.name, one.sure) == ("ghcr.io/acme/api", False)


def test_a_tag_is_not_paired_with_another_apps_repository() -> None:
    assert (
        overlay({"_shared/api/values.yaml": API}, text="image: {tag: main}\n", path="env/dev/web/values.yaml")
        == Found()
    )


def test_a_prefix_of_one_apps_layer_is_none_of_another_app() -> None:
    files = {"_shared/web.yaml": "imageRegistry: ghcr.io/acme\n"}
    text = "image: {repository: api, digest: '<a>'}\n"

    assert overlay(files, text=text, path="env/dev/api.yaml", also="env/dev/web.yaml") == Found()
    (own,) = overlay(files, text=text, path="env/dev/web.yaml").pins
    assert (own.reference.name, own.sure) == ("ghcr.io/acme/api", True)


@pytest.mark.parametrize(
    "files",
    [
        {"_shared/web.yaml": "global: {imageRegistry: ghcr.io/acme}\n"},
        {"_shared/globals.yaml": "global: {imageRegistry: ghcr.io/acme}\n"},
        {"_shared/globals.yaml": "imageRegistry: ghcr.io/acme\n"},
    ],
    ids=["under global", "nobody's own, under global", "nobody's own"],
)
def test_a_prefix_for_all_is_a_guess_that_a_digest_has_to_prove(files: Mapping[str, str]) -> None:
    def read(rest: str) -> Found:
        text = f"image: {{repository: api, {rest}}}\n"
        return overlay(files, text=text, path="env/dev/api.yaml", also="env/dev/web.yaml")

    (one,) = read("digest: '<a>'").pins
    assert (one.reference.name, one.sure) == ("ghcr.io/acme/api", False)
    assert read("tag: main") == Found()
    assert read("tag: main, digest: ''") == Found()


def test_a_prefix_that_layers_do_not_agree_on_is_none() -> None:
    files = {f"_shared/{name}.yaml": f"global: {{imageRegistry: ghcr.io/{name}}}\n" for name in ("acme", "other")}
    read, _ = read_layers([(path, text.encode(), 0) for path, text in files.items()], OURS, ())

    assert read.prefix("env/dev/api.yaml") is None


def test_a_repository_with_a_prefix_that_is_a_guess_is_one_too() -> None:
    files = {
        "_shared/globals.yaml": "global:\n  imageRegistry: ghcr.io/acme\n",
        "_shared/apps/api.yaml": "image: {repository: api}\n",
    }

    assert [one.sure for one in overlay(files).pins] == [False]
    assert not overlay(files, text="image: {tag: main}\n").pins


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("{registry: ghcr.io, repository: acme/api}", "quay.io/acme/api"),
        ("{repository: acme/api}", "quay.io/acme/api"),
        ("{repository: ghcr.io/acme/api}", None),
    ],
)
def test_a_registry_of_the_overlay_stands_before_the_layers_repository(layer: str, name: str | None) -> None:
    text = "image: {registry: quay.io/, digest: '<a>'}\n"
    found = overlay({"_shared/apps/api.yaml": f"image: {layer}\n"}, text=text)

    assert [one.reference.name for one in found.pins] == ([name] if name else [])


def test_a_list_takes_no_repository_from_the_list_of_a_layer() -> None:
    layer = "workers:\n  - image: {repository: ghcr.io/acme/api}\n  - image: {repository: ghcr.io/acme/web}\n"
    found = overlay({"_shared/apps/api.yaml": layer}, text="workers:\n  - image: {digest: <a>}\n")

    assert not found.pins
    (orphan,) = found.orphans
    assert isinstance(orphan, Orphan)
    assert (orphan.digest, orphan.key) == (digest("a"), "workers[0].image.digest")
    assert "a list takes none from layers" in orphan.reason


def test_the_overlays_of_many_apps_are_read_in_time_that_grows_with_them() -> None:
    paths = [f"app{number}/values.yaml" for number in range(400)]
    started = process_time()

    below = layers({f"_shared/{path}": API for path in paths}, *(f"env/dev/{path}" for path in paths))
    found = [discover(f"env/dev/{path}", written(OVERLAY).encode(), OURS, below) for path in paths]

    assert all(one.pins[0].sure for one in found)
    assert process_time() - started < 2
