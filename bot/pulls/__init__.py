"""GitHub, by PyGithub: what is there, and carrying out what `bot.proposal` decided. Nothing is decided here."""
