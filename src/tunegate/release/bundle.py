"""Render the bundle: a pure function of its inputs, without time, commit, version or signature."""

import shutil
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_file, digest_tree, list_files, read_json, write_text
from tunegate.core.settings import Base, Gate, Release
from tunegate.records.evidence import Evidence
from tunegate.records.manifest import Manifest
from tunegate.records.scores import ScoreFile
from tunegate.records.verdict import Verdict
from tunegate.release.card import model_card


class Sources(NamedTuple):
    """What a bundle is made of: folders, and the data report (a file)."""

    gate: Path
    adapter: Path
    training: Path
    data: Path
    report: Path


def mean_scores(scores: ScoreFile, key: str, metrics: tuple[str, ...]) -> dict[str, float]:
    """The mean of each metric on the task's test split, rounded to four places."""
    found = {}
    for task in scores.tasks:
        if task.suite == "task" and task.task == key and task.split == "test" and task.samples:
            for metric in metrics:
                if metric in task.metrics:
                    found[metric] = round(sum(s.scores[metric] for s in task.samples) / len(task.samples), 4)
    return found


def render(
    out: Path, sources: Sources, base: Base, policy: Gate, release: Release, verdict: Verdict, evidence: Evidence
) -> Manifest:
    """Write the bundle of `verdict.key` to `out` (anew) and return its manifest."""
    if out.exists():
        shutil.rmtree(out)
    shutil.copytree(sources.adapter, out / "adapter")
    verdict.write(out / "verdict.json")
    write_text(out / "verdict.md", (sources.gate / "table.md").read_text(encoding="utf-8"))
    shutil.copyfile(sources.training / "record.json", out / "training.json")
    shutil.copyfile(sources.report, out / "data.json")
    schema = sources.data / "schema.json"  # where `prepare` puts the schema that answers keep, if there is one
    config = out / "adapter" / "adapter_config.json"
    rank = read_json(config, EvidenceError, next_step="train again").get("r") if config.is_file() else None
    manifest = Manifest(
        key=verdict.key,
        method="lora" if config.is_file() else "full",
        rank=rank,
        base=base.model,
        base_revision=base.revision,
        base_digest=evidence.candidate.measured.base_digest,
        adapter=digest_tree(sources.adapter),
        data=digest_tree(sources.data),
        template=evidence.probe.template_digest,
        answer_schema=digest_file(schema) if schema.is_file() else "none",
        outcome=verdict.outcome,
        scores=mean_scores(evidence.candidate, verdict.key, release.headline),
        baseline_scores=mean_scores(evidence.baseline, verdict.key, release.headline),
        policy=policy.model_dump(mode="json"),
        files={},
    )
    write_text(out / "README.md", model_card(manifest, release, verdict))
    files = {name: digest_file(out / name) for name in list_files(out)}
    manifest = manifest.model_copy(update={"files": files})
    manifest.write(out / "manifest.json")
    return manifest
