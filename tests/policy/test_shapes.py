"""Rules over more than one reference: overlays, charts, an environment as a whole, and files that cannot be read."""

import pytest

from tests.policy.checking import checked, placed, told

A, B = "sha256:aa…", "sha256:bb…"
SHARED = f"image:\n  repository: ghcr.io/acme/api\n  digest: {A}\n"


@pytest.mark.parametrize(
    ("overlay", "found"),
    [
        pytest.param("{repository: ghcr.io/acme/other}", True, id="inherited"),
        pytest.param("{repository: quay.io/x/other}", True, id="by another's image"),
        pytest.param(f"{{repository: ghcr.io/acme/other, digest: '{B}'}}", False, id="overridden"),
        pytest.param("{repository: ghcr.io/acme/other, digest: null}", False, id="unset"),
        pytest.param("{repository: ghcr.io/acme/other, digest: ''}", False, id="emptied"),
        pytest.param(f"{{repository: ghcr.io/acme/other, tag: '1.4.0@{B}'}}", False, id="in the tag"),
        pytest.param("{repository: ghcr.io/acme/api}", False, id="the same repository"),
        pytest.param("{pullPolicy: Always}", False, id="no repository"),
    ],
)
def test_a_digest_that_is_inherited(overlay: str, found: bool) -> None:
    verdict = checked({"shared/api.yaml": SHARED, "env/dev/api.yaml": f"image: {overlay}\n"})
    there = placed(verdict, ["repository-without-digest"])
    assert there == (["env/dev/api.yaml:1:21 repository-without-digest"] if found else [])


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param({"env/dev/api.yaml": "image: {repository: ghcr.io/acme/api}\n"}, True, id="no layer"),
        pytest.param(
            {"shared/api.yaml": SHARED, "env/dev/api.yaml": "image: {repository: ghcr.io/acme/api}\n"},
            False,
            id="the digest is a layer's",
        ),
        pytest.param(
            {"shared/api.yaml": "image: {tag: 1.4.0}\n", "env/dev/api.yaml": "image: {repository: ghcr.io/acme/api}\n"},
            True,
            id="only a tag is a layer's",
        ),
    ],
)
def test_a_repository_alone(files: dict[str, str], found: bool) -> None:
    verdict = checked(files)
    assert placed(verdict, ["unpinned"]) == (["env/dev/api.yaml:1:21 unpinned"] if found else [])
    assert all(one.remark.instead == "digest: sha256:… beside it" for one in verdict.findings)


OPERATOR = "operators: {a: {image: {repository: ghcr.io/acme/x-operator}}}\n"


@pytest.mark.parametrize(
    ("overlay", "found"),
    [
        pytest.param(None, True, id="no overlay"),
        pytest.param("operators: {b: {replicas: 1}}\n", True, id="none that names it"),
        pytest.param(f"operators: {{a: {{image: {{digest: '{A}'}}}}}}\n", False, id="one with its digest"),
    ],
)
def test_a_layers_repository_waits_for_an_overlay(overlay: str | None, found: bool) -> None:
    files = {"shared/x.yaml": OPERATOR, **({"env/dev/x.yaml": overlay} if overlay else {})}
    assert placed(checked(files)) == (["shared/x.yaml:1:37 operator-pinned"] if found else [])
    assert placed(checked(files, whole_run=False)) == []  # another overlay may be what was left out


def test_another_apps_layer_says_nothing_about_it() -> None:
    files = {"shared/api.yaml": SHARED, "env/dev/web.yaml": "image: {repository: ghcr.io/acme/other}\n"}
    assert placed(checked(files), ["repository-without-digest"]) == []


TEMPLATE = "metadata:\n  labels:\n    version: {{ .Values.image.tag }}\n"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        pytest.param(TEMPLATE, True, id="in labels"),
        pytest.param("a: {{ .Values.image.tag }}\n", False, id="not in labels"),
        pytest.param(
            "metadata:\n  labels:\n    a: b\nspec:\n  image: {{ .Values.image.tag }}\n", False, id="below them"
        ),
        pytest.param('{{- define "api.labels" -}}\na/b: {{ .Values.image.tag }}\n{{- end }}\n', True, id="defined"),
        pytest.param("x:\n  app.kubernetes.io/version: {{ .Values.image.tag | quote }}\n", True, id="well known"),
        pytest.param("metadata:\n  labels:\n    v: {{ .Values.other.tag }}\n", False, id="another tag"),
    ],
)
def test_a_digest_in_a_label(template: str, found: bool) -> None:
    files = {
        "charts/api/Chart.yaml": "name: api\n",
        "charts/api/templates/x.yaml": template,
        "env/dev/api.yaml": f"image: {{repository: ghcr.io/acme/api, tag: '1.4.0@{A}'}}\n",
    }
    assert (("digest-in-label", "error") in told(checked(files))) is found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("env/dev/api.yaml", True, id="by file"),
        pytest.param("env/dev/api/values.yaml", True, id="by folder"),
        pytest.param("env/dev/web.yaml", False, id="another chart's"),
    ],
)
def test_charts_are_found_by_their_names(path: str, found: bool) -> None:
    files = {
        "charts/api/Chart.yaml": "name: api\n",
        "charts/api/templates/x.yaml": TEMPLATE,
        "charts/web/Chart.yaml": "name: web\n",
        "charts/web/templates/x.yaml": "metadata:\n  labels:\n    x: {{ .Values.web.tag }}\n",
        path: f"image: {{repository: ghcr.io/acme/api, tag: '1.4.0@{A}'}}\n",
    }
    assert (("digest-in-label", "error") in told(checked(files))) is found


def test_drift_is_told_at_the_fewer_places() -> None:
    files = {
        "env/staging/a.yaml": f"image: ghcr.io/acme/api@{B}\n",
        "env/staging/b.yaml": f"image: ghcr.io/acme/api@{A}\nx: ghcr.io/acme/web@{B}\n",
        "env/staging/c.yaml": f"image: {{repository: ghcr.io/acme/api, digest: '{A}'}}\n",
        "env/production/a.yaml": f"image: ghcr.io/acme/api@{B}\ny: docker.io/library/redis@{A}\n",
        "env/production/b.yaml": f"y: docker.io/library/redis@{B}\n",
    }
    verdict = checked(files)
    assert placed(verdict) == ["env/staging/a.yaml:1:8 digest-drift"]
    assert verdict.findings[0].remark.instead == "sha256:" + "a" * 64
    assert "2 places say otherwise" in verdict.findings[0].remark.message


BOMB = "a: &a [image, image]\n" + "".join(
    f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(9))}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param("image: [", True, id="no YAML"),
        pytest.param(b"image: \xff", True, id="no UTF-8"),
        pytest.param("image: a\n" + "#" * 4_200_000, True, id="too large"),
        pytest.param("[" * 5000 + "image" + "]" * 5000, True, id="5,000 levels"),
        pytest.param("{a: " * 5000 + "image" + "}" * 5000, True, id="5,000 levels of mappings"),
        pytest.param("version https://git-lfs.github.com/spec/v1\n", True, id="in LFS"),
        pytest.param(BOMB, False, id="an alias bomb"),
        pytest.param("x: &x {image: *x}\n", False, id="an alias of itself"),
    ],
)
def test_hostile_files(content: str | bytes, found: bool) -> None:
    assert told(checked({"env/dev/a.yaml": content})) == ([("unreadable-file", "error")] if found else [])
