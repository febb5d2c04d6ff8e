"""Real files of public projects, where they are at hand."""
