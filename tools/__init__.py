"""What the repository is kept with: nothing in here is shipped."""
