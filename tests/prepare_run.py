"""Run the stage `prepare` on rows laid in a folder, and read what it wrote."""

import json
from pathlib import Path
from typing import Any

from tunegate.core.data_settings import Prepare
from tunegate.prepare.intake import Sources
from tunegate.prepare.stage import Outs, prepare
from tunegate.records.data_report import DataReport, FileReport

SPLITS = ("train", "validation", "test", "replay")


def quiet(words: str) -> None:
    """Say nothing."""
    del words


def chat(question: str, answer: str, system: str = "", **more: Any) -> dict[str, Any]:
    """A row in the form of OpenAI's chat files."""
    turns = [{"role": "system", "content": system}] if system else []
    turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, **more}


def lines(path: Path, *rows: Any) -> None:
    """Write rows as JSONL; a text stands as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")


def run_prepare(home: Path, settings: Prepare, tokenizer: Path | None = None) -> DataReport:
    """Prepare `home/raw` with `home/general` and `home/tasks` into `home/out`."""
    sources = Sources(home / "raw", home / "general", home / "tasks", tokenizer)
    out = home / "out"
    return prepare("key", sources, Outs(out / "data", out / "report", out / "metrics.json"), settings, quiet)


def rejects_of(home: Path) -> list[dict[str, Any]]:
    """The rejects in the order of the file."""
    text = (home / "out" / "report" / "rejects.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def rows_of(home: Path, split: str) -> list[dict[str, Any]]:
    """The clean rows of a split."""
    text = (home / "out" / "data" / f"{split}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def file_of(report: DataReport, name: str) -> FileReport:
    """What the report says of one file."""
    return next(file for file in report.files if file.name == name)
