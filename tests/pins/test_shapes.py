"""Golden cases: the text, what is found in it, and the exact text after every pin moved to digest <b>.

`<a>` stands for a digest. The expected pins are written `key shape reference`.
"""

from dataclasses import dataclass

import pytest

from bot.pins import Pin, Shape, rewrite, splice
from tests.builders import digest, found, pin, pins_of, tag, written


@dataclass(frozen=True)
class Golden:
    id: str
    before: str
    pins: tuple[str, ...]
    after: str


STRINGS = [
    Golden(
        "any key",
        "image: ghcr.io/acme/api@<a>\n",
        ("image string ghcr.io/acme/api@<a>",),
        "image: ghcr.io/acme/api@<b>\n",
    ),
    Golden(
        "tag and digest",
        "ref: ghcr.io/acme/api:1f3c9ab@<a>\n",
        ("ref string ghcr.io/acme/api:1f3c9ab@<a>",),
        "ref: ghcr.io/acme/api@<b>\n",
    ),
    Golden("tag alone", "x: ghcr.io/acme/api:main\n", ("x string ghcr.io/acme/api:main",), "x: ghcr.io/acme/api@<b>\n"),
    Golden(
        "nested",
        "spec:\n  db:\n    migrationJobImage: ghcr.io/acme/api@<a>\n",
        ("spec.db.migrationJobImage string ghcr.io/acme/api@<a>",),
        "spec:\n  db:\n    migrationJobImage: ghcr.io/acme/api@<b>\n",
    ),
    Golden(
        "sequence, at the indentation of its key",
        "images:\n- ghcr.io/acme/api@<a>\n- docker.io/library/redis:7\n-   ghcr.io/acme/web:main\n",
        ("images[0] string ghcr.io/acme/api@<a>", "images[2] string ghcr.io/acme/web:main"),
        "images:\n- ghcr.io/acme/api@<b>\n- docker.io/library/redis:7\n-   ghcr.io/acme/web@<b>\n",
    ),
    Golden(
        "sequence in a sequence",
        "- - ghcr.io/acme/api:main\n  - [x, ghcr.io/acme/api:main]\n",
        ("[0][0] string ghcr.io/acme/api:main", "[0][1][1] string ghcr.io/acme/api:main"),
        "- - ghcr.io/acme/api@<b>\n  - [x, ghcr.io/acme/api@<b>]\n",
    ),
    Golden(
        "a document that is one scalar",
        "ghcr.io/acme/api:main",
        (" string ghcr.io/acme/api:main",),
        "ghcr.io/acme/api@<b>",
    ),
    Golden(
        "a pod",
        "kind: Pod\nspec:\n  initContainers:\n    - {name: migrate, image: 'ghcr.io/acme/migrate@<a>'}\n"
        "  containers:\n    - name: api\n      image: ghcr.io/acme/api@<a> # the api\n",
        (
            "spec.initContainers[0].image string ghcr.io/acme/migrate@<a>",
            "spec.containers[0].image string ghcr.io/acme/api@<a>",
        ),
        "kind: Pod\nspec:\n  initContainers:\n    - {name: migrate, image: 'ghcr.io/acme/migrate@<b>'}\n"
        "  containers:\n    - name: api\n      image: ghcr.io/acme/api@<b> # the api\n",
    ),
    Golden(
        "keys that hold dots, brackets, quotes and blanks",
        '"a.b": {"c d": {"e[0]": {"f\\"g": "ghcr.io/acme/api@<a>"}}}\n',
        ('["a.b"]["c d"]["e[0]"]["f\\"g"] string ghcr.io/acme/api@<a>',),
        '"a.b": {"c d": {"e[0]": {"f\\"g": "ghcr.io/acme/api@<b>"}}}\n',
    ),
    Golden(
        "a registry with a port, and Docker Hub's short name",
        "a: localhost:5000/acme/api:main\nb: acme/api:main\n",
        ("a string localhost:5000/acme/api:main", "b string acme/api:main"),
        "a: localhost:5000/acme/api@<b>\nb: acme/api@<b>\n",
    ),
    Golden("a key is no pin", "ghcr.io/acme/api:main: x\n", (), "ghcr.io/acme/api:main: x\n"),
    Golden("text around the reference", "x: see ghcr.io/acme/api:main\n", (), "x: see ghcr.io/acme/api:main\n"),
    Golden("a comment is no pin", "x: 1 # ghcr.io/acme/api:main\n", (), "x: 1 # ghcr.io/acme/api:main\n"),
    Golden("third party", "x: quay.io/other/acme-like@<a>\n", (), "x: quay.io/other/acme-like@<a>\n"),
]

