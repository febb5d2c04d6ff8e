"""The configuration: environments.yaml to the values of `bot.planning.environment`, and its JSON Schema.

pydantic stays in here, and costs its import time: only commands import this package, and only when they run.
"""

from bot.config.json_schema import is_stale, schema
from bot.config.loading import load

__all__ = ["is_stale", "load", "schema"]
