"""A base model and clean rows to an adapter (or a full fine-tune)."""
