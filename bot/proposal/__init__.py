"""What a branch and its pull request should become, given what they are. No I/O: facts in, one action out."""
