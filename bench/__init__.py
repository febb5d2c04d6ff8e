"""Measures what must stay fast; run by `make bench`, never imported by the product."""
