"""A result, put into words: for a reviewer, for an auditor, for a terminal, for a program. No I/O, no clock."""