MAPPINGS = [
    Golden(
        "repository, tag, digest",
        "image:\n  repository: ghcr.io/acme/api\n  tag: main\n  digest: <a>\n",
        ("image.digest digest-key ghcr.io/acme/api:main@<a>",),
        "image:\n  repository: ghcr.io/acme/api\n  tag: main\n  digest: <b>\n",
    ),
    Golden(
        "in another order, with keys and comments between",
        "image:\n  digest: <a> # of the index\n  pullPolicy: Always\n\n  # ours\n  repository: ghcr.io/acme/api\n"
        "  nested: {tag: x}\n  tag: main\n",
        ("image.digest digest-key ghcr.io/acme/api:main@<a>",),
        "image:\n  digest: <b> # of the index\n  pullPolicy: Always\n\n  # ours\n  repository: ghcr.io/acme/api\n"
        "  nested: {tag: x}\n  tag: main\n",
    ),
    Golden(
        "no tag",
        "image: {repository: ghcr.io/acme/api, digest: '<a>'}\n",
        ("image.digest digest-key ghcr.io/acme/api@<a>",),
        "image: {repository: ghcr.io/acme/api, digest: '<b>'}\n",
    ),
    Golden(
        "an empty tag",
        'image:\n  repository: ghcr.io/acme/api\n  tag: ""\n  digest: <a>\n',
        ("image.digest digest-key ghcr.io/acme/api@<a>",),
        'image:\n  repository: ghcr.io/acme/api\n  tag: ""\n  digest: <b>\n',
    ),
    Golden(
        "a tag that looks like a number",
        "image:\n  repository: ghcr.io/acme/api\n  tag: 1.10\n  digest: <a>\n",
        ("image.digest digest-key ghcr.io/acme/api:1.10@<a>",),
        "image:\n  repository: ghcr.io/acme/api\n  tag: 1.10\n  digest: <b>\n",
    ),
    Golden(
        "registry and repository",
        "image:\n  registry: ghcr.io\n  repository: acme/api\n  digest: <a>\n",
        ("image.digest digest-key ghcr.io/acme/api@<a>",),
        "image:\n  registry: ghcr.io\n  repository: acme/api\n  digest: <b>\n",
    ),
    Golden(
        "an empty registry",
        "image:\n  registry: ~\n  repository: ghcr.io/acme/api\n  digest: <a>\n",
        ("image.digest digest-key ghcr.io/acme/api@<a>",),
        "image:\n  registry: ~\n  repository: ghcr.io/acme/api\n  digest: <b>\n",
    ),
    Golden(
        "another registry makes it third party",
        "image:\n  registry: quay.io/mirror\n  repository: acme/api\n  digest: <a>\n",
        (),
        "image:\n  registry: quay.io/mirror\n  repository: acme/api\n  digest: <a>\n",
    ),
    Golden(
        "digest in the tag",
        'image: {repository: ghcr.io/acme/api, tag: "1f3c9ab@<a>"}\n',
        ("image.tag tag-suffix ghcr.io/acme/api:1f3c9ab@<a>",),
        'image: {repository: ghcr.io/acme/api, tag: "1f3c9ab@<b>"}\n',
    ),
    Golden(
        "digest in the tag, an empty digest key beside it",
        "image:\n  repository: ghcr.io/acme/api\n  digest: null\n  tag: main@<a>\n",
        ("image.tag tag-suffix ghcr.io/acme/api:main@<a>",),
        "image:\n  repository: ghcr.io/acme/api\n  digest: null\n  tag: main@<b>\n",
    ),
    Golden(
        "tag only",
        "image:\n  tag: main\n  repository: ghcr.io/acme/api\n",
        ("image.tag tag-key ghcr.io/acme/api:main",),
        "image:\n  tag: main@<b>\n  repository: ghcr.io/acme/api\n",
    ),
    Golden(
        "tag only, plain in flow style: the colon that comes is read by the pure parser alone",
        "image: {repository: ghcr.io/acme/api, tag: main}\n",
        ("image.tag tag-key ghcr.io/acme/api:main",),
        "image: {repository: ghcr.io/acme/api, tag: main@<b>}\n",
    ),
    Golden(
        "a list of mappings, as kustomize would have it",
        "images:\n  - repository: ghcr.io/acme/api\n    digest: <a>\n  - repository: redis\n    digest: <a>\n",
        ("images[0].digest digest-key ghcr.io/acme/api@<a>",),
        "images:\n  - repository: ghcr.io/acme/api\n    digest: <b>\n  - repository: redis\n    digest: <a>\n",
    ),
    Golden(
        "an image mapping that holds another reference",
        "image:\n  repository: ghcr.io/acme/api\n  digest: <a>\n  sidecar: ghcr.io/acme/sidecar@<a>\n",
        ("image.digest digest-key ghcr.io/acme/api@<a>", "image.sidecar string ghcr.io/acme/sidecar@<a>"),
        "image:\n  repository: ghcr.io/acme/api\n  digest: <b>\n  sidecar: ghcr.io/acme/sidecar@<b>\n",
    ),
    Golden(
        "an image mapping whose digest stands behind another reference",
        "image:\n  sidecar: ghcr.io/acme/sidecar@<a>\n  repository: ghcr.io/acme/api\n  digest: <a>\n",
        ("image.sidecar string ghcr.io/acme/sidecar@<a>", "image.digest digest-key ghcr.io/acme/api@<a>"),
        "image:\n  sidecar: ghcr.io/acme/sidecar@<b>\n  repository: ghcr.io/acme/api\n  digest: <b>\n",
    ),
    Golden(
        "the whole reference under `repository`",
        "image:\n  repository: ghcr.io/acme/api:main\n  tag: x\n",
        ("image.repository string ghcr.io/acme/api:main",),
        "image:\n  repository: ghcr.io/acme/api@<b>\n  tag: x\n",
    ),
    Golden(
        "a registry that ends in a slash",
        "image: {registry: ghcr.io/, repository: acme/api, digest: '<a>'}\n",
        ("image.digest digest-key ghcr.io/acme/api@<a>",),
        "image: {registry: ghcr.io/, repository: acme/api, digest: '<b>'}\n",
    ),
    Golden(
        "a repository that is no image beside the name of one",
        "{gitRepository: 'https://github.com/acme/api', image: ghcr.io/acme/api, tag: main, digest: '<a>'}\n",
        ("digest digest-key ghcr.io/acme/api:main@<a>",),
        "{gitRepository: 'https://github.com/acme/api', image: ghcr.io/acme/api, tag: main, digest: '<b>'}\n",
    ),
    Golden(
        "tag and digest without a beginning, for the one repository that has one",
        "{sidecarRepository: ghcr.io/acme/api, name: web, tag: main, digest: '<a>'}\n",
        ("digest digest-key ghcr.io/acme/api:main@<a>",),
        "{sidecarRepository: ghcr.io/acme/api, name: web, tag: main, digest: '<b>'}\n",
    ),
    Golden(
        "a registry for all images under each of its names, and not for charts or packages",
        "a: {repository: api, digest: '<a>'}\ncontainerRegistry: ghcr.io/acme\n---\n"
        "a: {repository: api, digest: '<a>'}\nnpmRegistry: ghcr.io/acme\n---\n"
        "a: {repository: api, digest: '<a>'}\nglobal: {chartRegistry: ghcr.io/acme, docker_registry: ghcr.io/acme}\n",
        ("a.digest digest-key ghcr.io/acme/api@<a>", "a.digest digest-key ghcr.io/acme/api@<a>"),
        "a: {repository: api, digest: '<b>'}\ncontainerRegistry: ghcr.io/acme\n---\n"
        "a: {repository: api, digest: '<a>'}\nnpmRegistry: ghcr.io/acme\n---\n"
        "a: {repository: api, digest: '<b>'}\nglobal: {chartRegistry: ghcr.io/acme, docker_registry: ghcr.io/acme}\n",
    ),
    Golden(
        "a registry for all images among Argo CD's parameters",
        "parameters:\n- {name: image.digest, value: '<a>'}\n- {name: image.repository, value: api}\n"
        "- {name: global.imageRegistry, value: ghcr.io/acme}\n- {name: npm.registry, value: ghcr.io/x}\n",
        ("parameters[0].value digest-key ghcr.io/acme/api@<a>",),
        "parameters:\n- {name: image.digest, value: '<b>'}\n- {name: image.repository, value: api}\n"
        "- {name: global.imageRegistry, value: ghcr.io/acme}\n- {name: npm.registry, value: ghcr.io/x}\n",
    ),
    Golden(
        "somebody else's digest beside a repository of ours",
        "a: {image: redis, tag: '7', digest: '<a>', exporterRepository: ghcr.io/acme/exporter, exporterTag: main}\n"
        "b: {image: docker.io/library/redis, digest: '<a>', sidecarRepository: ghcr.io/acme/exporter}\n"
        "c: {image: ghcr.io/acme/api, initImage: quay.io/other/web, tag: main, digest: '<a>'}\n",
        (
            "a.exporterTag tag-key ghcr.io/acme/exporter:main",
            "b.sidecarRepository string ghcr.io/acme/exporter",
            "c.image string ghcr.io/acme/api",
        ),
        "a: {image: redis, tag: '7', digest: '<a>', exporterRepository: ghcr.io/acme/exporter, exporterTag: main@<b>}\n"
        "b: {image: docker.io/library/redis, digest: '<a>', sidecarRepository: ghcr.io/acme/exporter@<b>}\n"
        "c: {image: ghcr.io/acme/api@<b>, initImage: quay.io/other/web, tag: main, digest: '<a>'}\n",
    ),
    Golden("a digest without a repository", "image:\n  digest: <a> # acme\n", (), "image:\n  digest: <a> # acme\n"),
    Golden(
        "an empty reference is no pin",
        "image:\n  repository: ''\n  tag: ''\nacme: ''\nother:\n",
        (),
        "image:\n  repository: ''\n  tag: ''\nacme: ''\nother:\n",
    ),
]

