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


class Side(NamedTuple):
    """What one side took and what it is worth; `load` was the machine's before it began."""

    seconds: float
    cpu: float | None
    peak_mib: int
    load: float
    marks: Marks


def alone(command: Sequence[str], rows: Path, place: Path, truth: Truth) -> Side:
    """One tool on texts in memory."""
    out, load = place / "out.json", os.getloadavg()[0]
    arguments = [*command, str(rows), str(out)]
    watched = watch(arguments, environment={"PYTHONPATH": str(ROOT / "src"), "HF_HUB_OFFLINE": "1"})
    found = json.loads(out.read_text(encoding="utf-8"))
    return Side(found["seconds"], found["cpu"], watched.peak_mib, load, truth.marks(found["dropped"]))


def stage(rows: Path, place: Path, truth: Truth) -> Side:
    """The whole command, start-up and report included."""
    folder, load = project(place, rows, split=False), os.getloadavg()[0]
    found = run(folder)
    return Side(found.watched.seconds, None, found.watched.peak_mib, load, truth.marks(found.dropped))


def side_by_side(place: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of two tables: what each side costs, and what it finds."""
    rows = place / "rows.jsonl"
    write(rows, SIDE_BY_SIDE, seed=1)
    truth = Truth(rows)
    sides = {name: alone(command, rows, place, truth) for name, command in SIDES.items()}
    sides = {"tunegate, the whole stage, 2 processes": stage(rows, place, truth)} | sides
    costs = [
        [name, f"{side.seconds:.1f}", "" if side.cpu is None else f"{side.cpu:.1f}", f"{SIDE_BY_SIDE / side.seconds:,.0f}",  # noqa: E501
         f"{side.peak_mib:,}", f"{side.load:.1f}"] for name, side in sides.items()
    ]  # fmt: skip
    finds = [
        [name, *(f"{side.marks.found[band] / side.marks.planted[band]:.1%}" for band in BANDS),
         f"{side.marks.dropped:,}", f"{1 - side.marks.lost / side.marks.dropped:.2%}"] for name, side in sides.items()
    ]  # fmt: skip
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
        found.append(
            [f"{size:,}", f"{read:.0f}", f"{decided - read:.0f}", f"{end - decided:.0f}", f"{end:.0f}", f"{size / end:,.0f}",  # noqa: E501
             f"{one.watched.peak_mib:,}", f"{load:.1f}"]
        )  # fmt: skip
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
        ["", "s", "CPU s", "rows/s", "peak MiB", "load before"],
        costs,
        "",
        "Planted pairs of which not both rows were kept, by their Jaccard similarity (word 3-grams of prompt and answer;",  # noqa: E501
        "pairs whose answers alone are less alike than 0.8 stand apart: they teach a difference, to drop one is a loss).",  # noqa: E501
        "Last: rows dropped, and the share of them for which a row at 0.7 or more was kept.",
        "",
        *table(["", *BANDS, "dropped", "precision"], finds),
        "",
        "The whole stage (`python -m tunegate.prepare`), which also checks and splits the rows, looks for private data,",  # noqa: E501
        "holds them against test, validation and the general tasks, and writes the report. Peaks are of all processes",
        "together; memory that they share counts once for each.",
        "",
        *table(["rows", "read, s", "compared, s", "written, s", "all, s", "rows/s", "peak MiB", "load before"], grown),
    )


if __name__ == "__main__":
    main()
