"""What holds for all tests: reproducible properties in CI, logging as a command sets it up, doubles for a session."""

import os

import pytest
from hypothesis import settings

from bot import log

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

pytest_plugins = ["tests.doubles.registry.fixtures"]


@pytest.fixture(autouse=True)
def _logging() -> None:
    """No test hears by what another one has set up: they run in any order."""
    log.configure()
