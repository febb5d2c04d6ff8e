"""Where references stand in YAML text, and how they are rewritten without touching anything else."""

from bot.pins.discover import Below, Found, decode, discover, read_layers
from bot.pins.documents import pieces
from bot.pins.edit import Edit, rewrite, splice
from bot.pins.frame import Written
from bot.pins.layers import NO_LAYERS, Layers
from bot.pins.lines import Lines
from bot.pins.object import Container, Definition, Object, Pods, Pull, Version
from bot.pins.objects import PREFERRED, PULL
from bot.pins.pin import Illegible, Orphan, Override, Pin, Problem, Refusal, Shape, Slot, Token
from bot.pins.sought import FirstParty

__all__ = [
    "NO_LAYERS",
    "PREFERRED",
    "PULL",
    "Below",
    "Container",
    "Definition",
    "Edit",
    "FirstParty",
    "Found",
    "Illegible",
    "Layers",
    "Lines",
    "Object",
    "Orphan",
    "Override",
    "Pin",
    "Pods",
    "Problem",
    "Pull",
    "Refusal",
    "Shape",
    "Slot",
    "Token",
    "Version",
    "Written",
    "decode",
    "discover",
    "pieces",
    "read_layers",
    "rewrite",
    "splice",
]
