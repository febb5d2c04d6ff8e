"""The configuration: environments.yaml to the values of `bot.planning.environment`, and its JSON Schema.

pydantic stays in here, and costs its import time: only commands import this package, and only when they run.
"""

from bot.config.deciding import load_settings
from bot.config.json_schema import is_stale, schema
from bot.config.loading import load, load_policy
from bot.config.waivers import beside, is_waivers_schema_stale, load_waivers, waiver_terms, waivers_schema
from bot.config.waivers_edit import add_waivers

__all__ = [
    "add_waivers",
    "beside",
    "is_stale",
    "is_waivers_schema_stale",
    "load",
    "load_policy",
    "load_settings",
    "load_waivers",
    "schema",
    "waiver_terms",
    "waivers_schema",
]
