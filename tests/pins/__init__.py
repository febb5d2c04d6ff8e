"""Pins: what is found in YAML text, and what an edit leaves as it was."""
