"""Make a variant of an adapter: merge it into the base, quantise what comes out."""
