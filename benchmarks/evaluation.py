"""Seconds to score base and candidate on the general tasks: our two stages beside `lm_eval` called twice.

`python benchmarks/evaluation.py`. The same documents, batch size and machine; `lm_eval` loads the adapter with peft.
The candidate's stage scores the task too, which `lm_eval` is spared. Needs a finished `dvc repro`.
"""

import sys
import tempfile
from pathlib import Path

import yaml
from measure import ROOT, Cost, measure, publish

KEY = "triage"


def ours(place: Path) -> list[Cost]:
    """Base, then candidate."""
    stage = [sys.executable, "-m", "tunegate.evaluate"]
    data, adapter = ROOT / "build" / "data" / KEY, ROOT / "build" / "adapters" / KEY
    return [
        measure([*stage, "general", "evals/tasks", str(place / "general.jsonl")]),
        measure([*stage, "candidate", KEY, str(data), "evals/tasks", str(adapter),
                 str(place / "candidate.jsonl"), str(place / "outputs")]),
    ]  # fmt: skip


def theirs(place: Path) -> list[Cost]:
    """The command line of lm-eval for the same documents."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    general, model = params["general"], params["base"]["model"]
    command = [
        str(Path(sys.executable).parent / "lm_eval"), "run", "--model", "hf", "--tasks", ",".join(general["tasks"]),
        "--include_path", "evals/tasks", "--batch_size", str(general["batch_size"]), "--device", "cpu",
        "--limit", str(general["documents"]), "--apply_chat_template", "--log_samples",
    ]  # fmt: skip
    arguments = f"pretrained={model},dtype=float32"
    return [
        measure([*command, "--output_path", str(place / "base"), "--model_args", arguments]),
        measure([*command, "--output_path", str(place / "candidate"), "--model_args",
                 f"{arguments},peft={ROOT / 'build' / 'adapters' / KEY}"]),
    ]  # fmt: skip


def main() -> None:
    """Measure both, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        sides = {"tunegate": ours(place), "lm_eval twice": theirs(place)}
    rows = [
        [side, *(f"{cost.seconds:.1f}" for cost in costs), f"{sum(c.seconds for c in costs):.1f}",
         str(max(cost.peak_mib for cost in costs))]
        for side, costs in sides.items()
    ]  # fmt: skip
    header = ["", "base, s", "candidate, s", "both, s", "peak MiB"]
    publish("evaluation", f"General tasks, base and {KEY}'s candidate", header, rows)


if __name__ == "__main__":
    main()
