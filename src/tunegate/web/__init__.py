"""What the local pages for people share: personal links, headers, a journal that survives a kill."""
