"""Loading and running a model: what `train`, `evaluate` and `probe` share. Heavy: imports torch and transformers."""
