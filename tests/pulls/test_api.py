"""The session with GitHub: what PyGithub logs, and which of GitHub's GraphQL errors will pass by themselves."""

import logging
import subprocess
import sys

import pytest

_AFTER_THE_IMPORT = """
import logging
from bot import log
log.configure(verbosity=2)
import bot.pulls.repository
loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
print([
    f"{one.name}: {handler}"
    for one in loggers
    for handler in one.handlers
    if not isinstance(handler, logging.NullHandler) and type(handler.formatter).__name__ != "_Redacting"
])
print(logging.getLogger("github").level == logging.WARNING)
"""


def test_pygithub_logs_nothing_past_the_redaction() -> None:
    command = [sys.executable, "-c", _AFTER_THE_IMPORT]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True"]
