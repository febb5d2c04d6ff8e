"""The program as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.builders import digest
from tests.commands.gitops import CONFIG, CONFIGURATION


def test_what_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    (tmp_path / CONFIG).parent.mkdir()
    (tmp_path / CONFIG).write_bytes(CONFIGURATION)
    (tmp_path / "env" / "dev").mkdir(parents=True)
    (tmp_path / "env" / "dev" / "straße.yaml").write_text(f"ref: ghcr.io/acme/api@{digest('a')}\n")
    command = [sys.executable, "-m", "bot", "pins", "--env", "dev", "--root", str(tmp_path)]

    done = subprocess.run(
        command, capture_output=True, check=False, text=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "env/dev/stra\\xdfe.yaml:1:6" in done.stdout
