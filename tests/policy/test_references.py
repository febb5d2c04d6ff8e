"""Each rule over references, by what stands in one file: what is told, and how loudly."""

import pytest

from tests.policy.checking import checked, placed, told

STAGING, DEV = "env/staging/a.yaml", "env/dev/a.yaml"
A, B = "sha256:aa…", "sha256:bb…"
ERROR, WARNING = "error", "warning"


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(f"image: ghcr.io/acme/api@{A}", [], id="a digest"),
        pytest.param(f"image: ghcr.io/acme/api:1f3c9ab@{A}", [], id="a commit and a digest"),
        pytest.param(f"image: ghcr.io/acme/api:v1.4.0-rc.1@{A}", [], id="a version and a digest"),
        pytest.param("image: ghcr.io/acme/api", [("unpinned", ERROR)], id="a bare name"),
        pytest.param("image: {ref: ghcr.io/acme/api}", [("unpinned", ERROR)], id="a bare name under image.ref"),
        pytest.param("x: {repository: ghcr.io/acme/api}", [], id="half a name"),
        pytest.param("image: {repository: ghcr.io/acme/api}", [("unpinned", ERROR)], id="a repository alone"),
        pytest.param("initImage: {repository: ghcr.io/acme/api}", [("unpinned", ERROR)], id="under any image"),
        pytest.param("imageRepository: ghcr.io/acme/api", [("unpinned", ERROR)], id="alone in one key"),
        pytest.param("image: {repository: ghcr.io/acme/api, tag: [x]}", [("unpinned", ERROR)], id="with a tag of odd"),
        pytest.param(
            "a: &a {tag: main}\nimage: {<<: *a, repository: ghcr.io/acme/api}",
            [("unpinned", ERROR)],
            id="a tag merged in",
        ),
        pytest.param(
            "operators: {a: {image: {repository: ghcr.io/acme/x}}}",
            [("operator-pinned", ERROR)],
            id="an operator's repository alone",
        ),
        pytest.param("image: ghcr.io/acme/api:latest", [("floating-tag", ERROR)], id="latest"),
        pytest.param("any: ghcr.io/acme/api:feature", [("floating-tag", ERROR)], id="a branch, under any key"),
        pytest.param("any: ghcr.io/acme/api:build-42", [("floating-tag", ERROR)], id="no commit and no version"),
        pytest.param("image: ghcr.io/acme/api:1.4.0", [("tag-only", ERROR)], id="a version alone"),
        pytest.param("i: {repository: ghcr.io/acme/api, tag: 1f3c9ab}", [("tag-only", ERROR)], id="a commit alone"),
        pytest.param(f"image: ghcr.io/acme/api:latest@{A}", [("channel-tag-with-digest", ERROR)], id="latest, digest"),
        pytest.param(f"image: ghcr.io/acme/api:pr-42@{A}", [("tag-form", ERROR)], id="an odd tag and a digest"),
        pytest.param("image: redis", [("floating-tag", ERROR)], id="another's bare name, which is latest"),
        pytest.param("image: redis:7.2.1", [("unpinned", ERROR)], id="another's version"),
        pytest.param("image: redis:7", [("floating-tag", ERROR)], id="another's moving version"),
        pytest.param("image: redis:alpine", [("floating-tag", ERROR)], id="another's word"),
        pytest.param(f"image: redis:7.2@{A}", [], id="another's moving version beside a digest"),
        pytest.param(f"image: redis:latest@{A}", [("channel-tag-with-digest", WARNING)], id="another's latest"),
        pytest.param(f"image: redis:build-42@{A}", [], id="another's odd tag"),
        pytest.param("image: ghcr.io/acme/mirror/redis:7.2.1", [("unpinned", ERROR)], id="a mirror is another's"),
        pytest.param("i: {repository: quay.io/x/y, tag: 1.2.3}", [("unpinned", ERROR)], id="another's mapping"),
        pytest.param("i: {image: redis, tag: 7.2.1}", [("unpinned", ERROR)], id="another's, under image"),
        pytest.param("source: {repository: github.com/x/y, tag: v1.2.3}", [], id="source code"),
        pytest.param("chart: {repository: bitnami, tag: 1.2.3}", [], id="a chart"),
        pytest.param("logo: {image: https://example.com/logo.png}", [], id="a picture"),
        pytest.param("image: ''", [], id="nothing"),
        pytest.param("image: '{{ .Values.image }}'", [], id="a template"),
        pytest.param("image: ghcr.io/acme/api:{{ .Values.tag }}", [], id="a template's tag"),
        pytest.param(
            "i: {registry: ghcr.io, name: acme/api, tag: 1.4.0}", [("tag-only", ERROR)], id="name and registry"
        ),
        pytest.param("i: {registry: ghcr.io/acme/, name: api, tag: 1.4.0}", [("tag-only", ERROR)], id="in other parts"),
        pytest.param("i: {registry: quay.io, name: acme/api, tag: 1.4.0}", [], id="name and another's registry"),
        pytest.param("image: ghcr.io:443/acme/api:1.4.0", [("tag-only", ERROR)], id="ours, with the port of https"),
        pytest.param("image: ghcr.io:8443/acme/api:1.4.0", [("unpinned", ERROR)], id="another port is another's"),
        pytest.param("image: ghcr.io/acme/API:1.4.0", [("invalid-reference", ERROR)], id="upper case"),
        pytest.param("image: ghcr.io/acme/api:-x", [("invalid-reference", ERROR)], id="no tag"),
        pytest.param("image: ghcr.io/acme/api@sha256:12", [("invalid-reference", ERROR)], id="half a digest"),
        pytest.param("i: {repository: ghcr.io/acme/api, tag: 'a b'}", [("invalid-reference", ERROR)], id="a bad tag"),
        pytest.param("image: ghcr.io/acme/api:main", [("channel-bleed", ERROR), ("floating-tag", ERROR)], id="bleeds"),
        pytest.param(
            f"i: {{repository: ghcr.io/acme/api, tag: 1.4.0@{A}}}", [("image-shape", ERROR)], id="a digest in the tag"
        ),
        pytest.param(f"i: {{digest: {A}}}", [("orphan-digest", WARNING)], id="a digest of nothing"),
        pytest.param("kind: Domain\nspec: {image: ghcr.io/x/y:1.4.0}", [("operator-pinned", ERROR)], id="a primitive"),
        pytest.param("kind: Job\nspec: {image: ghcr.io/x/y:1.4.0}", [("unpinned", ERROR)], id="another kind"),
        pytest.param(f"kind: Domain\nspec: {{image: ghcr.io/x/y@{A}}}", [], id="a pinned primitive"),
        pytest.param("kind: Domain\nspec: {x: {image: 'x/y:1.4.0'}}", [("unpinned", ERROR)], id="deeper in one"),
        pytest.param("operators: {a: {image: {ref: 'x/y:1.4.0'}}}", [("operator-pinned", ERROR)], id="by key"),
        pytest.param("image: quay.io/jetstack/pg-operator:1.4.0", [("operator-pinned", ERROR)], id="by name"),
        pytest.param("m: |\n  kind: Agent\n  spec: {image: 'x/y:1.4.0'}", [("operator-pinned", ERROR)], id="in a text"),
    ],
)
def test_one_reference_behind_a_gate(text: str, findings: list[tuple[str, str]]) -> None:
    assert told(checked({STAGING: text})) == findings


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("image: ghcr.io/acme/api", [("unpinned", ERROR)], id="a bare name"),
        pytest.param("image: ghcr.io/acme/api:main", [("floating-tag", ERROR)], id="the channel alone"),
        pytest.param("image: ghcr.io/acme/api:1.4.0", [("tag-only", WARNING)], id="a transitional shape"),
        pytest.param(f"image: ghcr.io/acme/api:main@{A}", [("channel-tag-with-digest", WARNING)], id="the channel"),
        pytest.param(f"image: ghcr.io/acme/api:pr-42@{A}", [("tag-form", WARNING)], id="an odd tag"),
        pytest.param(
            f"image: ghcr.io/acme/api:edge@{A}",
            [("channel-bleed", ERROR), ("channel-tag-with-digest", WARNING)],
            id="another lane's channel",
        ),
        pytest.param("image: redis:7.2.1", [], id="another's version"),
        pytest.param("image: redis:7", [("floating-tag", WARNING)], id="another's moving version"),
        pytest.param("image: x/operator:1.4.0", [("operator-pinned", ERROR)], id="an operator"),
        pytest.param(f"image: x/operator:latest@{A}", [("channel-tag-with-digest", ERROR)], id="an operator's tag"),
    ],
)
def test_one_reference_on_the_fast_lane(text: str, findings: list[tuple[str, str]]) -> None:
    assert told(checked({DEV: text})) == findings


