"""Every mistake in one go: key path, line, what to do; and that no bytes whatever raise anything else."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import load
from bot.errors import ConfigError

PATH = "config/environments.yaml"
EXAMPLE = (Path(__file__).parents[2] / PATH).read_bytes()


def refusal(text: str | bytes) -> list[str]:
    """The lines of the error; none when the text is a configuration."""
    try:
        load(text.encode() if isinstance(text, str) else text, path=PATH)
    except ConfigError as error:
        return str(error).splitlines()
    return []


def complaints(text: str) -> list[str]:
    """The lines of the error, without the file's name before the line."""
    lines = refusal(text)
    assert lines
    assert all(line.startswith(f"{PATH}:") for line in lines)
    return [line.removeprefix(f"{PATH}:") for line in lines]


LINES = """\
version: 1
gitops: {}
registries: {}
images:
  - match: "ghcr.io/acme/*"
environments:
  dev:
    paths: ["dev/**"]
    follow: main
  staging:
    paths: ["staging/**"]
    promote_from: dev
policy: {}
"""


@pytest.mark.parametrize(
    ("line", "becomes", "complaint"),
    [
        # what is not there, or not known
        ("version: 1", "", "2: version: missing, and required"),
        ("version: 1", "version: 2", "1: version: got the number 2, expected 1; a newer format needs a newer bump"),
        ("version: 1", "version: '1'", "1: version: got the string '1', expected 1; take off the quotes"),
        ("version: 1", "version: 'v1'", "1: version: got 'v1', expected 1; write version: 1"),
        ("version: 1", "version: true", "1: version: got true, expected 1; write version: 1"),
        ("version: 1", "version: 1.0", "1: version: got the number 1.0, expected 1; write version: 1"),
        ("version: 1", "version:", "1: version: got nothing (null), expected 1; write version: 1"),
        ('    paths: ["dev/**"]', "", "7: environments.dev.paths: missing, and required; add it: Patterns of"),
        ('  - match: "ghcr.io/acme/*"', "  - move: false", "5: images[0].match: missing, and required"),
        ("policy: {}", "polcy: {}", "13: polcy: unknown key; did you mean 'policy'?"),
        ("policy: {}", "zzz: {}", "13: zzz: unknown key; there are defaults, environments, gitops, images, policy"),
        ("    follow: main", "    folow: main", "9: environments.dev.folow: unknown key; did you mean 'follow'?"),
        ("gitops: {}", "gitops: {repo: a/b}", "2: gitops.repo: unknown key; there are base, branch_prefix, repository"),
        ("policy: {}", "defaults: {labels: []}", "13: defaults.labels: unknown key; there are pull_request"),
        (
            "    follow: main",
            "    pull_request: {auto_merge: {requires: []}}",
            "9: environments.dev.pull_request.auto_merge.requires: unknown key; did you mean 'required_checks'?",
        ),
        (
            "policy: {}",
            'policy: {"a b\\n": 1}',
            '13: policy."a b\\n": unknown key; there are admission, documents, fleet, max_waiver_days, operators,',
        ),
        ("policy: {}", "policy: {fleet: {key: .a}}", "13: policy.fleet.key: '.a': not a path of keys"),
        ("policy: {}", "policy: {documents: {../a: [x]}}", "13: policy.documents.\"../a\": '../a': not a file's path"),
        ("policy: {}", "policy: {documents: {a.md: ['']}}", '13: policy.documents."a.md"[0]: expected one line of 1'),
        (
            "policy: {}",
            "policy: {admission: {actions: {prod: Deny}}}",
            "13: policy.admission.actions.prod: 'prod': no such environment; there are dev, staging",
        ),
        (
            "policy: {}",
            "policy: {admission: {actions: [Deny, Warn]}}",
            "13: policy.admission.actions: Deny and Warn at once; Kubernetes takes one of them",
        ),
        ("policy: {}", "policy: {admission: {actions: [{a: b}]}}", "13: policy.admission.actions"),
        (
            "policy: {}",
            "policy: {admission: {actions: deny}}",
            "13: policy.admission.actions: got 'deny', expected 'Deny', 'Warn' or 'Audit'",
        ),
        ("policy: {}", "policy: {admission: {namespace_labels: {}}}", "13: policy.admission.namespace_labels: "),
        (
            "policy: {}",
            "policy: {admission: {namespace_labels: {a b: c}}}",
            "13: policy.admission.namespace_labels.\"a b\": 'a b': not a label's key",
        ),
        (
            "policy: {}",
            "policy: {admission: {namespace_labels: {a: '{env}'}}}",
            "13: policy.admission.namespace_labels.a: '{env}': not a label's value",
        ),
        (
            "policy: {}",
            "policy: {admission: {registries: [ghcr.io]}}",
            "13: policy.admission.registries[0]: 'ghcr.io': a host alone matches no image; write ghcr.io/** for all",
        ),
        # the wrong kind
        ("gitops: {}", "gitops:", "2: gitops: got nothing (null), expected a mapping"),
        ("gitops: {}", "gitops: []", "2: gitops: got a list, expected a mapping"),
        ("registries: {}", "registries: [a]", "3: registries: got a list, expected a mapping"),
        (
            '  - match: "ghcr.io/acme/*"',
            '  - "ghcr.io/acme/*"',
            "5: images[0]: got 'ghcr.io/acme/*', expected a mapping",
        ),
        ('    paths: ["dev/**"]', "    paths: dev/**", "8: environments.dev.paths: got 'dev/**', expected a list"),
        ('    paths: ["dev/**"]', "    paths: {a: b}", "8: environments.dev.paths: got a mapping, expected a list"),
        ('    paths: ["dev/**"]', "    paths: [1]", "8: environments.dev.paths[0]: got the number 1, expected text"),
        (
            "    follow: main",
            "    follow: 1.5",
            "9: environments.dev.follow: got the number 1.5, expected text; quote it",
        ),
        ("    follow: main", "    follow: true", "9: environments.dev.follow: got true, expected text; quote it"),
        (
            "    follow: main",
            "    pull_request: {draft: yes}",
            "9: environments.dev.pull_request.draft: got 'yes', expected true or false, without quotes",
        ),
        (
            "    follow: main",
            "    pull_request: {settle: 30}",
            "9: environments.dev.pull_request.settle: got the number 30, expected a duration such as 30m",
        ),
        (
            "    follow: main",
            "    pull_request: {auto_merge: true}",
            "9: environments.dev.pull_request.auto_merge: got true, expected a mapping",
        ),
        (
            "    follow: main",
            "    pull_request: {auto_merge: never}",
            "9: environments.dev.pull_request.auto_merge: got 'never', expected none, or a mapping such as",
        ),
        (
            "    follow: main",
            "    pull_request: {auto_merge: {by: me}}",
            "9: environments.dev.pull_request.auto_merge.by: got 'me', expected 'github' or 'bump'",
        ),
        (
            "    follow: main",
            "    pull_request: {assignees: [a, b, c, d, e, f, g, h, i, j, k]}",
            "9: environments.dev.pull_request.assignees: 11 entries, expected at most 10",
        ),
        (
            "policy: {}",
            "policy: {max_waiver_days: 0}",
            "13: policy.max_waiver_days: got the number 0, expected 1 or more",
        ),
        (
            "policy: {}",
            "policy: {max_waiver_days: 400}",
            "13: policy.max_waiver_days: got the number 400, expected 366",
        ),
        (
            "policy: {}",
            "policy: {max_waiver_days: 9.5}",
            "13: policy.max_waiver_days: got the number 9.5, expected a whole",
        ),
        ("policy: {}", "policy: {profile: lax}", "13: policy.profile: got 'lax', expected 'plan' or 'strict'"),
        (
            "policy: {}",
            "policy: {rules: {tag-only: fatal}}",
            "13: policy.rules.tag-only: got 'fatal', expected 'error', 'warning'",
        ),
        (
            "policy: {}",
            "policy: {rules: {tag-only: 3}}",
            "13: policy.rules.tag-only: got the number 3, expected 'error'",
        ),
        (
            "policy: {}",
            "policy: {rules: {No: error}}",
            "13: policy.rules.No: 'No': no such rule; there are channel-bleed",
        ),
        ("policy: {}", "policy: {rules: {x: {dev: no}}}", "13: policy.rules.x.dev: got 'no', expected 'error'"),
        # a text that is not what it should be
        ("gitops: {}", "gitops: {repository: ../x}", "2: gitops.repository: '../x': expected owner/name"),
        ("gitops: {}", "gitops: {base: a..b}", "2: gitops.base: 'a..b': git allows no such branch name"),
        (
            "registries: {}",
            "registries: {registry: {}}",
            "3: registries.registry: not a registry's host; expected the host with its port",
        ),
        (
            "registries: {}",
            "registries: {a.b: {ca_file: /x}}",
            "3: registries.\"a.b\".ca_file: '/x': expected a path inside the repository",
        ),
        ('  - match: "ghcr.io/acme/*"', '  - match: "acme/*"', "5: images[0].match: 'acme/*': 'acme' is no host"),
        ("  dev:", "  Dev:", "7: environments.Dev: 'Dev': not an environment's name"),
        ("  dev:", "  promote:", "7: environments.promote: 'promote': reserved"),
        # two keys that do not go together
        (
            "    promote_from: dev",
            "    promote_from: def",
            "12: environments.staging.promote_from: 'def': no such environment",
        ),
        (
            "    promote_from: dev",
            "    promote_from: staging",
            "12: environments.staging.promote_from: a circle: 'staging' ← 'staging'; one of them must follow",
        ),
        (
            "    follow: main",
            "    promote_from: staging",
            "9: environments.dev.promote_from: a circle: 'dev' ← 'staging' ← 'dev'; one of them must follow a channel",
        ),
        (
            "    follow: main",
            "    follow: main\n    promote_from: staging",
            "10: environments.dev.promote_from: beside follow; an environment has one of the two: remove one",
        ),
        (
            "    follow: main",
            "    gates: {soak: 1h}",
            "9: environments.dev.gates: gates hold promotions back, and nothing is promoted here; remove them",
        ),
        (
            "    follow: main",
            "    pull_request: {auto_merge: {by: bump}}",
            "9: environments.dev.pull_request.auto_merge: by: bump without required_checks would merge 'dev' unchecked",
        ),
        (
            "policy: {}",
            "defaults: {pull_request: {auto_merge: {by: bump}}}",
            "13: defaults.pull_request.auto_merge: by: bump without required_checks would merge 'dev' unchecked",
        ),
        (
            "policy: {}",
            "policy: {rules: {x: {devv: error}}}",
            "13: policy.rules.x.devv: 'devv': no such environment; did you",
        ),
        (
            "registries: {}",
            "registries: {A.b: {}, a.b: {}}",
            "3: registries.\"a.b\": the same registry as 'A.b'; keep one",
        ),
        (
            "gitops: {}",
            "gitops: {base: bump}",
            "2: gitops.base: base 'bump' and the branches 'bump'/… cannot both exist",
        ),
        (
            "gitops: {}",
            "gitops: {base: main, branch_prefix: main/x}",
            "2: gitops.branch_prefix: base 'main' and the branches 'main/x'/… cannot both exist",
        ),
        ("gitops: {}", "gitops: {base: bump/dev}", "2: gitops.base: base 'bump/dev' and the branches 'bump'/…"),
        # the same key twice
        ("policy: {}", "policy: {}\nimages: []", "14: images: stands twice, first on line 4; keep one"),
        (
            "    follow: main",
            "    follow: main\n    follow: x",
            "10: environments.dev.follow: stands twice, first on line 9",
        ),
    ],
)
def test_a_mistake_is_reported_at_its_key_and_line(line: str, becomes: str, complaint: str) -> None:
    assert line in LINES.splitlines()
    text = LINES.replace(f"{line}\n", f"{becomes}\n", 1)
    found = complaints(text)
    assert any(each.startswith(complaint) for each in found), found


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "1: the file is empty; `bump init` writes a first one"),
        ("# later\n", "1: the file is empty"),
        ("- a\n", "1: got a list, expected a mapping"),
        ("hello\n", "1: got 'hello', expected a mapping"),
        ("version: 1\nenvironments: {}\n", "2: environments: 0 entries, expected at least 1"),
    ],
)
def test_a_file_that_is_no_configuration_at_all(text: str, complaint: str) -> None:
    assert [line[: len(complaint)] for line in complaints(text)] == [complaint]


