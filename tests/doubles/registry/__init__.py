"""The real CNCF distribution server on loopback, behind a front that gives out tokens as GHCR does."""

from tests.doubles.registry.images import Pushed
from tests.doubles.registry.server import PASSWORD, RegistryServer
from tests.doubles.registry.wire import Exchange

__all__ = ["PASSWORD", "Exchange", "Pushed", "RegistryServer"]
