"""Blind comparison by people (`tunegate human ...`): is the candidate's answer better than the other model's?

`new` draws pairs and sides into build/human/KEY, `serve` opens a local page, `status` says what the votes show so far,
`close` writes the evidence, `scores/KEY/human/session.json`, which the gate judges. See docs/human-evaluation.md.
"""
