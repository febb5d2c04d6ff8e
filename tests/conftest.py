"""What holds for all tests: reproducible properties in CI, logging as a command sets it up, doubles for a session."""

import os

import pytest
from hypothesis import settings

from bot import log

# No example has a deadline: how long one takes says more of the machine than of the code.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

pytest_plugins = ["tests.doubles.registry.fixtures"]


@pytest.fixture(autouse=True)
def _logging() -> None:
    """No test hears by what another one has set up: they run in any order."""
    log.configure()
