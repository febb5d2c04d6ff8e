"""Where references stand in YAML text, and how they are rewritten without touching anything else."""

from bot.pins.discover import Below, FirstParty, Found, decode, discover, read_layers
from bot.pins.edit import Edit, rewrite, splice
from bot.pins.layers import NO_LAYERS, Layers
from bot.pins.lines import Lines
from bot.pins.mappings import inherits_digest
from bot.pins.pin import Illegible, Orphan, Override, Pin, Problem, Refusal, Shape, Slot, Token

__all__ = [
    "NO_LAYERS",
    "Below",
    "Edit",
    "FirstParty",
    "Found",
    "Illegible",
    "Layers",
    "Lines",
    "Orphan",
    "Override",
    "Pin",
    "Problem",
    "Refusal",
    "Shape",
    "Slot",
    "Token",
    "decode",
    "discover",
    "inherits_digest",
    "read_layers",
    "rewrite",
    "splice",
]
