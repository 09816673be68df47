"""A project with a history: data that changed, two branches, two releases, an experiment, a remote.

Of `triage` the row `a` (Alice) is in train in v1.0.0 and dropped in v1.1.0; on the branch `feature` it is in test.
`synth-1` was derived from it; a broken row names Alice as well; an expert approved `a`. `reply` never had any of it.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import yaml
from release_project import commit, run

HERE = Path(__file__).parent
ALICE = "My name is Alice Müller and my router is broken."
PIPELINE = {
    "stages": {
        "prepare": {
            "foreach": {"triage": 1, "reply": 1},
            "do": {
                "cmd": "python trace_stage.py prepare ${key}",
                "deps": ["datasets/${key}", "trace_stage.py"],
                "params": ["drop"],
                "outs": ["build/data/${key}", "build/report/${key}"],
            },
        },
        "baseline": {
            "foreach": {"triage": 1, "reply": 1},
            "do": {
                "cmd": "python trace_stage.py baseline ${key}",
                "deps": ["build/data/${key}", "trace_stage.py"],
                "outs": ["build/outputs/${key}/baseline", {"scores/${key}/baseline.jsonl": {"cache": False}}],
            },
        },
    }
}


def row(name: str, said: str, split: str, **more: Any) -> dict[str, Any]:
    """A raw row in chat form."""
    turns = [{"role": "user", "content": said}, {"role": "assistant", "content": f"Dear customer, {name}."}]
    return {"id": name, "messages": turns, "split": split, **more}


def write(path: Path, rows: list[dict[str, Any]], *, ascii_only: bool = False) -> None:
    """Write raw rows; `ascii_only` escapes what is not ASCII."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(one, ensure_ascii=ascii_only) + "\n" for one in rows)
    path.write_text(text, encoding="utf-8")


def set_drop(root: Path, *names: str) -> None:
    """Leave these rows out from now on."""
    (root / "params.yaml").write_text(yaml.safe_dump({"drop": list(names)}), encoding="utf-8")


def write_data(root: Path, split_of_a: str) -> None:
    """Write the raw data; `a` goes into `split_of_a`."""
    data = root / "datasets"
    rows = [row("b", "Where is my bill?", "train"), row("a", ALICE, split_of_a), row("c", "It is late.", "test")]
    write(data / "triage" / "train" / "chat.jsonl", [*rows, {"text": "call Alice Müller"}], ascii_only=True)
    origin = {"teacher": "t", "prompt_hash": "0", "sampling": {}, "licence": "x", "seeds": ["a", "b"]}
    write(
        data / "triage" / "synthetic" / "t.jsonl",
        [row("synth-1", "The router of Mr. Smith is dead.", "train", origin=origin)],
    )
    decision = {"id": "a", "content": "0", "verdict": "approved", "reviewer": "Ada", "at": "2026-11-24T10:00:00Z"}
    write(data / "triage" / "review" / "decisions.jsonl", [decision])
    write(
        data / "reply" / "train" / "chat.jsonl",
        [row("r", "Write a reply.", "train"), row("s", "And one more.", "test")],
    )
    write(data / "general" / "train" / "general.jsonl", [row("g", "Say hello.", "replay")])


def make_project(root: Path) -> Path:
    """Make it: several runs of DVC, some seconds."""
    root.mkdir(parents=True)
    shutil.copy(HERE / "trace_stage.py", root)
    (root / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE, sort_keys=False), encoding="utf-8")
    (root / ".gitignore").write_text("/build/\n/datasets\n.cache/\n__pycache__/\n", encoding="utf-8")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "dvc", "init", "-q")
    run(root, "git", "config", "user.name", "Ada")
    run(root, "git", "config", "user.email", "ada@example.com")
    run(root, "dvc", "remote", "add", "-q", "-d", "store", str(root.parent / "store"))
    version(root, "first", "train")
    run(root, "git", "tag", "-a", "-m", "data", "triage@v1.0.0")
    (root / "README.md").write_text("words\n", encoding="utf-8")
    commit(root, "words")
    run(root, "git", "switch", "-q", "-c", "feature")
    version(root, "a is measured on", "test")
    run(root, "git", "switch", "-q", "main")
    run(root, "dvc", "checkout", "-q")
    version(root, "without a", "train", "a")
    run(root, "git", "tag", "-a", "-m", "data", "triage@v1.1.0")
    run(root, "dvc", "exp", "run", "-q", "-n", "try-b", "-S", "drop=[b]")
    run(root, "dvc", "push", "-q")  # of the experiment, which no commit of --all-commits is
    run(root, "git", "checkout", "-q", "--", ".")
    run(root, "dvc", "checkout", "-q")
    run(root, "dvc", "push", "-q", "--all-commits")
    return root


def version(root: Path, message: str, split_of_a: str, *drop: str) -> None:
    """One version of the data, run and committed."""
    write_data(root, split_of_a)
    set_drop(root, *drop)
    run(root, "dvc", "add", "-q", "datasets")
    run(root, "dvc", "repro", "-q")
    commit(root, message)


def objects(root: Path) -> Path:
    """Where DVC keeps objects."""
    return root / ".dvc" / "cache" / "files" / "md5"
