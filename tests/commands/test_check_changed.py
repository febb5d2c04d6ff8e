"""`bump check --changed`: an old repository's findings do not stop a change that has nothing to do with them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.repository import CONFIG, CONFIGURATION, WAIVERS, Repository

OLD = "env/staging/old.yaml"
MORE = "image: ghcr.io/acme/more:1.4.0\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.begin(tmp_path / "gitops")


def in_days(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).date())


def told(repository: Repository, *arguments: str) -> list[str]:
    done = repository.check("--base", "main", "--changed", *arguments)
    return [" ".join(line.split(" ")[:2]) for line in done.out.splitlines()]


def test_what_was_there_before_is_left_out_and_counted(repository: Repository) -> None:
    done = repository.check("--base", "main", "--changed")
    main = repository.git("rev-parse", "main")[:12]

    assert done.out == ""
    assert done.err == f"All checks passed: 3 references in 3 files; 1 not changed here; judged by {main}\n"
    assert done.code == 0
    assert repository.check("--base", "main").code == 1
    document = json.loads(repository.check("--base", "main", "--changed", "--format", "json").out)
    assert document["summary"]["unchanged"] == 1


def test_a_changed_line_is_told_committed_or_not(repository: Repository) -> None:
    repository.write({OLD: "image: ghcr.io/acme/old:1.5.0\n"})
    before = told(repository)
    repository.commit()

    assert before == told(repository) == [f"{OLD}:1:8 tag-only"]


def test_new_files_are_told_tracked_or_not(repository: Repository) -> None:
    repository.write({"env/staging/a.yaml": MORE})
    repository.commit()
    repository.write({"env/staging/b.yaml": MORE})

    assert told(repository) == ["env/staging/a.yaml:1:8 tag-only", "env/staging/b.yaml:1:8 tag-only"]


def test_what_others_did_at_the_base_is_not_the_change_s(repository: Repository) -> None:
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write({OLD: "image: ghcr.io/acme/old@<a>\n"})
    repository.commit()
    repository.git("checkout", "-q", "work")

    assert told(repository) == []


def test_a_renamed_file_is_compared_with_what_it_was(repository: Repository) -> None:
    text = "".join(f"# {number}\n" for number in range(20)) + "image: ghcr.io/acme/old:1.4.0\n"
    repository.write({OLD: text})
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.git("mv", OLD, "env/staging/new.yaml")
    repository.write({"env/staging/new.yaml": f"# more\n{text}"})
    same = told(repository)
    repository.git("mv", "env/staging/new.yaml", "env/dev/new.yaml")

    assert same == []
    assert told(repository) == ["env/dev/new.yaml:22:8 tag-only"], "in another environment it is another matter"


@pytest.mark.parametrize("attribute", ["binary", "-diff", "filter=lfs", "working-tree-encoding=UTF-7", "eol=crlf"])
def test_attributes_of_git_hide_nothing(repository: Repository, attribute: str) -> None:
    repository.write({".gitattributes": f"*.yaml {attribute}\n", OLD: f"# one\n{MORE}"})

    assert told(repository) == [f"{OLD}:2:8 tag-only"]


def test_what_is_about_the_policy_is_told(repository: Repository) -> None:
    waivers = "version: 1\nwaivers:\n  - {rule: tag-only, path: a, reason: r, owner: o, expires: 2026-01-01}\n"
    repository.write({WAIVERS: waivers})
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.write({CONFIG: f"{CONFIGURATION}policy: {{profile: strict}}\n"})

    assert told(repository) == [f"{CONFIG}:7:1 policy-changed", f"{WAIVERS}:3:5 waiver-expired"]


def test_a_waiver_comes_by_a_change_of_its_own(repository: Repository) -> None:
    """How a finding of old gets its waiver, though no change excuses itself: nothing else was changed."""
    repository.write({WAIVERS: "version: 1\nwaivers: []\n"})
    done = repository.check("--write-waivers", "--owner", "sre", "--reason", "old", "--expires", in_days(30))
    changed = repository.check("--base", "main", "--changed")
    repository.commit()
    repository.git("branch", "-f", "main")

    assert done.code == 0
    assert (changed.code, repository.check("--base", "main").code) == (0, 0)


def test_a_layer_that_changes_brings_findings_into_files_that_do_not(repository: Repository) -> None:
    repository.write(
        {
            CONFIG: CONFIGURATION.replace("follow: main", 'layers: ["shared/**"], follow: main'),
            "shared/web.yaml": "image: {repository: ghcr.io/acme/web}\n",
            "env/dev/web.yaml": "image: {digest: <a>}\n",
        }
    )
    repository.commit()
    repository.git("branch", "-f", "main")
    repository.write({"shared/web.yaml": "image: {}\n"})

    assert told(repository) == ["env/dev/web.yaml:1:17 orphan-digest"]


def test_without_a_base_it_is_exit_2(repository: Repository) -> None:
    done = repository.check("--changed")

    assert "--changed: since when? give --base REF" in done.err
    assert done.code == 2


def test_paths_and_environments_narrow_it_further(repository: Repository) -> None:
    repository.write({"env/staging/a.yaml": MORE, "env/staging/b.yaml": MORE, "env/dev/a.yaml": MORE})

    assert told(repository, "env/staging/a.yaml") == ["env/staging/a.yaml:1:8 tag-only"]
    assert told(repository, "--env", "dev") == ["env/dev/a.yaml:1:8 tag-only"]


def test_a_layer_s_repository_is_told_once_its_last_digest_is_taken_out(tmp_path: Path) -> None:
    layered = (
        CONFIGURATION.replace("follow: main", "layers: [shared/**], follow: main") + "  shared: {paths: [shared/**]}\n"
    )
    files = {
        CONFIG: layered,
        "shared/api.yaml": "image: {repository: ghcr.io/acme/api}\n",
        "shared/web.yaml": "image: {repository: ghcr.io/acme/web}\n",
        "env/dev/api.yaml": "image: {digest: <a>}\nx: 1\n",
        "env/staging/web.yaml": "image: ghcr.io/acme/web@<a>\n",
    }
    repository = Repository.begin(tmp_path / "gitops", files)
    repository.write({"env/dev/api.yaml": "image: {digest: <a>}\nx: 2\n"})
    assert "shared/web.yaml:1:21 unpinned" in repository.check("--base", "main").out
    assert repository.check("--base", "main", "--changed").out == ""

    repository.write({"env/dev/api.yaml": "x: 2\n"})
    assert [line.split(" ")[0] for line in repository.check("--base", "main", "--changed").out.splitlines()] == [
        "shared/api.yaml:1:21"
    ]
