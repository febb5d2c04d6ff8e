"""Reports: the same result for a reviewer, a terminal and a program."""
