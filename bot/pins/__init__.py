"""Where references stand in YAML text, and how they are rewritten without touching anything else."""

from bot.pins.discover import Below, Found, decode, discover, read_layers
from bot.pins.documents import pieces
from bot.pins.edit import Edit, rewrite, splice
from bot.pins.frame import Written
from bot.pins.ignores import How, Ignored, read_ignores
from bot.pins.layers import NO_LAYERS, Layers
from bot.pins.lines import Lines
from bot.pins.mappings import inherits_digest
from bot.pins.object import Container, Definition, Object, Pods, Pull, Version
from bot.pins.objects import PREFERRED, PULL
from bot.pins.pin import Illegible, Orphan, Override, Pin, Problem, Refusal, Shape, Slot, Token
from bot.pins.sought import FirstParty
from bot.pins.texts import Text, read_texts

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
    "How",
    "Ignored",
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
    "Text",
    "Token",
    "Version",
    "Written",
    "decode",
    "discover",
    "inherits_digest",
    "pieces",
    "read_ignores",
    "read_layers",
    "read_texts",
    "rewrite",
    "splice",
]
