"""Tests of `bot.checkout`."""
