"""The tests; a package, so that a folder named like a library never shadows it."""
