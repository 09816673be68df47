"""Asking an OpenAI-compatible server: paced, tried again, understood. Shared by `synth` and `evaluate`; no torch."""
