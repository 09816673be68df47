"""Training tokens a second: the stage `train` beside a bare TRL script with the same settings, in turns.

`python benchmarks/training.py`. Both sides count the seconds inside `trainer.train()` and the tokens of the chats
without padding, with the same evaluations and checkpoints. Needs `build/data/triage` (`dvc repro prepare@triage`).
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import yaml
from measure import ROOT, measure, publish

EPOCHS, TURNS, KEY = 2, 3, "triage"


def ours(place: Path) -> float:
    """Tokens a second of the stage."""
    data = ROOT / "build" / "data" / KEY
    out = place / "ours"
    command = [sys.executable, "-m", "tunegate.train", KEY, str(data), str(out / "adapter"), str(out / "record")]
    measure(command, place)
    found = float(json.loads((out / "record" / "record.json").read_text())["tokens_per_second"])
    shutil.rmtree(out)
    return found


def bare(place: Path) -> float:
    """Tokens a second of what a user would write with TRL alone (bare_trl.py)."""
    command = [sys.executable, str(ROOT / "benchmarks" / "bare_trl.py"), str(ROOT / "build" / "data" / KEY), KEY]
    said = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True).stdout
    return float(json.loads(said.splitlines()[-1])["tokens_per_second"])


def main() -> None:
    """Measure in turns, so that a busy machine is busy for both."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        params["adapters"][KEY]["train"]["epochs"] = EPOCHS
        (place / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        (place / "examples").symlink_to(ROOT / "examples")
        pairs = [(ours(place), bare(place)) for _ in range(TURNS)]
    rows = [[str(turn), f"{a:.0f}", f"{b:.0f}", f"{a / b:.3f}"] for turn, (a, b) in enumerate(pairs, 1)]
    mid = [median(side) for side in zip(*pairs, strict=True)]
    rows.append(["median", f"{mid[0]:.0f}", f"{mid[1]:.0f}", f"{median(a / b for a, b in pairs):.3f}"])
    title = f"Training, tokens a second, {EPOCHS} epochs of {KEY}"
    publish("training", title, ["turn", "`tunegate.train`", "bare TRL", "ratio"], rows)


if __name__ == "__main__":
    main()
