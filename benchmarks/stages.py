"""Seconds and peak memory of each stage, run alone, as dvc.yaml gives it: `python benchmarks/stages.py`.

Works on a copy of the repository; needs `datasets/`. No `release`: that is Git and DVC, under a second.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import yaml
from measure import ROOT, Cost, measure, publish

ORDER = ("prepare", "general", "baseline", "train", "evaluate", "probe", "gate")
MADE = shutil.ignore_patterns(".git", ".venv*", "build", ".cache", ".dvc", "scores", "metrics", "__pycache__")


def copied(folder: Path) -> Path:
    """A copy of the repository without what is made, at `folder` (`evals/metrics` is no result)."""

    def skipped(inside: str, names: list[str]) -> set[str]:
        return MADE(inside, names) if Path(inside) == ROOT else {name for name in names if name == "__pycache__"}

    return Path(shutil.copytree(ROOT, folder, ignore=skipped, symlinks=True))


def commands(folder: Path) -> dict[str, list[str]]:
    """The command of each stage by its DVC name, in an order that runs."""
    keys = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))["adapters"]
    stages = yaml.safe_load((folder / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    found = {}
    for name in ORDER:
        if "cmd" in stages[name]:
            found[name] = stages[name]["cmd"].split()
        else:
            for key in keys:
                found[f"{name}@{key}"] = stages[name]["do"]["cmd"].replace("${key}", key).split()
    return found


def row(name: str, cost: Cost) -> list[str]:
    """A row of the table."""
    return [f"`{name}`", f"{cost.seconds:.1f}", str(cost.peak_mib)]


def main() -> None:
    """Measure all stages."""
    with tempfile.TemporaryDirectory() as place:
        copy = copied(Path(place) / "copy")
        costs = {}
        for name, command in commands(copy).items():
            (copy / "scores" / name.partition("@")[2]).mkdir(parents=True, exist_ok=True)
            costs[name] = measure([sys.executable, *command[1:]], copy)
    total = Cost(sum(cost.seconds for cost in costs.values()), max(cost.peak_mib for cost in costs.values()))
    rows = [row(name, cost) for name, cost in costs.items()]
    publish("stages", "Each stage alone", ["stage", "seconds", "peak MiB"], [*rows, row("all", total)])


if __name__ == "__main__":
    main()
