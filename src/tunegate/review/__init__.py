"""A local page where experts approve, edit or reject rows."""
