"""What may be asked, what is asked, and what each answer breaks; no registry is needed for any of it."""

from types import MappingProxyType

import pytest

from bot import config
from bot.image import Platform
from bot.planning.presence import Gone, Here, Outside, Presence, Unknown
from bot.policy import judge, survey
from bot.policy.online import hosts, inquiries
from tests.policy.checking import TODAY, online, sheets, told, whole

AMD64, ARM64, S390X = (Platform.parse(f"linux/{name}") for name in ("amd64", "arm64", "s390x"))
CONFIGURATION = """\
version: 1
registries: {registry.corp:5000: {}}
images:
  - {match: "ghcr.io/acme/one/*", platforms: [linux/amd64], allow_single_arch: true}
  - {match: "ghcr.io/acme/single/*", platforms: [linux/amd64, linux/arm64], allow_single_arch: true}
  - {match: "ghcr.io/acme/mirror/*", move: false, platforms: [linux/amd64, linux/arm64]}
  - {match: "ghcr.io/acme/**", platforms: [linux/amd64, linux/arm64]}
  - {match: "*.example/any/**"}
environments:
  dev: {paths: ["env/dev/**"], follow: main}
  staging: {paths: ["env/staging/**"], platforms: [linux/s390x]}
"""
READ = config.load(CONFIGURATION.encode(), path="config/environments.yaml")
POLICY = config.load_policy(CONFIGURATION.encode(), path="config/environments.yaml")
ERROR, WARNING = "error", "warning"
BOTH = Here(index=True, platforms=frozenset({AMD64, ARM64}))
ONE = Here(index=False, platforms=frozenset({AMD64}))
BROKEN = Here(index=True, platforms=BOTH.platforms, broken=MappingProxyType({ARM64: "sha256:… is not there"}))


def test_only_hosts_that_are_spelled_out_are_asked() -> None:
    assert hosts(READ) == {"ghcr.io", "registry.corp:5000"}
    assert hosts(None) == set()


@pytest.mark.parametrize(
    "image",
    [
        "a.example/any/x",
        "quay.io/acme/api",
        "docker.io/x/y",
        "registry.corp/x",
        "registry.corp:5001/x",
        "xghcr.io/acme/x",
    ],
)
def test_no_other_host_is(image: str) -> None:
    seen = survey(sheets(READ, POLICY, {"env/dev/a.yaml": whole(f"image: {image}@sha256:aa…\n").encode()}))
    assert len(seen.pinned) == 1
    assert inquiries(seen.pinned, hosts(READ)) == {}


def test_each_digest_is_asked_about_once_for_all_that_need_it() -> None:
    text = "a: {image: ghcr.io/acme/api:1.4.0@sha256:aa…}\nb: {image: ghcr.io/acme/api@sha256:aa…}\n"
    files = {f"env/{name}/a.yaml": whole(text).encode() for name in ("dev", "staging")}
    files["env/dev/b.yaml"] = whole("image: registry.corp:5000/x@sha256:aa…\nother: {image: redis:7.2.1}\n").encode()
    asked = inquiries(survey(sheets(READ, POLICY, files)).pinned, hosts(READ))

    assert {str(one.repository): one.platforms for one in asked.values()} == {
        "ghcr.io/acme/api": (AMD64, ARM64, S390X),
        "registry.corp:5000/x": (),
    }


@pytest.mark.parametrize(
    ("image", "answer", "findings"),
    [
        pytest.param("acme/api", BOTH, [], id="whole"),
        pytest.param("acme/api", Gone("is gone"), [("digest-missing", ERROR)], id="gone"),
        pytest.param("acme/mirror/x", Gone("is gone"), [("digest-missing", WARNING)], id="another's is gone"),
        pytest.param("acme/api", ONE, [("not-an-index", ERROR)], id="one platform's"),
        pytest.param("acme/single/x", ONE, [], id="one platform's, allowed"),
        pytest.param(
            "acme/single/x",
            Here(index=False, platforms=frozenset({S390X})),
            [("platform-missing", ERROR)],
            id="one platform's that nobody needs",
        ),
        pytest.param(
            "acme/one/x",
            Here(index=False, platforms=frozenset({ARM64})),
            [("platform-missing", ERROR)],
            id="the wrong one",
        ),
        pytest.param("acme/one/x", ONE, [], id="the only one that is needed"),
        pytest.param("acme/one/x", Here(index=False), [("platform-missing", ERROR)], id="of no platform"),
        pytest.param(
            "acme/mirror/x",
            Here(index=True, platforms=frozenset({AMD64})),
            [("platform-missing", WARNING)],
            id="a mirror of one architecture",
        ),
        pytest.param("acme/api", BROKEN, [("platform-missing", ERROR)], id="a platform in name alone"),
        pytest.param("acme/one/x", BROKEN, [], id="in name alone, and nobody needs it"),
        pytest.param("other/x", Here(), [], id="there, and nothing is needed"),
        pytest.param("acme/api", Unknown(reason="timed out", outage=True), [], id="nothing known"),
        pytest.param("other/x", Outside(), [], id="another's is not asked about"),
        pytest.param("acme/api", Outside(), [("not-checked", WARNING)], id="ours is not asked about"),
    ],
)
def test_what_an_answer_breaks(image: str, answer: Presence, findings: list[tuple[str, str]]) -> None:
    seen = survey(sheets(READ, POLICY, {"env/dev/a.yaml": whole(f"image: ghcr.io/{image}@sha256:aa…\n").encode()}))
    assert told(judge(seen, POLICY, today=TODAY, also=online(seen, answer))) == findings


def test_the_environment_needs_platforms_of_its_own() -> None:
    text = "a: {image: ghcr.io/other/x@sha256:aa…}\nb: {image: ghcr.io/acme/api@sha256:bb…}\n"
    seen = survey(sheets(READ, POLICY, {"env/staging/a.yaml": whole(text).encode()}))
    found = judge(seen, POLICY, today=TODAY, also=online(seen, BOTH)).findings

    assert [(one.place, one.rule, one.remark.message) for one in found] == [
        (
            f"env/staging/a.yaml:{line}:12",
            "platform-missing",
            f"ghcr.io/{name}: no linux/s390x in the index (has linux/amd64, linux/arm64), needed in staging",
        )
        for line, name in ((1, "other/x"), (2, "acme/api"))
    ]
