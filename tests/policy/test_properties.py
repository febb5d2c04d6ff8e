"""What holds of all files: a reference has one fault of a kind, and neither order nor moved lines change a finding."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import Finding
from tests.policy.checking import checked

DIGEST = "sha256:aa…"
WITHOUT = {"unpinned", "floating-tag", "tag-only", "operator-pinned"}
BESIDE = {"channel-tag-with-digest", "tag-form"}
TAGS = st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}", fullmatch=True)
IMAGES = st.sampled_from(("ghcr.io/acme/api", "redis", "quay.io/x/operator", "ghcr.io/acme/mirror/redis"))
LINES = st.lists(
    st.builds("{}: {}{}{}".format, st.sampled_from("abc"), IMAGES, TAGS.map(":{}".format) | st.just(""), st.just("")),
    max_size=5,
)
FILES = st.dictionaries(
    st.sampled_from([f"env/{name}/{app}.yaml" for name in ("dev", "staging") for app in "xyz"]),
    LINES.map(lambda lines: "".join(f"- image:\n    {line.replace('b:', 'ref:')}\n" for line in lines)),
)


@settings(max_examples=60, deadline=None)
@given(IMAGES, TAGS)
def test_a_reference_without_a_digest_breaks_one_rule_of_those_that_ask_for_it(image: str, tag: str) -> None:
    found = checked(f"image: {image}:{tag}\n").findings
    assert len(WITHOUT.intersection(one.rule for one in found)) == 1
    assert not BESIDE.intersection(one.rule for one in found)


@settings(max_examples=60, deadline=None)
@given(IMAGES, TAGS)
def test_a_reference_with_a_digest_breaks_none_of_them(image: str, tag: str) -> None:
    found = checked(f"image: {image}:{tag}@{DIGEST}\n").findings
    assert not WITHOUT.intersection(one.rule for one in found)
    assert len(BESIDE.intersection(one.rule for one in found)) <= 1


@settings(max_examples=30, deadline=None)
@given(FILES)
def test_the_order_of_files_is_irrelevant(files: dict[str, str]) -> None:
    assert checked(files) == checked(dict(reversed(files.items())))


@settings(max_examples=30, deadline=None)
@given(FILES, st.integers(1, 5))
def test_moved_lines_change_nothing_else(files: dict[str, str], lines: int) -> None:
    moved = checked({path: "# moved\n" * lines + text for path, text in files.items()}).findings
    assert [_lasting(one) for one in moved] == [_lasting(one) for one in checked(files).findings]


@settings(max_examples=30, deadline=None)
@given(FILES)
def test_no_two_findings_are_one(files: dict[str, str]) -> None:
    found = checked(files).findings
    assert len({one.fingerprint for one in found}) == len(found)
    assert len({(one.rule, one.place) for one in found}) == len(found)


def _lasting(one: Finding) -> tuple[str, str, str, str]:
    return one.rule, one.remark.path, one.remark.text, one.fingerprint
