"""What serving will meet: checks on the adapter itself."""
