"""What the gate says of ten trained candidates: five seeds of the default, five that are spoilt on purpose.

`python benchmarks/candidates.py [NAME...]`, after `make repro`; about two minutes each. They are trained, measured and
judged by the commands of dvc.yaml, in a copy of the repository, as the first look at the test split.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from measure import ROOT, publish
from safetensors.numpy import load_file, save_file
from stages import commands, copied

KEY = "triage"
DONE = ROOT / ".cache" / "candidates.json"  # it may be run in parts; delete the file to start anew
FORGETS = ROOT / "examples" / "support" / "forgets"
DATA = Path("build") / "data" / KEY
ADAPTER = Path("build") / "adapters" / KEY
KEPT = (DATA, Path("build/report") / KEY, Path("build/outputs") / KEY / "baseline", Path("metrics/data"))
SCORES = ("general.jsonl", f"{KEY}/baseline.jsonl")
Row = dict[str, Any]


class Candidate(NamedTuple):
    """How it differs from the default: training parameters, its data, or the trained adapter; and what must be seen."""

    name: str
    train: dict[str, Any]
    expected: str
    data: Callable[[Path], None] | None = None
    adapter: Callable[[Path], None] | None = None


def answers(folder: Path, change: Callable[[str], str]) -> None:
    """Change the answer of each training row of the task."""
    rows = read(folder / "train.jsonl")
    for row in rows:
        row["messages"][-1]["content"] = change(row["messages"][-1]["content"])
    write(folder / "train.jsonl", rows)


def read(path: Path) -> list[Row]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: list[Row]) -> None:
    """Write rows as JSONL."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def swap_labels(folder: Path) -> None:
    """Each intent becomes the next one of the schema."""
    intents = sorted({json.loads(row["messages"][-1]["content"])["intent"] for row in read(folder / "train.jsonl")})
    following = dict(zip(intents, [*intents[1:], intents[0]], strict=True))

    def swapped(answer: str) -> str:
        found = json.loads(answer)
        return answer.replace(f'"{found["intent"]}"', f'"{following[found["intent"]]}"', 1)

    answers(folder, swapped)


def break_json(folder: Path) -> None:
    """The closing brace is missing in each answer."""
    answers(folder, lambda answer: answer.rstrip().removesuffix("}"))


def learn_the_test(folder: Path) -> None:
    """The training rows are the test rows, three times, under ids that `prepare` never saw."""
    rows = [{**row, "id": f"{row['id'][:-1]}{at}"} for at in range(3) for row in read(folder / "test.jsonl")]
    write(folder / "train.jsonl", rows)


def silence(folder: Path) -> None:
    """All weights of the adapter are zero: the base under the adapter's name."""
    path = folder / "adapter_model.safetensors"
    save_file({name: 0 * tensor for name, tensor in load_file(path).items()}, path, metadata={"format": "pt"})


CANDIDATES = (
    *(Candidate(f"default, seed {seed}", {"seed": seed}, "PASS") for seed in range(1, 6)),
    Candidate("no general rows (`replay: 0`)", {"replay": 0.0}, "forgetting/"),
    Candidate("labels swapped", {}, "gain/exact_match", data=swap_labels),
    Candidate("broken JSON", {}, "floor/schema_valid", data=break_json),
    Candidate("the base under the adapter's name", {}, "probe/adapter_changes_outputs", adapter=silence),
    Candidate("test rows learned", {"epochs": 8}, "leak/exact_match", data=learn_the_test),
)


def judged(copy: Path, candidate: Candidate) -> list[str]:
    """Train, measure and judge it; a row of the table."""
    content = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    content["adapters"][KEY]["train"].update(candidate.train)
    (copy / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    for made in ("adapters", "training", "gate", "data"):
        shutil.rmtree(copy / "build" / made, ignore_errors=True)
    shutil.copytree(ROOT / DATA, copy / DATA)
    (copy / "scores" / KEY / "looks.jsonl").unlink(missing_ok=True)
    if candidate.data:
        candidate.data(copy / DATA)
    for stage in ("train", "evaluate", "probe", "gate"):
        run(copy, stage)
        if stage == "train" and candidate.adapter:
            candidate.adapter(copy / ADAPTER)
        if stage == "train":  # what is measured is what `prepare` left, whatever was trained on
            shutil.rmtree(copy / DATA)
            shutil.copytree(ROOT / DATA, copy / DATA)
    verdict = json.loads((copy / "build" / "gate" / KEY / "verdict.json").read_text(encoding="utf-8"))
    return row(candidate, verdict)


def run(copy: Path, stage: str) -> None:
    """Run one stage of dvc.yaml."""
    command = commands(copy)[f"{stage}@{KEY}"]
    done = subprocess.run([sys.executable, *command[1:]], cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")


def row(candidate: Candidate, verdict: dict[str, Any]) -> list[str]:
    """The verdict in a line; a candidate that is not seen for what it is ends the run."""
    gates = {gate["id"]: gate for gate in verdict["gates"]}
    short = [gate for gate in verdict["gates"] if gate["decides"] and gate["outcome"] != "PASS"]
    seen = [gate["id"] for gate in short]
    if (
        verdict["outcome"] != "PASS"
        if candidate.expected == "PASS"
        else not any(name.startswith(candidate.expected) for name in seen)
    ):
        sys.exit(f"{candidate.name}: expected {candidate.expected}, got {verdict['outcome']}: {', '.join(seen)}")
    numbers = [f"{gates['gain/exact_match']['candidate']:.3f}", f"{gates['forgetting/macro']['effect']:+.1%}"]
    said = "; ".join(f"`{gate['id']}`" for gate in short)
    print(candidate.name, verdict["outcome"], *numbers, said, flush=True)
    return [candidate.name, verdict["outcome"], *numbers, said]


def main() -> None:
    """All candidates, or those named."""
    chosen = [each for each in CANDIDATES if not sys.argv[1:] or any(word in each.name for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory() as place:
        copy = copied(Path(place) / "copy")
        for folder in KEPT:
            shutil.copytree(ROOT / folder, copy / folder, dirs_exist_ok=True)
        for name in SCORES:
            (copy / "scores" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "scores" / name, copy / "scores" / name)
        done = json.loads(DONE.read_text(encoding="utf-8")) if DONE.exists() else {}
        for each in chosen:
            done[each.name] = judged(copy, each)
            DONE.parent.mkdir(exist_ok=True)
            DONE.write_text(json.dumps(done), encoding="utf-8")
            if each.train == {"replay": 0.0}:  # the README's refused verdict is what this one leaves
                for name in ("candidate.jsonl", "probe.json", "looks.jsonl"):
                    shutil.copy(copy / "scores" / KEY / name, FORGETS / name)
    header = ["candidate", "verdict", "exact match", "general skills", "fell short"]
    rows = [done[each.name] for each in CANDIDATES if each.name in done]
    title = f"{len(rows)} of {len(CANDIDATES)} trained candidates of `triage` and what the gate says of each"
    publish("candidates", title, header, rows)


if __name__ == "__main__":
    main()
