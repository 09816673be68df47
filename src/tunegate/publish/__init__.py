"""From a committed PASS to a release that everybody has: preflight, data, tag, push."""
