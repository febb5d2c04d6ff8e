"""Tests of `bot.pulls`."""
