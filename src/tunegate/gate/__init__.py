"""Recorded scores to a verdict, for people and for machines; never fails the run."""
