"""Bundles of releases, brought from the remotes and held against tag and signature: for whoever hands them on."""