STYLES = [
    Golden(
        "single quotes",
        "x: 'ghcr.io/acme/api@<a>'\n",
        ("x string ghcr.io/acme/api@<a>",),
        "x: 'ghcr.io/acme/api@<b>'\n",
    ),
    Golden(
        "double quotes",
        'x: "ghcr.io/acme/api@<a>"\n',
        ("x string ghcr.io/acme/api@<a>",),
        'x: "ghcr.io/acme/api@<b>"\n',
    ),
    Golden(
        "last line without an end",
        "x: ghcr.io/acme/api@<a>",
        ("x string ghcr.io/acme/api@<a>",),
        "x: ghcr.io/acme/api@<b>",
    ),
    Golden(
        "plain in flow style, with a colon",
        "x: [ghcr.io/acme/api:main, {y: ghcr.io/acme/web@<a>}]\n",
        ("x[0] string ghcr.io/acme/api:main", "x[1].y string ghcr.io/acme/web@<a>"),
        "x: [ghcr.io/acme/api@<b>, {y: ghcr.io/acme/web@<b>}]\n",
    ),
    Golden(
        "plain in flow style, without a colon before",
        "x: {y: ghcr.io/acme/api}\n",
        ("x.y string ghcr.io/acme/api",),
        "x: {y: ghcr.io/acme/api@<b>}\n",
    ),
    Golden(
        "JSON",
        '{"x":["ghcr.io/acme/api@<a>"]}',
        ("x[0] string ghcr.io/acme/api@<a>",),
        '{"x":["ghcr.io/acme/api@<b>"]}',
    ),
    Golden(
        "the value on a line of its own",
        "x:\n    ghcr.io/acme/api@<a>\ny: 1\n",
        ("x string ghcr.io/acme/api@<a>",),
        "x:\n    ghcr.io/acme/api@<b>\ny: 1\n",
    ),
    Golden(
        "CRLF",
        "x:\r\n  - ghcr.io/acme/api@<a>\r\n  - ghcr.io/acme/web:main # y\r\n",
        ("x[0] string ghcr.io/acme/api@<a>", "x[1] string ghcr.io/acme/web:main"),
        "x:\r\n  - ghcr.io/acme/api@<b>\r\n  - ghcr.io/acme/web@<b> # y\r\n",
    ),
    Golden(
        "byte order mark and a document start",
        "\ufeff---\nx: ghcr.io/acme/api@<a>\n",
        ("x string ghcr.io/acme/api@<a>",),
        "\ufeff---\nx: ghcr.io/acme/api@<b>\n",
    ),
    Golden(
        "characters of two, three and four bytes before, within and behind",
        "# é ✓ 😀\ny: '😀'\n😀é: ghcr.io/acme/api@<a> # 😀\nz: 'ghcr.io/acme/web@<a>' # é\n",
        ("😀é string ghcr.io/acme/api@<a>", "z string ghcr.io/acme/web@<a>"),
        "# é ✓ 😀\ny: '😀'\n😀é: ghcr.io/acme/api@<b> # 😀\nz: 'ghcr.io/acme/web@<b>' # é\n",
    ),
    Golden(
        "several documents, one empty",
        "x: ghcr.io/acme/api@<a>\n---\n---\nx: ghcr.io/acme/api@<a>\n...\n",
        ("x string ghcr.io/acme/api@<a>", "x string ghcr.io/acme/api@<a>"),
        "x: ghcr.io/acme/api@<b>\n---\n---\nx: ghcr.io/acme/api@<b>\n...\n",
    ),
    Golden(
        "directives, anchors and tags elsewhere",
        "%YAML 1.1\n---\nd: &d !map\n  k: !!str v\ne: *d\nx: ghcr.io/acme/api@<a>\n",
        ("x string ghcr.io/acme/api@<a>",),
        "%YAML 1.1\n---\nd: &d !map\n  k: !!str v\ne: *d\nx: ghcr.io/acme/api@<b>\n",
    ),
    Golden(
        "an anchor on the repository, which stays",
        "image:\n  repository: &repository ghcr.io/acme/api\n  digest: <a>\n",
        ("image.digest digest-key ghcr.io/acme/api@<a>",),
        "image:\n  repository: &repository ghcr.io/acme/api\n  digest: <b>\n",
    ),
    Golden(
        "scripts in block scalars are text",
        "x: |\n  docker pull ghcr.io/acme/api:main\ny: ghcr.io/acme/api@<a>\n",
        ("y string ghcr.io/acme/api@<a>",),
        "x: |\n  docker pull ghcr.io/acme/api:main\ny: ghcr.io/acme/api@<b>\n",
    ),
]


