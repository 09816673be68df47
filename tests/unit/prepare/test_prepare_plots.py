"""The tables for `dvc plots show`, and the entries of dvc.yaml that show them."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import data_reports
import pytest
import yaml
from data_reports import SAMPLES

from tunegate.prepare.plots import plot_files, write_plots

ROOT = Path(__file__).parents[3]
FOLDER = "build/report/"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def data_plots() -> dict[str, dict[str, Any]]:
    """The entries of dvc.yaml about data, by name."""
    entries = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    named = {name: entry for one in entries for name, entry in one.items()}
    return {name: entry for name, entry in named.items() if any(path.startswith(FOLDER) for path in entry["y"])}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_files_with_the_same_heads_whatever_the_report(name: str) -> None:
    files = plot_files(SAMPLES[name]().report)
    heads = {file: text.split("\n", 1)[0] for file, text in files.items()}
    assert heads == {
        "rejects.csv": "code,rows",
        **{f"labels/{split}.csv": "label,rows" for split in ("train", "validation", "test")},
        **{f"lengths/{part}/{split}.csv": "characters,share" for part in ("prompt", "answer")
           for split in ("train", "validation", "test")},
    }  # fmt: skip


def test_the_tables_hold_what_the_report_says() -> None:
    files = plot_files(data_reports.intents().report)
    assert {row["code"]: int(row["rows"]) for row in rows(files["rejects.csv"])} == {
        "near_duplicate": 214, "leaked_test": 187, "duplicate": 64,
    }  # fmt: skip
    labels = {row["label"]: int(row["rows"]) for row in rows(files["labels/train.csv"])}
    assert labels == data_reports.intents().report.splits["train"].labels


def test_the_shares_of_lengths_add_up_to_one() -> None:
    report = data_reports.support().report
    train = report.splits["train"].prompt
    shares = rows(plot_files(report)["lengths/prompt/train.csv"])
    widths = [part.high - part.low for part in train.histogram]
    assert sum(float(row["share"]) * width / 10 for row, width in zip(shares, widths, strict=True)) == pytest.approx(
        1, abs=1e-3
    )


def test_texts_from_data_cannot_end_the_script_of_dvcs_page() -> None:
    for text in plot_files(data_reports.hostile().report).values():
        assert "<" not in text
        assert text.isascii()
        assert all(None not in row and None not in row.values() for row in rows(text))


def test_the_entries_of_dvc_yaml_name_tables_and_columns_that_are_there() -> None:
    files = plot_files(data_reports.support().report)
    assert data_plots()
    for entry in data_plots().values():
        for path, column in entry["y"].items():
            _, _, _, name = path.split("/", 3)
            assert {entry["x"], column} <= set(files[name].split("\n", 1)[0].split(","))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["support", "intents", "spotless", "hostile"])
def test_dvc_shows_the_plots(name: str, tmp_path: Path) -> None:
    """The real `dvc plots show` with the entries of dvc.yaml; empty tables are left out without a word."""
    report = SAMPLES[name]().report
    plots: list[dict[str, Any]] = [{one: entry} for one, entry in data_plots().items()]
    labels = {f"{FOLDER}triage/labels/{split}.csv": "label" for split in ("train", "test")}
    plots.append({"labels": {"x": "rows", "y": labels, "template": "labels"}})
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"plots": plots}), encoding="utf-8")
    for key in ("triage", "reply"):
        write_plots(tmp_path / FOLDER / key, report)
    dvc = [sys.executable, "-m", "dvc"]
    home = os.environ | {"HOME": str(tmp_path), "DVC_NO_ANALYTICS": "1"}
    subprocess.run([*dvc, "init", "--no-scm", "--quiet"], cwd=tmp_path, env=home, check=True)
    template = tmp_path / ".dvc" / "plots" / "labels.json"
    template.parent.mkdir()
    template.write_bytes((ROOT / ".dvc" / "plots" / "labels.json").read_bytes())
    done = subprocess.run(
        [*dvc, "plots", "show", "--json"], cwd=tmp_path, env=home, check=True, capture_output=True, text=True
    )
    shown = json.loads(done.stdout)
    assert not shown.get("errors")
    assert bool(shown["data"].get("labels")) == (name in {"intents", "hostile"})
    drawn = [entry for entry, one in shown["data"].items() if one and "rejects.csv" in str(data_plots().get(entry))]
    assert len(drawn) == (0 if name == "spotless" else 2)
