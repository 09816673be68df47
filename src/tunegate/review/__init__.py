"""A local page where experts approve, edit or reject rows (`tunegate review serve`), and what goes with it.

Reads the queue that `prepare` wrote (`build/report/KEY/review-queue.jsonl`); adds decisions to
`datasets/KEY/review/decisions.jsonl`, which the next `prepare` applies. docs/reviewing.md is for the expert.
"""
