"""Stands for everything before `gate` in the release scenarios: writes adapter, records and scores in a moment.

`python stub_stage.py KEY`, in the root of the project. What a training would learn follows from params.yaml:
without replay the general tasks fall to 0.6, as forgetting does.
"""

import sys
from pathlib import Path

import yaml
from factories import evidence
from random_adapter import make_adapter

from tunegate.core.files import digest_file, digest_tree, write_json, write_text
from tunegate.judge.comparability import find
from tunegate.records.looks import add_look, look_at


def main(key: str) -> None:
    train = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))["adapters"][key]["train"]
    adapter, training, data, report = (
        Path("build") / name / key for name in ("adapters", "training", "data", "report")
    )
    make_adapter(adapter, train["rank"], f"{key} {train}")
    write_json(training / "record.json", {"loss": 0.1})
    write_text(data / "train.jsonl", "{}\n")
    write_json(report / "report.json", {"splits": {}})
    for side in ("baseline", "candidate"):
        write_text(Path("build/outputs") / key / side / "task.jsonl", "")
    counts = {"train": 800, "test": 300, "reject_rate": 0.01}
    write_json(Path("metrics/data") / f"{key}.json", {key: {"data": counts}})
    found = evidence(key, general=(0.9, 0.9 if train["replay"] else 0.6))
    digest = digest_tree(adapter)
    measured = found.candidate.measured.model_copy(update={"adapter": digest})
    found = found._replace(
        candidate=found.candidate.model_copy(update={"measured": measured}),
        probe=found.probe.model_copy(update={"adapter": digest, "template_digest": digest_file(Path("template.txt"))}),
    )
    found.baseline.save(Path("scores") / key / "baseline.jsonl")
    found.candidate.save(Path("scores") / key / "candidate.jsonl")
    test = find(found.candidate, key, "task")[0]
    assert test is not None
    add_look(Path("scores") / key / "looks.jsonl", look_at(test, digest))
    found.probe.write(Path("scores") / key / "probe.json")


if __name__ == "__main__":
    main(sys.argv[1])
