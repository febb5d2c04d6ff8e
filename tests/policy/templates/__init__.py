"""Templates of charts, read and never run."""
