"""Per-sample scores of a model on the task and on general tasks."""
