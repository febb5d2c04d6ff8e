"""Tests of `bot.policy`."""
