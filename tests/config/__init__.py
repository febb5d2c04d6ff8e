"""The configuration: every key, every mistake with its line, and the schema that editors use."""
