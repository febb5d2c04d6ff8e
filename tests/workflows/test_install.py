"""The script by which the action installs what it runs on: nothing of the job's folder has a say in that."""

import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from tests.workflows.runner import ROOT


def test_no_module_of_the_checkout_is_imported_while_installing(tmp_path: Path) -> None:
    steps = YAML(typ="safe").load(ROOT / "action.yml")["runs"]["steps"]
    (script,) = (step["run"] for step in steps if step["id"] == "install")
    for folder in ("action/requirements", "checkout", "tools"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "action/requirements/run.txt").touch()  # nothing to download
    (tmp_path / "checkout/typing.py").write_text("raise SystemExit('a stranger was here')\n")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=tmp_path / "checkout",
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": ".",  # as a job may have set for its own programs
            "BUMP_PYTHON": sys.executable,
            "GITHUB_ACTION_PATH": str(tmp_path / "action"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "RUNNER_TOOL_CACHE": str(tmp_path / "tools"),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    made = Path((tmp_path / "output").read_text().strip().removeprefix("python="))
    assert made.is_relative_to(tmp_path / "tools")
    assert subprocess.run([made, "-Ic", ""], check=False).returncode == 0
