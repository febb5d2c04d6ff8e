"""`registry`: the real thing, one process per session, empty at the start of every test."""

import os
from collections.abc import Iterator

import pytest

from tests.doubles.registry.server import BINARY, RegistryServer


@pytest.fixture(scope="session")
def registry_server() -> Iterator[RegistryServer]:
    """The process behind `registry`; ask for that one."""
    if not RegistryServer.is_installed():
        reason = f"{BINARY} is not installed (Debian, Ubuntu: apt-get install docker-registry)"
        if os.environ.get("BUMP_REQUIRE_SYSTEM") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with RegistryServer() as server:
        yield server


@pytest.fixture
def registry(registry_server: RegistryServer) -> RegistryServer:
    """An empty registry that wants tokens."""
    registry_server.reset()
    return registry_server