@pytest.mark.parametrize(
    ("path", "text", "findings"),
    [
        pytest.param(DEV, "image: ghcr.io/acme/api:1.4.0", [("tag-only", ERROR)], id="fast as the others"),
        pytest.param(DEV, "image: redis:7.2.1", [("unpinned", ERROR)], id="another's, as elsewhere"),
        pytest.param(DEV, f"image: redis:latest@{A}", [("channel-tag-with-digest", ERROR)], id="its tag, too"),
        pytest.param(STAGING, f"image: ghcr.io/acme/api:1.4.0@{A}", [], id="one string"),
        pytest.param(
            STAGING, f"i: {{repository: ghcr.io/acme/api, digest: '{A}'}}", [("image-shape", ERROR)], id="a mapping"
        ),
        pytest.param(STAGING, f"i: {{repository: quay.io/x/y, digest: '{A}'}}", [], id="another's mapping"),
    ],
)
def test_the_strict_profile(path: str, text: str, findings: list[tuple[str, str]]) -> None:
    assert told(checked({path: text}, policy="{profile: strict}")) == findings


@pytest.mark.parametrize(
    ("policy", "levels"),
    [
        pytest.param("{rules: {tag-only: ignore}}", [], id="ignored everywhere"),
        pytest.param("{rules: {tag-only: warning}}", [("tag-only", WARNING)] * 2, id="one level everywhere"),
        pytest.param(
            "{rules: {tag-only: {dev: error}}}", [("tag-only", ERROR)] * 2, id="one environment, the others' default"
        ),
        pytest.param("{rules: {tag-only: {dev: ignore}}}", [("tag-only", ERROR)], id="ignored in one environment"),
    ],
)
def test_configured_levels(policy: str, levels: list[tuple[str, str]]) -> None:
    image = "image: ghcr.io/acme/api:1.4.0"
    assert told(checked({DEV: image, STAGING: image}, policy=policy)) == levels


