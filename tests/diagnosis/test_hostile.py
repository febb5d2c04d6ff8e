"""Whatever bytes stand in the files: a verdict comes of it, never an error, and soon."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.diagnosis import dependabot as dependabots
from bot.diagnosis import renovate as renovates
from bot.diagnosis.automation import automation
from bot.diagnosis.controllers import NEEDLES, controllers
from bot.diagnosis.dependabot import dependabot
from bot.diagnosis.foreign import expression, glob, pattern
from bot.diagnosis.merging import merging
from bot.diagnosis.owners import PATHS, read_owners
from bot.diagnosis.renovate import renovate
from bot.diagnosis.scripts import scripts
from bot.diagnosis.workflows import read_workflows
from tests.diagnosis.facts import WELL, environment, surface

# Words that the readers look for, put together at random: a mutation of nothing would be refused by the parser at once.
WORDS = (
    "on", "jobs", "steps", "run", "uses", "with", "permissions", "concurrency", "group", "name", "paths",
    "pull_request", "kind", "Stage", "apiVersion", "kargo.akuity.io/v1alpha1", "spec", "promotionTemplate", "config",
    "path", "env/dev/values.yaml", "ghcr.io/acme/api", "argocd-image-updater.argoproj.io/image-list", "packageRules",
    "enabled", "false", "extends", "managerFilePatterns", "/(a|b)+/", "updates", "package-ecosystem", "docker",
    "directory", "/env/dev", "@acme/x", "bump --env dev", "sed -i", "${{ x }}", "*", "**",
)  # fmt: skip
SIGNS = (
    ":",
    " ",
    "\n",
    "\n  ",
    "\n    - ",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    "#",
    "//",
    "/*",
    "*/",
    "|",
    "&a ",
    "*a",
    "---\n",
)
NASTY = st.lists(st.sampled_from((*WORDS, *SIGNS)), max_size=60).map(lambda parts: "".join(parts).encode())
PLACES = (".github/workflows/x.yml", "env/dev/values.yaml", *PATHS, *renovates.PATHS, *dependabots.PATHS)


def look(files: dict[str, bytes]) -> None:
    workflows = read_workflows(files)
    list(automation(workflows, protection=WELL.protection, named=("gate",), actions=WELL.actions, base="main"))
    for reader in (renovate, dependabot, controllers):
        assert list(reader(files, surface()))
    list(scripts(workflows, surface()))
    list(merging(environment(), list(files), WELL, read_owners(files)))


@settings(deadline=None, max_examples=60)
@given(st.one_of(NASTY, st.binary(max_size=200)), st.sampled_from(PLACES), st.sampled_from((b"", *NEEDLES)))
def test_any_bytes_anywhere(content: bytes, path: str, needle: bytes) -> None:
    look({path: content, "kargo/x.yaml": b"# " + needle + b"\n" + content})


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60))
def test_patterns_of_others_are_told_or_not_run(text: str, path: str) -> None:
    for reader in (expression, pattern, glob):
        matches = reader(text)
        assert matches is None or matches(path) in {True, False}


@pytest.mark.parametrize(
    "text", ["(a+)+$", "(a|a)*b", "(?=x)", "(?P<a>x)", "a{1,9}", "x" * 300, ".*.*.*", r"(\w)\1", "[", "(", "a**"]
)
def test_an_expression_that_could_take_long_is_not_run(text: str) -> None:
    assert expression(text) is None


@pytest.mark.parametrize(
    ("text", "path", "fits"),
    [
        (r"(^|/)values\.ya?ml$", "env/dev/values.yaml", True),
        (r"(^|/)values\.ya?ml$", "env/myvalues.yaml", False),
        (r"^env/[^/]+/.+\.yaml$", "env/dev/x/y.yaml", True),
        (r"(?:^|/)env/", "a/env/b", True),
    ],
)
def test_an_expression_that_cannot_is(text: str, path: str, *, fits: bool) -> None:
    matches = expression(text)
    assert matches is not None
    assert matches(path) is fits


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("renovate.json5", b"/*" * 1_000_000),
        ("renovate.json5", b'"\\"' * 100_000),
        (".github/workflows/x.yml", b"jobs: {a: {steps: [{run: '" + b"yq sed bump " * 100_000 + b"'}]}}"),
        (".github/workflows/x.yml", b"jobs: {a: {steps: [" + (b"{run: " + b"yq -" * 2_500 + b"},") * 20 + b"]}}"),
        ("kargo/x.yaml", b"# argocd-image-updater.argoproj.io/\nargocd-image-updater.argoproj.io/image-list: "
                         + b"a/" * 1_000_000),
        ("env/dev/values.yaml", b"# { $imagepolicy " * 200_000),
        ("CODEOWNERS", b"**/a/**/b/**/c @x\n" * 200_000),
    ],
    ids=["comments", "strings", "scripts", "steps", "images", "markers", "owners"],
)  # fmt: skip
def test_a_large_file_is_no_long_wait(path: str, content: bytes) -> None:
    """Quadratic work on megabytes would not come back within the time of a test run."""
    look({path: content})
