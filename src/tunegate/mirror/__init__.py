"""Copies of the releases in registries that others look into; Git's tags stay the registry."""
