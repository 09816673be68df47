"""The whole command `python -m tunegate.prepare` on generated rows, in a project of its own."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import yaml
from data_rows import write
from measure import ROOT, Watched, watch

KEY = "bench"
PHASES = ("rows read", "holding rows", "writing")  # what the stage says of its progress


class Run(NamedTuple):
    """What one run took, the seconds until each phase was over, and what became of the rows."""

    watched: Watched
    phases: list[float]
    report: dict[str, object]
    dropped: list[int]


def project(place: Path, rows: Path, *, split: bool) -> Path:
    """A project whose training rows are `rows`, with the settings that come with the repository.

    `split`: the stage takes test and validation from the rows; otherwise they are other rows, and no row is held out.
    """
    folder = place / f"project-{rows.stem}"
    raw = folder / "datasets" / KEY
    for seed, name in enumerate(("train",) if split else ("train", "validation", "test"), 1):
        (raw / name).mkdir(parents=True)
        if name == "train":
            (raw / name / "rows.jsonl").hardlink_to(rows)
        else:
            write(raw / name / "rows.jsonl", 100, seed)
            (raw / name / "rows.planted.json").unlink()
    shutil.copytree(ROOT / "examples" / "support" / "datasets" / "general", folder / "datasets" / "general")
    shutil.copytree(ROOT / "evals" / "tasks", folder / "evals" / "tasks")
    (folder / "examples").symlink_to(ROOT / "examples")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    adapter = params["adapters"]["reply"] | {"prepare": {}}
    text = yaml.safe_dump(params | {"adapters": {KEY: adapter}})
    (folder / "params.yaml").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path) -> Run:
    """Run the stage as dvc.yaml gives it."""
    command = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["prepare"]["do"]["cmd"]
    watched = watch([sys.executable, *command.replace("${key}", KEY).split()[1:]], folder)
    starts = [next(when for when, said in watched.said if phase in said) for phase in PHASES]
    report = json.loads((folder / "build" / "report" / KEY / "report.json").read_text(encoding="utf-8"))
    rejects = (folder / "build" / "report" / KEY / "rejects.jsonl").read_text(encoding="utf-8")
    found = re.findall(r'^\{"code":"(?:near_)?duplicate","file":"train/rows.jsonl","line":(\d+)', rejects, re.MULTILINE)
    return Run(watched, [*starts[1:], watched.seconds], report, [int(line) - 1 for line in found])