def test_every_problem_is_reported_at_once_in_the_order_of_the_file() -> None:
    found = complaints("""\
version: 1
policy: {profile: lax}
images:
  - {match: "acme/*", plattforms: []}
  - match: "ghcr.io/acme/*"
    source: https://github.com/acme/*
environments:
  dev:
    follow: main
    promote_from: prod
    paths: [/a, "b/**", ../c]
  b: {paths: [], promote_from: a}
  a: {paths: [], promote_from: b}
  a: {paths: [], promote_from: b}
gitops: {base: 3}
""")
    assert [re.sub(r"^(\d+: [^:]+):.*", r"\1", line) for line in found] == [
        "2: policy.profile",
        "4: images[0].match",
        "4: images[0].plattforms",
        "6: images[1].source",
        "10: environments.dev.promote_from",
        "10: environments.dev.promote_from",
        "11: environments.dev.paths[0]",
        "11: environments.dev.paths[2]",
        "12: environments.b.promote_from",
        "14: environments.a",
        "15: gitops.base",
    ]


def test_a_file_of_another_version_is_not_measured_against_this_one() -> None:
    assert complaints("version: 2\nspec: {}\n") == [
        "1: version: got the number 2, expected 1; a newer format needs a newer bump"
    ]


def test_what_may_be_a_secret_is_not_repeated() -> None:
    found = complaints("""\
version: 1
registries:
  "https://bot:SECRET@registry.corp": {}
  a.b: {token_env: ghp_SECRET, token: ghp_SECRET, token_realm: "https://bot:SECRET@auth.corp", username: "bot:SECRET"}
environments: {dev: {paths: []}}
""")
    assert len(found) == 5
    assert "SECRET" not in "".join(found)


