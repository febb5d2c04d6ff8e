"""What is mended, what is left and why; of all files: once they are mended they are so for good, and nothing broke."""

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import config
from bot.image import Platform
from bot.planning.resolution import Lookup, Resolution, Unresolved
from bot.policy import Finding, Verdict, judge, survey
from bot.policy.mending import Candidate, Left, Mended, candidates, may_be_mended, mend
from bot.policy.online import hosts
from bot.policy.registry import USES
from tests.builders import digest, resolved
from tests.pins.strategies import Written, files
from tests.policy.checking import TODAY, sheets, whole

CONFIGURATION = """\
version: 1
registries: {{localhost:5000: {{}}}}
images:
  - {{match: "ghcr.io/acme/ask/*"}}
  - {{match: "ghcr.io/acme/suffix/*", first_pin: tag-suffix}}
  - {{match: "ghcr.io/acme/**", first_pin: digest-key, platforms: [linux/amd64]}}
  - {{match: "docker.io/acme/*"}}
environments:
  dev: {{paths: ["env/dev/**", "env/both/**"], follow: main}}
  staging: {{paths: ["env/staging/**", "env/both/**"], platforms: [linux/arm64]}}
policy: {{profile: {profile}}}
"""
PATH = "env/staging/a.yaml"
NEW, OLD = digest("new"), "sha256:aa…"
ANSWER = resolved("new")


class Shop:
    """Checks files and mends them; the registry's answer to every lookup is `answer`."""

    def __init__(self, *, profile: str = "plan", answer: Resolution = ANSWER) -> None:
        content = CONFIGURATION.format(profile=profile).encode()
        self.read = config.load(content, path="config/environments.yaml")
        self.policy = config.load_policy(content, path="config/environments.yaml")
        self.answer = answer
        self.asked: list[Lookup] = []

    def check(self, contents: Mapping[str, bytes]) -> Verdict:
        return judge(survey(sheets(self.read, self.policy, contents)), self.policy, today=TODAY)

    def mend(self, contents: Mapping[str, bytes]) -> Mended:
        uses = [use for sheet in sheets(self.read, self.policy, contents) for use in sheet.uses if may_be_mended(use)]
        found = candidates(self.check(contents).findings, uses, hosts(self.read))
        self.asked = [one.lookup for one in found if isinstance(one, Candidate) and one.lookup]
        return mend(found, dict.fromkeys(self.asked, self.answer), contents, self.policy)


def mended(text: str, shop: Shop | None = None) -> str:
    """The text after it was mended."""
    content = whole(text).encode()
    return (shop or Shop()).mend({PATH: content}).files.get(PATH, content).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("image: ghcr.io/acme/api:1.4.0", "image: ghcr.io/acme/api:1.4.0@<new>", id="a version"),
        pytest.param("any: 'ghcr.io/acme/api:1f3c9ab' # x", "any: 'ghcr.io/acme/api:1f3c9ab@<new>' # x", id="a commit"),
        pytest.param("image: acme/redis:7.2.1", "image: acme/redis:7.2.1@<new>", id="spelled as it was"),
        pytest.param(
            "images: ['api=ghcr.io/acme/api:1.4.0']", "images: ['api=ghcr.io/acme/api:1.4.0@<new>']", id="behind a name"
        ),
        pytest.param(
            "i:\n  repository: ghcr.io/acme/api\n  tag: 1.4.0  # x\n  z: 1\n",
            "i:\n  repository: ghcr.io/acme/api\n  tag: 1.4.0  # x\n  digest: <new>\n  z: 1\n",
            id="a new key",
        ),
        pytest.param(
            "i:\n  repository: ghcr.io/acme/ask/api\n  tag: 1.4.0\n  digest: ''\n",
            "i:\n  repository: ghcr.io/acme/ask/api\n  tag: 1.4.0\n  digest: '<new>'\n",
            id="an empty key",
        ),
        pytest.param(
            "image: {repository: 'localhost:5000/x/y', tag: 1.4.0, digest: null}",
            "image: {repository: 'localhost:5000/x/y', tag: 1.4.0, digest: \"<new>\"}",
            id="another's empty key",
        ),
        pytest.param(
            "kind: Domain\nspec: {image: 'localhost:5000/x/y:1.4.0'}",
            "kind: Domain\nspec: {image: 'localhost:5000/x/y:1.4.0@<new>'}",
            id="a primitive's",
        ),
        pytest.param(
            "values: |\n  image: ghcr.io/acme/api:1.4.0\n",
            "values: |\n  image: ghcr.io/acme/api:1.4.0@<new>\n",
            id="deep",
        ),
        pytest.param(f"image: ghcr.io/acme/api:main@{OLD}", f"image: ghcr.io/acme/api@{OLD}", id="a channel goes"),
        pytest.param(
            f"image: quay.io/x/y:latest@{OLD}", f"image: quay.io/x/y@{OLD}", id="another's goes, nobody asked"
        ),
    ],
)
def test_what_is_mended(before: str, after: str) -> None:
    shop = Shop()
    found = mended(before, shop)
    assert found == whole(after.replace("<new>", str(NEW)))
    left = shop.check({PATH: found.encode()})
    assert not [one for one in left.findings if one.rule != "digest-drift"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("image: ghcr.io/acme/api:main", id="a channel alone"),
        pytest.param("image: ghcr.io/acme/api:build-42", id="what may be one"),
        pytest.param("image: ghcr.io/acme/api", id="no tag"),
        pytest.param("image: acme/redis:7.2", id="half a version"),
        pytest.param(f"i: {{repository: ghcr.io/acme/api, tag: main, digest: '{OLD}'}}", id="a channel in a mapping"),
        pytest.param(f"i: {{repository: ghcr.io/acme/api, tag: 'main@{OLD}'}}", id="a channel before a digest"),
        pytest.param(f"image: ghcr.io/acme/api:build-42@{OLD}", id="an odd tag beside a digest"),
        pytest.param("image: ghcr.io/acme/api:{{ .Values.tag }}", id="a template"),
    ],
)
def test_what_a_person_decides(text: str) -> None:
    shop = Shop()
    done = shop.mend({PATH: whole(text).encode()})
    assert (done, shop.asked) == (Mended(), [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "image: {repository: ghcr.io/acme/ask/x, tag: 1.4.0}",
            "no place for a digest beside it; write a `digest` key, or set first_pin: digest-key in the image's rule "
            "where its chart knows `digest`",
            id="no key",
        ),
        pytest.param(
            "image: {repository: ghcr.io/acme/suffix/x, tag: 1.4.0}", "no place for a digest", id="not into the tag"
        ),
        pytest.param("image: quay.io/x/y:1.4.0", "quay.io is not asked: it is in neither images nor ", id="a stranger"),
        pytest.param("image: &a ghcr.io/acme/api:1.4.0", "anchor", id="an anchor"),
        pytest.param("image: >-\n  ghcr.io/acme/api:1.4.0\n", "block scalar", id="a folded text"),
    ],
)
def test_what_cannot_be_mended_says_why(text: str, reason: str) -> None:
    shop = Shop()
    done = shop.mend({PATH: text.encode()})
    (left,) = done.left
    assert reason in left.reason
    assert (done.files, shop.asked) == ({}, [])


