"""Tests of `bot.policy.admission`."""