def told(one: Pin) -> str:
    return f"{one.key} {one.shape} {one.reference}"


@pytest.mark.parametrize("golden", [*STRINGS, *MAPPINGS, *STYLES], ids=lambda golden: golden.id)
def test_finds_the_pins_and_changes_nothing_but_them(golden: Golden) -> None:
    result = found(golden.before)

    assert [told(one) for one in result.pins] == [written(text) for text in golden.pins]
    assert not result.problems
    assert not [one for one in result.pins if one.refusal]
    edits = [edit for one in result.pins for edit in rewrite(one, digest=digest("b"), tag=None)]
    assert splice(written(golden.before).encode(), edits).decode() == written(golden.after)


def test_a_place_is_where_an_editor_finds_the_value() -> None:
    one = pin("\ufeff# 😀\r\nspec:\r\n  image: ghcr.io/acme/api@<a>\r\n", "dev/api.yaml")

    assert one.place == "dev/api.yaml:3:10"


def test_a_document_is_counted_from_zero() -> None:
    first, third = pins_of("x: ghcr.io/acme/api@<a>\n---\n---\nx: ghcr.io/acme/api@<a>\n")

    assert (first.document, third.document) == (0, 2)


def test_a_tag_in_a_token_of_its_own_is_kept_apart() -> None:
    one = pin("image:\n  repository: ghcr.io/acme/api\n  tag: 'main'\n  digest: <a>\n")

    assert one.tag is not None
    assert (one.tag.text, one.value.text) == ("main", str(digest("a")))