@pytest.mark.parametrize(
    ("policy", "levels"),
    [
        pytest.param("{}", [("unpinned", ERROR)], id="by default"),
        pytest.param("{rules: {unpinned: warning}}", [("unpinned", WARNING)] * 2, id="everywhere"),
        pytest.param("{rules: {unpinned: {staging: warning}}}", [("unpinned", WARNING)], id="in one environment"),
        pytest.param("{rules: {unpinned: {staging: ignore}}}", [], id="not asked"),
        pytest.param(
            "{profile: strict, rules: {unpinned: {staging: warning}}}",
            [("unpinned", ERROR), ("unpinned", WARNING)],
            id="under strict",
        ),
    ],
)
def test_other_peoples_versions_can_be_let_in_by_a_level(policy: str, levels: list[tuple[str, str]]) -> None:
    image = "image: redis:7.2.1"
    assert told(checked({DEV: image, STAGING: image}, policy=policy)) == levels


def test_operators_can_be_named_otherwise() -> None:
    policy = "{operators: {kinds: [Widget], images: ['quay.io/ctl/*'], paths: ['env/staging/cluster/**']}}"
    files = {
        STAGING: "kind: Domain\nspec: {image: 'x/y-operator:1.4.0'}\n",
        "env/staging/b.yaml": "kind: Widget\nspec: {image: 'x/y:1.4.0'}\n",
        "env/staging/c.yaml": "image: quay.io/ctl/a:1.4.0\n",
        "env/staging/cluster/d.yaml": "image: x/y:1.4.0\n",
    }
    assert [rule for rule, _ in told(checked(files, policy=policy))] == ["unpinned", *["operator-pinned"] * 3]


def test_a_tag_is_shown_where_it_stands() -> None:
    text = f"a: 1\ni:\n  digest: {A}\n  repository: ghcr.io/acme/api\n  # é\n  tag: 'main'\n"
    assert placed(checked({DEV: text})) == [f"{DEV}:6:9 channel-tag-with-digest"]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_places_count_as_editors_do(end: str, mark: str) -> None:
    tag = mark + end.join(["i: {digest: " + A + ", repository: ghcr.io/acme/api, tag: main}", "image: redis:7"])
    places = placed(checked({DEV: tag}))
    assert places == [
        f"{DEV}:1:{len('i: {digest: , repository: ghcr.io/acme/api, tag: ') + 71 + 1} channel-tag-with-digest",
        f"{DEV}:2:8 floating-tag",
    ]


def test_an_alias_is_told_where_it_is_written() -> None:
    text = "a: &api ghcr.io/acme/api:1.4.0\nimage: *api\n"
    assert placed(checked({STAGING: text})) == [f"{STAGING}:1:4 tag-only"]


def test_what_kubectl_applied_last_is_no_second_place() -> None:
    applied = 'kubectl.kubernetes.io/last-applied-configuration: |\n    {"spec": {"image": "redis:7"}}'
    text = f"kind: Job\nannotations:\n  {applied}\nspec: {{image: 'redis:7'}}\n"
    assert placed(checked({STAGING: text})) == [f"{STAGING}:5:15 floating-tag"]


def test_hidden_surfaces_are_seen_at_their_lines() -> None:
    text = """\
kind: Application
spec:
  source:
    kustomize: {images: ["api=ghcr.io/acme/api:1.4.0"]}
    helm:
      parameters:
        - {name: image.repository, value: ghcr.io/acme/web}
        - {name: image.tag, value: 1.4.0}
      values: |
        job:
          image: ghcr.io/acme/job:1.4.0
        manifests: |
          kind: Pod
          spec:
            initContainers:
              - image: busybox:1.36
"""
    assert placed(checked({STAGING: text})) == [
        f"{STAGING}:4:31 tag-only",
        f"{STAGING}:8:36 tag-only",
        f"{STAGING}:11:18 tag-only",
        f"{STAGING}:16:24 floating-tag",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(r'"im\u0061ge": "ghcr.io/\x61cme/api:latest"', id="key and owner"),
        pytest.param(r'"im\U00000061ge": "quay.io/x/api:latest"', id="another's"),
        pytest.param('any: "ghcr.io/ac\\\n  me/api:latest"', id="over two lines"),
        pytest.param(r'm: "spec:\n  im\x61ge: ghcr.io/\x61cme/api:latest\n"', id="in a text"),
        pytest.param('m: |\n  "im\\u0061ge": "ghcr.io/\\x61cme/api:latest"\n', id="within a text"),
    ],
)
def test_escapes_hide_no_image(text: str) -> None:
    assert told(checked(f"{text}\n")) == [("floating-tag", ERROR)]
