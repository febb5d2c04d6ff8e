"""The program as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

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

    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "env/dev/stra\\xdfe.yaml:1:6" in done.stdout


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """A child that is started here hears the signal: a suite in a shell's background is told to ignore Ctrl-C."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_ctrl_c_is_said_and_has_its_own_exit_code(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        reference = f"127.0.0.1:{silent.getsockname()[1]}/acme/api:main"
        command = [sys.executable, "-m", "bot", "resolve", reference, "--root", str(tmp_path)]
        with heard(signal.SIGINT), subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as running:
            connection, _ = silent.accept()  # it is at work now, and waits
            with connection:
                running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=20)

    assert (running.returncode, out) == (130, "")
    assert err == "bump: interrupted; nothing is half-written, run it again\n"
