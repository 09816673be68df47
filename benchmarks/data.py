"""Duplicates in generated chat rows: our stage beside datatrove, datasketch, semhash and rensa; then a million rows.

`python benchmarks/data.py`. Each side runs in a process of its own, one after the other; what was planted and what a
tool dropped is compared in data_truth.py. Needs `.venv-bench` (`make .venv-bench/ready`).
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from data_rows import write
from data_stage import project, run
from data_truth import BANDS, Marks, Truth
from measure import ROOT, publish, table, watch

SIDE_BY_SIDE = 100_000
SIZES = (250_000, 500_000, 1_000_000)
HERE, PEERS = ROOT / "benchmarks", ROOT / ".venv-bench" / "bin" / "python"
SIDES = {
    "tunegate, its steps alone, 1 process": [sys.executable, str(HERE / "data_ours.py")],
    "datatrove minhash, 2 processes": [str(PEERS), str(HERE / "data_datatrove.py")],
    "datasketch, any LSH hit": [str(PEERS), str(HERE / "data_peers.py"), "datasketch"],
    "datasketch, LSH hit and estimate": [str(PEERS), str(HERE / "data_peers.py"), "datasketch-estimate"],
    "rensa's deduplicator": [str(PEERS), str(HERE / "data_peers.py"), "rensa"],
    "semhash, wordllama's vectors": [str(PEERS), str(HERE / "data_peers.py"), "semhash"],
}

FOUND = """
Seconds are those of the deduplication, with all texts in memory before; of the stage and of datatrove they include
reading. CPU and memory are those of the whole process with its children.

Planted pairs of which not both rows were kept, by their similarity: Jaccard of the word 3-grams of prompt and answer.
From 0.8 on they are duplicates. Pairs whose answers alone are less alike than 0.8 stand apart ("other answer"): they
teach a difference, and to drop one is a loss. Last: rows dropped, and the share of them for which a row at 0.7 or more
was kept.
"""
GROWN = """
The whole stage (`python -m tunegate.prepare`), which also checks and splits the rows, looks for private data, holds
them against test, validation and the general tasks, and writes the report. Memory that its processes share counts once
for each.
"""


class Side(NamedTuple):
    """What one side took and what it is worth; `load` was the machine's before it began."""

    seconds: float
    cpu: float
    peak_mib: int
    load: float
    marks: Marks


def alone(command: Sequence[str], rows: Path, place: Path, truth: Truth) -> Side:
    """One tool on texts in memory."""
    out, load = place / "out.json", os.getloadavg()[0]
    arguments = [*command, str(rows), str(out)]
    watched = watch(arguments, environment={"PYTHONPATH": str(ROOT / "src"), "HF_HUB_OFFLINE": "1"})
    found = json.loads(out.read_text(encoding="utf-8"))
    return Side(found["seconds"], watched.cpu, watched.peak_mib, load, truth.marks(found["dropped"]))


def stage(rows: Path, place: Path, truth: Truth) -> Side:
    """The whole command, start-up and report included."""
    folder, load = project(place, rows, split=False), os.getloadavg()[0]
    found = run(folder)
    return Side(found.watched.seconds, found.watched.cpu, found.watched.peak_mib, load, truth.marks(found.dropped))


def side_by_side(place: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of two tables: what each side costs, and what it finds."""
    rows = place / "rows.jsonl"
    write(rows, SIDE_BY_SIDE, seed=1)
    truth = Truth(rows)
    sides = {name: alone(command, rows, place, truth) for name, command in SIDES.items()}
    sides = {"tunegate, the whole stage, 2 processes": stage(rows, place, truth)} | sides
    costs, finds = [], []
    for name, (seconds, cpu, peak, load, marks) in sides.items():
        pace = f"{SIDE_BY_SIDE / seconds:,.0f}"
        costs.append([name, f"{seconds:.1f}", pace, f"{cpu:.1f}", f"{peak:,}", f"{load:.1f}"])
        shares = [f"{marks.found[band] / marks.planted[band]:.1%}" for band in BANDS]
        finds.append([name, *shares, f"{marks.dropped:,}", f"{1 - marks.lost / marks.dropped:.2%}"])
    planted = next(iter(sides.values())).marks.planted
    return costs, [["planted pairs", *(f"{planted[band]:,}" for band in BANDS), "", ""], *finds]


def growth(place: Path) -> list[list[str]]:
    """The whole stage on more and more rows, which it splits itself: seconds of each phase, peak memory."""
    whole = place / "all.jsonl"
    write(whole, max(SIZES), seed=1)
    found = []
    for size in SIZES:
        rows = place / f"rows-{size}.jsonl"
        with whole.open("rb") as source, rows.open("wb") as stream:
            stream.writelines(line for _, line in zip(range(size), source, strict=False))
        folder, load = project(place, rows, split=True), os.getloadavg()[0]
        one = run(folder)
        read, decided, end = one.phases
        seconds = (read, decided - read, end - decided, end)
        pace, memory = f"{size / end:,.0f}", f"{one.watched.peak_mib:,}"
        took = [*(f"{value:.0f}" for value in seconds), pace, f"{one.watched.cpu:.0f}", memory, f"{load:.1f}"]
        found.append([f"{size:,}", *took])
    return found


def main() -> None:
    """Measure all."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        costs, finds = side_by_side(place)
        grown = growth(place)
    publish(
        "data",
        f"Duplicates among {SIDE_BY_SIDE:,} generated chat rows, 580 characters each",
        ["", "s", "rows/s", "CPU s", "peak MiB", "load before"],
        costs,
        FOUND,
        *table(["", *BANDS, "dropped", "precision"], finds),
        GROWN,
        *table(["rows", "read, s", "compared", "written", "all", "rows/s", "CPU s", "peak MiB", "load before"], grown),
    )


if __name__ == "__main__":
    main()
