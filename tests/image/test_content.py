"""Manifest bytes: every check that the specifications ask for, each with its code."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidContent
from bot.image import (
    ATTESTATION_ARTIFACT,
    MANIFEST_LIMIT,
    MEDIA_TYPES,
    Descriptor,
    Digest,
    Index,
    Manifest,
    Platform,
    parse_content,
)

INDEX, MANIFEST, DOCKER_LIST, DOCKER_MANIFEST = MEDIA_TYPES
DIGEST = "sha256:" + "ab" * 32
CONFIG = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": DIGEST, "size": 3}
LAYER = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": DIGEST, "size": 4}


def entry(**changes: object) -> dict[str, object]:
    """A child of an index; a change to None leaves the key out."""
    child = {
        "mediaType": MANIFEST,
        "digest": DIGEST,
        "size": 2,
        "platform": {"os": "linux", "architecture": "amd64"},
        **changes,
    }
    return {key: value for key, value in child.items() if value is not None}


def index(*children: object, **changes: object) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": children, **changes}).encode()


def manifest(**changes: object) -> bytes:
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": CONFIG, "layers": [LAYER], **changes}
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


def children(*entries: object) -> tuple[Descriptor, ...]:
    content = parse_content(index(*entries), content_type=INDEX, expected=None)
    assert isinstance(content, Index)
    return content.manifests


@pytest.mark.parametrize("media_type", [INDEX, DOCKER_LIST])
def test_an_index_gives_its_children(media_type: str) -> None:
    body = index(
        entry(), entry(platform={"os": "linux", "architecture": "arm64", "variant": "v8"}), mediaType=media_type
    )
    content = parse_content(body, content_type=media_type, expected=Digest.of(body))
    assert isinstance(content, Index)
    assert (content.media_type, content.digest, content.size) == (media_type, Digest.of(body), len(body))
    assert [child.platform for child in content.manifests] == [Platform("linux", "amd64"), Platform("linux", "arm64")]
    assert all(child.is_manifest and not child.is_index and not child.attestation for child in content.manifests)


@pytest.mark.parametrize("media_type", [MANIFEST, DOCKER_MANIFEST])
def test_a_manifest_gives_its_config_and_layers(media_type: str) -> None:
    body = manifest(mediaType=media_type)
    content = parse_content(body, content_type=media_type, expected=None)
    assert isinstance(content, Manifest)
    assert (content.media_type, content.digest, content.size) == (media_type, Digest.of(body), len(body))
    assert (str(content.config.digest), content.config.size) == (DIGEST, 3)
    assert [layer.size for layer in content.layers] == [4]


@pytest.mark.parametrize(
    "content_type",
    [f"{INDEX}; charset=utf-8", f"  {INDEX} ;x", INDEX.upper()],
    ids=["parameter", "blanks", "capitals"],
)
def test_parameters_blanks_and_case_of_the_content_type_do_not_count(content_type: str) -> None:
    assert isinstance(parse_content(index(), content_type=content_type, expected=None), Index)


def test_a_body_without_media_type_takes_the_content_type() -> None:
    body = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
    content = parse_content(body, content_type=INDEX, expected=None)
    assert (content.media_type, isinstance(content, Index) and content.manifests) == (INDEX, ())


def test_the_expected_algorithm_is_the_one_that_is_hashed_with() -> None:
    expected = Digest.of(index(), algorithm="sha512")
    assert parse_content(index(), content_type=INDEX, expected=expected).digest == expected


def test_a_child_without_platform_or_with_half_of_one_stands_for_none() -> None:
    found = children(
        entry(platform=None), entry(platform={"os": "linux"}), entry(platform={"os": 1, "architecture": 2})
    )
    assert [child.platform for child in found] == [None, None, None]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}, id="annotation"),
        pytest.param({"artifactType": ATTESTATION_ARTIFACT}, id="artifact type"),
    ],
)
def test_build_attestations_are_told_from_images(changes: dict[str, object]) -> None:
    unknown = {"os": "unknown", "architecture": "unknown"}
    [child] = children(entry(platform=unknown, **changes))
    assert child.attestation
    assert child.platform is not None
    assert not child.platform.known


def test_an_unknown_kind_of_child_and_a_nested_index_are_no_errors() -> None:
    strange, nested = children(entry(mediaType="application/x.Strange+json"), entry(mediaType=INDEX, platform=None))
    assert (strange.media_type, strange.is_index, strange.is_manifest) == ("application/x.strange+json", False, False)
    assert nested.is_index


def test_an_artifact_type_that_is_no_media_type_counts_as_absent() -> None:
    found = children(entry(artifactType="a\n::error::b"), entry(artifactType=3), entry(artifactType="\ud800/x"))
    assert [child.artifact_type for child in found] == ["", "", ""]


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        pytest.param(b" " * (MANIFEST_LIMIT + 1), INDEX, "manifest-too-large", id="a byte over the limit"),
        pytest.param(index(), MANIFEST, "media-type-mismatch", id="body and header disagree"),
        pytest.param(index(mediaType=[INDEX]), INDEX, "media-type-mismatch", id="media type is no text"),
        pytest.param(index(layers=[LAYER]), INDEX, "ambiguous-manifest", id="manifests and layers"),
        pytest.param(index(config=CONFIG), INDEX, "ambiguous-manifest", id="manifests and config"),
        pytest.param(manifest(manifests=[]), MANIFEST, "ambiguous-manifest", id="layers and manifests"),
        pytest.param(manifest(schemaVersion=1), MANIFEST, "unsupported-schema", id="schema 1"),
        pytest.param(manifest(schemaVersion=None), MANIFEST, "unsupported-schema", id="no schema version"),
        pytest.param(manifest(schemaVersion="2"), MANIFEST, "unsupported-schema", id="schema version in quotes"),
        pytest.param(manifest(fsLayers=[]), MANIFEST, "unsupported-schema", id="schema 1 in the clothes of 2"),
        pytest.param(manifest(history=[]), MANIFEST, "unsupported-schema", id="schema 1's history"),
        pytest.param(
            manifest(mediaType=None), "application/json", "unsupported-media-type", id="a type that says nothing"
        ),
        pytest.param(manifest(mediaType=None), "", "unsupported-media-type", id="no type"),
        pytest.param(b"", INDEX, "invalid-manifest", id="empty"),
        pytest.param(b"<html>", INDEX, "invalid-manifest", id="HTML"),
        pytest.param(b"\xff\xfe\xfd", INDEX, "invalid-manifest", id="not UTF-8"),
        pytest.param(b"[]", INDEX, "invalid-manifest", id="a list"),
        pytest.param(b"[" * 100_000, INDEX, "invalid-manifest", id="too deep"),
        pytest.param(b'{"size": ' + b"9" * 5000 + b"}", INDEX, "invalid-manifest", id="a number too long to read"),
        pytest.param(index(manifests=None), INDEX, "invalid-manifest", id="manifests is null"),
        pytest.param(index(manifests={}), INDEX, "invalid-manifest", id="manifests is a mapping"),
        pytest.param(index(*[1] * 1001), INDEX, "invalid-manifest", id="too many children"),
        pytest.param(index("x"), INDEX, "invalid-manifest", id="a child that is text"),
        pytest.param(index(entry(digest="sha256:x")), INDEX, "invalid-manifest", id="a child's digest"),
        pytest.param(index(entry(digest=None)), INDEX, "invalid-manifest", id="a child without digest"),
        pytest.param(index(entry(digest=f"md5:{'0' * 32}")), INDEX, "invalid-manifest", id="a digest we cannot hash"),
        pytest.param(index(entry(size=-1)), INDEX, "invalid-manifest", id="negative size"),
        pytest.param(index(entry(size=2**63)), INDEX, "invalid-manifest", id="a size that no int64 holds"),
        pytest.param(index(entry(size=10**4000)), INDEX, "invalid-manifest", id="a size that cannot be printed"),
        pytest.param(index(entry(size=True)), INDEX, "invalid-manifest", id="a size that is true"),
        pytest.param(index(entry(size="2")), INDEX, "invalid-manifest", id="a size in quotes"),
        pytest.param(index(entry(mediaType=None)), INDEX, "invalid-manifest", id="a child without media type"),
        pytest.param(index(entry(mediaType="a\nb/c")), INDEX, "invalid-manifest", id="a media type with a line end"),
        pytest.param(index(entry(platform="linux/amd64")), INDEX, "invalid-manifest", id="a platform as text"),
        pytest.param(
            index(entry(platform={"os": "linux/amd64", "architecture": "v1"})),
            INDEX,
            "invalid-manifest",
            id="a platform that would read as another when joined",
        ),
        pytest.param(
            index(entry(platform={"os": "linux\n", "architecture": "amd64"})), INDEX, "invalid-manifest", id="line end"
        ),
        pytest.param(manifest(config=None), MANIFEST, "invalid-manifest", id="no config"),
        pytest.param(manifest(layers=None), MANIFEST, "invalid-manifest", id="no layers"),
        pytest.param(manifest(layers=[{}]), MANIFEST, "invalid-manifest", id="an empty layer"),
    ],
)
def test_what_the_specifications_do_not_allow_is_refused_by_code(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        parse_content(body, content_type=content_type, expected=None)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_bytes_with_another_hash_are_refused_before_they_are_read() -> None:
    with pytest.raises(InvalidContent, match="the bytes hash to") as caught:
        parse_content(b"not even JSON", content_type=INDEX, expected=Digest.parse(DIGEST))
    assert caught.value.code == "digest-mismatch"


def test_size_is_checked_before_the_hash() -> None:
    with pytest.raises(InvalidContent) as caught:
        parse_content(b" " * (MANIFEST_LIMIT + 1), content_type=INDEX, expected=Digest.parse(DIGEST))
    assert caught.value.code == "manifest-too-large"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([DIGEST, *MEDIA_TYPES, "linux"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["schemaVersion", "mediaType", "manifests", "config", "layers", "digest", "size", "platform", "os"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.binary(max_size=50)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.lists(json_values, max_size=3).map(lambda values: index(*values))
)
def test_any_bytes_are_content_with_their_hash_or_refused(body: bytes) -> None:
    try:
        content = parse_content(body, content_type=INDEX, expected=None)
    except InvalidContent:
        return
    assert content.digest == Digest.of(body)


SECRET = "Secret-" + "x" * 40


@pytest.mark.parametrize("before", [0, 20, 60, 100, 145, 400])
@pytest.mark.parametrize("place", ["header", "body", "type", "digest", "platform"])
def test_foreign_text_is_said_whole_or_not_at_all(place: str, before: int) -> None:
    """So that whoever replaces a secret in a message finds it there as it is."""
    text = f"{'a' * before}{SECRET}"
    bodies = {
        "header": index(),
        "body": index(mediaType=text),
        "type": manifest(mediaType=None),
        "digest": index(entry(digest=text)),
        "platform": index(entry(platform={"os": "!", "architecture": text})),
    }
    content_type = text if place in {"header", "type"} else INDEX
    with pytest.raises(InvalidContent) as refused:
        parse_content(bodies[place], content_type=content_type, expected=None)
    assert "Secret" not in str(refused.value).replace(SECRET, "***")
