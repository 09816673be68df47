"""Should this be fine-tuned at all? Answers and measured facts in, advice with its numbers out."""
