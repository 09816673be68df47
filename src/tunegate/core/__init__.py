"""What everything may import: errors, files, settings. Keep it tiny: an edit here re-runs every stage."""
