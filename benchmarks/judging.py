"""Seconds and memory of judging two adapters, without torch: `python benchmarks/judging.py`.

1,000 documents on the task, a gain by t, one by paired bootstrap (BLEU), one of macro-F1, five general tasks of 1,000
documents each, the released version to compare with. The command is that of a pull request, start-up included, in the
light environment of `make gate` where there is one.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

from measure import ROOT, measure, publish

from tunegate.core.files import digest_bytes, digest_file
from tunegate.records.corpus import Form
from tunegate.records.looks import Look, add_look, test_set
from tunegate.records.probe import Check, ProbeReport
from tunegate.records.scores import Measured, Sample, ScoreFile, TaskScores

DOCUMENTS, KEYS, SKILLS = 1000, ("triage", "reply"), tuple(f"skill_{letter}" for letter in "abcde")
CHECKS = (
    "adapter_changes_outputs",
    "prompt_tokens_match_template",
    "answers_end_in_stop_token",
    "adapter_is_live",
    "adapter_fits_vllm",
)
CORPUS: dict[str, Form] = {"bleu": "bleu", "macro_f1": "macro_f1"}
LABELS = tuple(f"class-{at}" for at in range(10))
BASE, ADAPTER = "b" * 64, "a" * 64
POLICY = {
    "gains": [{"metric": name, "min_gain": 0.05} for name in ("exact_match", "bleu", "macro_f1")],
    "floors": [{"metric": "exact_match", "min": 0.5}],
}


def task(name: str, suite: str, share: float) -> TaskScores:
    """Documents of which `share` are right."""
    draw = random.Random(f"{name} {share}")
    samples = []
    for at in range(DOCUMENTS):
        doc, right = digest_bytes(f"{name} {at}".encode())[:16], draw.random() < share
        parts = {}
        if suite == "task":
            matches = [11, 10, 9, 8] if right else [5, 3, 2, 1]
            parts = {"bleu": (11, 11, *matches, 11, 10, 9, 8), "macro_f1": (at % 10, at % 10 if right else -1)}
        samples.append(
            Sample(doc=doc, prompt=doc, cluster=f"family-{at % 200}" if suite == "task" else doc,
                   scores={"exact_match": float(right)}, parts=parts)
        )  # fmt: skip
    extra = {"corpus": CORPUS, "labels": LABELS} if suite == "task" else {}
    fields = {"task": name, "suite": suite, "split": "test", "version": "1", "metrics": ("exact_match",)}
    return TaskScores.model_validate({**fields, "same_prompt": False, "samples": tuple(samples), **extra})


def file(tasks: list[TaskScores], adapter: str | None) -> ScoreFile:
    """All scores of one model."""
    return ScoreFile(measured=Measured(base="base", base_digest=BASE, adapter=adapter), tasks=tuple(tasks))


def project(folder: Path) -> None:
    """params.yaml and the scores of both adapters."""
    skills = {share: [task(name, "general", share) for name in SKILLS] for share in (0.6, 0.61)}
    file(skills[0.6], None).save(folder / "scores" / "general.jsonl")
    adapters = {}
    for key in KEYS:
        place, own = folder / "scores" / key, task(key, "task", 0.9)
        file([task(key, "task", 0.4)], None).save(place / "baseline.jsonl")
        file([own, *skills[0.61]], ADAPTER).save(place / "candidate.jsonl")
        file([task(key, "task", 0.89)], "c" * 64).save(place / "released.jsonl")
        checks = tuple(Check(name=name, passed=True, cases=20, detail="20 of 20") for name in CHECKS)
        ProbeReport(base_digest=BASE, adapter=ADAPTER, template_digest="d" * 64, checks=checks).write(
            place / "probe.json"
        )
        add_look(place / "looks.jsonl", Look(test=test_set(own), candidate=ADAPTER))
        compared = {"version": "1.0.0", "scores": digest_file(place / "released.jsonl"), "max_drop": 0.05}
        adapters[key] = {
            "baseline": {"metric": "exact_match", "system": ["Answer."]},
            "evaluate": {"metrics": ["exact_match", "bleu", "macro_f1"]},
            "gate": {**POLICY, "released": compared},
            "release": {"description": "A test.", "intended_use": "Tests.", "headline": ["exact_match"]},
        }
    params = {"base": {"model": "base"}, "general": {"tasks": list(SKILLS)}, "adapters": adapters}
    (folder / "params.yaml").write_text(json.dumps(params), encoding="utf-8")


def main() -> None:
    """Measure, three times each."""
    light = ROOT / ".venv-gate" / "bin" / "python"
    python = str(light) if light.exists() else sys.executable
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        project(folder)
        commands = {
            "`tunegate gate check`: both adapters": [python, "-m", "tunegate.cli", "gate", "check"],
            "`python -m tunegate.cli --help`": [python, "-m", "tunegate.cli", "--help"],
        }
        rows = []
        for name, command in commands.items():
            costs = [measure(command, folder) for _ in range(3)]
            rows.append([name, f"{min(cost.seconds for cost in costs):.2f}", str(max(cost.peak_mib for cost in costs))])
    where = "the light environment" if light.exists() else "the whole environment"
    title = f"Judging: two adapters, {len(SKILLS)} general tasks, {DOCUMENTS:,} documents each, in {where}"
    publish("judging", title, ["command", "seconds, best of 3", "peak MiB"], rows)


if __name__ == "__main__":
    main()
