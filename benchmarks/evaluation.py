"""Seconds to score general tasks and to answer a task's rows, beside what a user would pick instead, in one run.

`python benchmarks/evaluation.py`. Needs a finished `dvc repro`. Two comparisons:
1. the base on the general tasks: our stage `general` and `lm_eval` from its command line; documents, batch size and
   machine the same. Each is run twice, in turn, and the faster counts.
2. the adapter's answers to its validation and test rows: `tunegate.models.generate`, and plain `model.generate` in the
   order of the file (benchmarks/plain_generate.py), loading not counted. Four runs each, in turn; the fastest counts.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from measure import ROOT, Cost, measure, publish, table

KEYS = ("triage", "reply")
PARAMS: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))


def ours(place: Path) -> Cost:
    """The base on the general tasks, by our stage."""
    return measure([sys.executable, "-m", "tunegate.evaluate", "general", "evals/tasks", str(place / "general.jsonl")])


def theirs(place: Path) -> Cost:
    """The same documents by lm-eval's command line; its tasks here have 500 each, so `--limit` takes all."""
    general, model = PARAMS["general"], PARAMS["base"]["model"]
    return measure([
        str(Path(sys.executable).parent / "lm_eval"), "run", "--model", "hf", "--tasks", ",".join(general["tasks"]),
        "--include_path", "evals/tasks", "--batch_size", str(general["batch_size"]), "--device", "cpu",
        "--limit", str(general["documents"]), "--apply_chat_template", "--log_samples",
        "--output_path", str(place / "base"), "--model_args", f"pretrained={model},dtype=float32",
    ])  # fmt: skip


def answers(side: str, key: str, batch: int) -> dict[str, float]:
    """One run of plain_generate.py."""
    command = [sys.executable, "benchmarks/plain_generate.py", side, key, str(batch)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure all, in turn."""
    with tempfile.TemporaryDirectory() as name:
        costs = [(ours(Path(name)), theirs(Path(name))) for _ in range(2)]
    documents = len(PARAMS["general"]["tasks"]) * PARAMS["general"]["documents"]
    rows = []
    for side, runs in zip(("tunegate general", "lm_eval run"), zip(*costs, strict=True), strict=True):
        best = min(runs, key=lambda cost: cost.seconds)
        all_runs = ", ".join(f"{cost.seconds:.1f}" for cost in runs)
        rows.append([side, f"{best.seconds:.1f}", f"{documents / best.seconds:.0f}", str(best.peak_mib), all_runs])
    header = ["base on the general tasks", "s", "documents a second", "peak MiB", "all runs, s"]
    publish("evaluation", "Evaluation", header, rows, "", *_answers())


def _answers() -> list[str]:
    rows = []
    for key in KEYS:
        batch = PARAMS["adapters"][key]["evaluate"]["batch_size"]
        runs = [{side: answers(side, key, batch) for side in ("plain", "ours")} for _ in range(4)]
        best = {side: min((run[side] for run in runs), key=lambda one: one["seconds"]) for side in ("plain", "ours")}
        plain, own = best["plain"], best["ours"]
        rows.append([
            key, f"{plain['prompts']}", f"{plain['seconds']:.2f}", f"{own['seconds']:.2f}",
            f"{own['prompts'] / own['seconds']:.0f}", f"{plain['seconds'] / own['seconds']:.2f}",
        ])  # fmt: skip
    header = ["answers of the adapter", "rows", "plain generate, s", "tunegate, s", "rows a second", "times faster"]
    return table(header, rows)


if __name__ == "__main__":
    main()
