"""Values that cross a stage border as JSON: examples, scores, probes, verdicts, manifests. Frozen; no heavy imports."""
