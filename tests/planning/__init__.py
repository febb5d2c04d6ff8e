"""Environments, rules and decisions: all pure, so every test is a value in and a value out."""
