"""Render the bundle: a pure function of its inputs, without time, commit, version or signature.

`manifest.json` is the authority on its files; `SHA256SUMS` says the same, and the manifest's own digest, to
`sha256sum -c`.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_file, digest_tree, file_digests, list_files, read_json, write_json, write_text
from tunegate.core.params import adapter_of
from tunegate.core.settings import Params, Release
from tunegate.records.evidence import Evidence, evidence_paths
from tunegate.records.manifest import SUMS, Manifest, VariantOf, sums
from tunegate.records.scores import ScoreFile
from tunegate.records.verdict import Verdict
from tunegate.release.card import model_card
from tunegate.release.provenance import bom, provenance


class Sources(NamedTuple):
    """What a bundle is made of: folders, and the data report (a file)."""

    scores: Path
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


def render(out: Path, sources: Sources, params: Params, verdict: Verdict, evidence: Evidence) -> Manifest:
    """Write the bundle of `verdict.key` to `out` (anew) and return its manifest."""
    if out.exists():
        shutil.rmtree(out)
    _copy(out, sources, verdict)
    manifest = _manifest(out, sources, params, verdict, evidence)
    _describe(out, manifest, adapter_of(params, verdict.key).release, verdict)
    files = file_digests(out)
    manifest = manifest.model_copy(update={"files": files})
    manifest.write(out / "manifest.json")
    write_text(out / SUMS, sums({**files, "manifest.json": digest_file(out / "manifest.json")}))
    return manifest


def _copy(out: Path, sources: Sources, verdict: Verdict) -> None:
    """What goes in as it is; the scores too, so that whoever has the bundle can judge again."""
    shutil.copytree(sources.adapter, out / "adapter")
    verdict.write(out / "verdict.json")
    write_text(out / "verdict.md", (sources.gate / "table.md").read_text(encoding="utf-8"))
    shutil.copyfile(sources.training / "record.json", out / "training.json")
    shutil.copyfile(sources.report, out / "data.json")
    for path in evidence_paths(sources.scores, verdict.key, verdict.parent).values():
        target = out / "scores" / path.relative_to(sources.scores)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _manifest(out: Path, sources: Sources, params: Params, verdict: Verdict, evidence: Evidence) -> Manifest:
    settings = adapter_of(params, verdict.key)
    schema = sources.data / "schema.json"  # where `prepare` puts the schema that answers keep, if there is one
    config = out / "adapter" / "adapter_config.json"
    rank = read_json(config, EvidenceError, next_step="train again").get("r") if config.is_file() else None
    task = settings.gate.task or verdict.key
    return Manifest(
        key=verdict.key,
        method="lora" if config.is_file() else "full",
        rank=rank,
        base=params.base.model,
        base_revision=params.base.revision,
        base_digest=evidence.candidate.measured.base_digest,
        adapter=digest_tree(sources.adapter),
        data=digest_tree(sources.data),
        template=evidence.probe.template_digest,
        answer_schema=digest_file(schema) if schema.is_file() else "none",
        outcome=verdict.outcome,
        scores=mean_scores(evidence.candidate, task, settings.release.headline),
        baseline_scores=mean_scores(evidence.baseline, task, settings.release.headline),
        policy=settings.gate.model_dump(mode="json"),
        general=params.general.tasks,
        variant=_variant(out, params, verdict.key, evidence),
        files={},
    )


def _variant(out: Path, params: Params, key: str, evidence: Evidence) -> VariantOf | None:
    if (variant := params.variants.get(key)) is None or evidence.parent is None:
        return None
    record = read_json(out / "training.json", EvidenceError, next_step=f"`dvc repro convert@{key}`")
    headline = adapter_of(params, key).release.headline
    return VariantOf(
        key=variant.of,
        made_of=record["made_of"],
        form=variant.convert.name,
        dtype=variant.convert.dtype,
        bytes_before=record["bytes"]["before"],
        bytes_after=record["bytes"]["after"],
        scores=mean_scores(evidence.parent, variant.of, headline),
    )


def _describe(out: Path, manifest: Manifest, release: Release, verdict: Verdict) -> None:
    training = read_json(out / "training.json", EvidenceError, next_step="train again")
    below = {part: {f"{part}/{name}": digest_file(out / part / name) for name in list_files(out / part)}
             for part in ("scores", "adapter")}  # fmt: skip
    write_json(out / "provenance.json", provenance(manifest, training, below["scores"], below["adapter"]))
    write_json(out / "bom.cdx.json", bom(manifest, release, training))
    data = read_json(out / "data.json", EvidenceError, next_step="run `dvc repro prepare`")
    write_text(out / "README.md", model_card(manifest, release, verdict, data))
