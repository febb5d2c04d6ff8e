"""The registry room: its rules alone, against faults, and at a real registry."""
