"""The words of the OCI specifications: what parses, what does not, and that nothing is lost on the way."""
