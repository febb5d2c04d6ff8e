"""Diagnosis: what is said about a set-up, from facts that are given."""
