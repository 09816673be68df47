"""decide(evidence, policy, today) -> Verdict: pure. `gate`, `release` and `evals/` all call it."""
