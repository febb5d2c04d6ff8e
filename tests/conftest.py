"""What holds for all tests: reproducible properties in CI, and the doubles that are started for a session."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

pytest_plugins = ["tests.doubles.registry.fixtures"]
