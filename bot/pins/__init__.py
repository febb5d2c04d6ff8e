"""Where references stand in YAML text, and how they are rewritten without touching anything else."""

from bot.pins.discover import FirstParty, Found, discover
from bot.pins.edit import Edit, rewrite, splice
from bot.pins.pin import Pin, Problem, Refusal, Shape, Token

__all__ = [
    "Edit",
    "FirstParty",
    "Found",
    "Pin",
    "Problem",
    "Refusal",
    "Shape",
    "Token",
    "discover",
    "rewrite",
    "splice",
]