mangled = st.builds(
    lambda start, length, piece: EXAMPLE[:start] + piece + EXAMPLE[start + length :],
    st.integers(0, len(EXAMPLE)),
    st.integers(0, 40),
    st.sampled_from(
        [b"", b"x", b"\n", b": ", b"- ", b"[", b"}", b"&a ", b"*a", b"!x ", b"'", b"#", b"null", b"9", b"\xff"]
    ),
)


@given(mangled | st.binary())
def test_any_bytes_are_a_configuration_or_one_line_per_problem(text: bytes) -> None:
    assert all(re.match(rf"{PATH}(:\d+)?: ", line) for line in refusal(text))


keys = st.sampled_from([*re.findall(r"[a-z_]{3,}", EXAMPLE.decode()), "x\ny", "", "<", "*"])
scalars = st.sampled_from(
    ["main", "none", "dev", "ghcr.io/acme/*", "30m", "linux/amd64", "true", "null", "1", "1.5", '"\\n"']
)
flow = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(keys, inner, max_size=4).map(
            lambda entries: "{" + ", ".join(f'"{key}": {value}' for key, value in entries.items()) + "}"
        )
    ),
    max_leaves=20,
)


@given(flow, flow, flow)
@settings(deadline=None)  # the first one builds the schema
def test_keys_and_values_in_any_order_are_a_configuration_or_refused(one: str, two: str, three: str) -> None:
    text = f"version: 1\nenvironments: {{dev: {one}, prod: {two}}}\nimages: {three}\ndefaults: {two}\n"
    assert all(re.match(rf"{PATH}:\d+: ", line) for line in refusal(text))
