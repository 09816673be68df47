"""Synthetic rows: a stronger model writes variations of real ones, for people to review."""
