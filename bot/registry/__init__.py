"""The only room that talks to registries: what a channel means, and whether it is whole.

`Registries` is opened once per run. It gives `Current | Resolved | Unresolved` of `bot.planning.resolution`.
"""

from bot.registry.registries import Greeting, Inspection, Registries

__all__ = ["Greeting", "Inspection", "Registries"]
