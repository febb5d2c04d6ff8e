"""One file per verb. The only place where the pure rooms and the rooms that do I/O meet."""
