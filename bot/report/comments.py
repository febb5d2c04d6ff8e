"""What `bump` says in comments. By its first line, a marker, each is found again and so said once."""

from typing import Final

BLOCKED: Final = """<!-- bump:v1 blocked -->
This branch holds a commit that `bump` did not write, so `bump` leaves it alone from now on.

Merge the pull request, or close it and delete the branch: the next run opens a new one.
"""

CLOSED: Final = """<!-- bump:v1 closed -->
Nothing is left to propose: every image in it is already at its digest on the base branch, or is gone from there.
"""