def test_what_would_break_another_rule_is_left() -> None:
    shop = Shop(profile="strict")
    done = shop.mend({PATH: b"image:\n  repository: ghcr.io/acme/api\n  tag: 1.4.0\n"})
    assert [one.reason for one in done.left] == ["it would break image-shape"]
    assert not done.files


@pytest.mark.parametrize("outage", [True, False])
def test_what_is_not_resolved_is_left(*, outage: bool) -> None:
    shop = Shop(answer=Unresolved(code="platform-missing", message="ghcr.io/acme/api:1.4.0: no", outage=outage))
    done = shop.mend({PATH: whole(f"a: ghcr.io/acme/api:1.4.0\nb: ghcr.io/acme/web:main@{OLD}\n").encode()})
    (left,) = done.left
    assert (left.finding.rule, left.reason, left.outage) == ("tag-only", "ghcr.io/acme/api:1.4.0: no", outage)
    assert [one.finding.rule for one in done.fixes] == ["channel-tag-with-digest"]


def test_a_file_of_two_environments_is_written_once_with_the_platforms_of_both() -> None:
    shop = Shop()
    done = shop.mend({"env/both/a.yaml": b"image: ghcr.io/acme/api:1.4.0\n"})
    assert done.files == {"env/both/a.yaml": f"image: ghcr.io/acme/api:1.4.0@{NEW}\n".encode()}
    assert [one.platforms for one in shop.asked] == [(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"))]


def test_a_file_that_changed_meanwhile_keeps_every_byte() -> None:
    shop = Shop()
    uses = [
        use
        for sheet in sheets(shop.read, shop.policy, {PATH: b"image: ghcr.io/acme/api:1.4.0\n"})
        for use in sheet.uses
    ]
    found = candidates(shop.check({PATH: b"image: ghcr.io/acme/api:1.4.0\n"}).findings, uses, hosts(shop.read))
    answers = {one.lookup: ANSWER for one in found if isinstance(one, Candidate) and one.lookup}
    done = mend(found, answers, {PATH: b"# new\nimage: ghcr.io/acme/api:1.4.0\n"}, shop.policy)
    assert (done.fixes, done.files) == ((), {})
    assert [type(one) for one in done.left] == [Left]


@given(files(), st.sampled_from(["plan", "strict"]))
def test_mended_once_is_mended_for_good(written: Written, profile: str) -> None:
    contents = {PATH: written.text.encode()}
    shop = Shop(profile=profile)
    before, done = shop.check(contents).findings, shop.mend(contents)
    after = {**contents, **done.files}
    told = shop.check(after).findings

    assert shop.mend(after).files == {}
    assert _rules(told) <= _rules(before)
    assert (_rules(before) - _rules(told)).total() >= len(done.fixes)


def _rules(findings: tuple[Finding, ...]) -> Counter[str]:
    names = {rule.name for rule, _ in USES}
    return Counter(one.rule for one in findings if one.rule in names)