def test_a_tag_beside_the_new_digest_goes_into_its_own_token() -> None:
    text = written("image:\n  repository: ghcr.io/acme/api\n  digest: <a>\n  tag: '1f3c9ab'\n")
    edits = rewrite(pin(text), digest=digest("b"), tag=tag("9bc17e0"))

    after = splice(text.encode(), edits).decode()

    assert after == written("image:\n  repository: ghcr.io/acme/api\n  digest: <b>\n  tag: '9bc17e0'\n")


@pytest.mark.parametrize(
    ("before", "beside", "after"),
    [
        ("ghcr.io/acme/api:1.2.3@<a>", "1.2.3", "ghcr.io/acme/api:1.2.3@<b>"),
        ("ghcr.io/acme/api@<a>", "9bc17e0", "ghcr.io/acme/api:9bc17e0@<b>"),
        (
            "{repository: ghcr.io/acme/api, tag: '1f3c9ab@<a>'}",
            "9bc17e0",
            "{repository: ghcr.io/acme/api, tag: '9bc17e0@<b>'}",
        ),
        ("{repository: ghcr.io/acme/api, tag: '@<a>'}", None, "{repository: ghcr.io/acme/api, tag: '@<b>'}"),
        ("{repository: ghcr.io/acme/api, digest: '<a>'}", "9bc17e0", "{repository: ghcr.io/acme/api, digest: '<b>'}"),
    ],
)
def test_a_tag_that_is_asked_for_stands_beside_the_digest(before: str, beside: str | None, after: str) -> None:
    text = written(f"x: {before}\n")
    edits = rewrite(pin(text), digest=digest("b"), tag=None if beside is None else tag(beside))

    assert splice(text.encode(), edits).decode() == written(f"x: {after}\n")


def test_every_shape_has_a_golden_case() -> None:
    seen = {one.split()[-2] for golden in [*STRINGS, *MAPPINGS] for one in golden.pins}

    assert seen == set(Shape)
