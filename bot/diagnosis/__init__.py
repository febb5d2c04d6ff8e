"""Pure: what is right, wrong or not to be told about a set-up, from facts that others gathered."""
