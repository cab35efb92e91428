"""Measurements of the program, printed as JSON; run by hand, and never asserted as times."""
