"""Stands for `prepare` and `baseline` where rows are traced: `python trace_stage.py prepare|baseline KEY`, in the root.

Raw rows say themselves into which split they go; `drop` of params.yaml leaves rows out; a broken row is rejected.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

SPLITS = ("train", "validation", "test", "replay")


def rows(root: Path, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each raw row of a folder, with the place it came from."""
    found = []
    for path in sorted((root / name).rglob("*.jsonl")):
        if path.parent.name != "review":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                place = {"file": path.relative_to(root / name).as_posix(), "line": number}
                found.append((json.loads(line), place))
    return found


def prepare(key: str) -> None:
    drop = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["drop"]
    out, report = Path("build/data") / key, Path("build/report") / key
    out.mkdir(parents=True)
    report.mkdir(parents=True)
    lines: dict[str, list[str]] = {name: [] for name in SPLITS}
    rejects = []
    for raw, place in rows(Path("datasets"), key):
        if "messages" not in raw:
            rejects.append(json.dumps({**place, "code": "missing_messages_list", "reason": "none", "row": raw}))
        elif raw["id"] not in drop:
            split = raw.pop("split")
            lines[split].append(json.dumps({**raw, "family": raw["id"], "source": place}, ensure_ascii=False))
    for name, found in lines.items():
        (out / f"{name}.jsonl").write_text("".join(line + "\n" for line in found), encoding="utf-8")
    (report / "rejects.jsonl").write_text("".join(line + "\n" for line in rejects), encoding="utf-8")


def baseline(key: str) -> None:
    out = Path("build/outputs") / key / "baseline"
    out.mkdir(parents=True)
    train, test = (
        (Path("build/data") / key / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("train", "test")
    )
    turns = [turn for line in train.splitlines() for turn in json.loads(line)["messages"]]
    shots = " ".join(turn["content"] for turn in turns)
    told = [{"id": json.loads(line)["id"], "prompt_text": f"{shots} {line}"} for line in test.splitlines()]
    (out / "task.jsonl").write_text("".join(json.dumps(line) + "\n" for line in told), encoding="utf-8")
    scores = Path("scores") / key
    scores.mkdir(parents=True, exist_ok=True)
    (scores / "baseline.jsonl").write_text(f'{{"n": {len(told)}}}\n', encoding="utf-8")


if __name__ == "__main__":
    {"prepare": prepare, "baseline": baseline}[sys.argv[1]](sys.argv[2])
