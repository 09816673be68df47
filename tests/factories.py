"""Test data: small score files whose effect the test chooses.

Plain functions, no fixtures: `evidence(...)` for the judge, `write_evidence(scores, key)` for stages that read files.
Scores are exact shares, not draws: `gain=(0.3, 0.9)` over 300 documents gives 90 and 270 hits, whatever the seed.
"""

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from tunegate.core.files import digest_bytes
from tunegate.core.settings import Gate
from tunegate.judge.rows import REQUIRED_CHECKS
from tunegate.records.evidence import Evidence, evidence_paths
from tunegate.records.looks import add_look, look_at
from tunegate.records.probe import Check, ProbeReport
from tunegate.records.scores import Measured, Sample, ScoreFile, TaskScores

BASE_DIGEST = "b" * 64
ADAPTER_DIGEST = "a" * 64
SKILLS = ("skill_a", "skill_b", "skill_c", "skill_d", "skill_e")
CHECKS = REQUIRED_CHECKS
POLICY = Gate.model_validate(
    {
        "alpha": 0.05,
        "gains": [{"metric": "exact_match", "min_gain": 0.10}],
        "floors": [{"metric": "schema_valid", "min": 0.95}],
        "forgetting": {"max_drop": 0.05, "policy": "macro+veto"},
    }
)


def short_hash(text: str) -> str:
    """The first 16 hex digits of a SHA-256, as score files name documents and prompts."""
    return digest_bytes(text.encode())[:16]


def hits(n: int, share: float, *, seed: int = 1) -> list[float]:
    """`n` zeros and ones, `share` of them ones; two shares with one seed are nested (the fewest discordant pairs)."""
    order = list(range(n))
    random.Random(seed).shuffle(order)  # noqa: S311 - test data
    scores = [0.0] * n
    for index in order[: round(n * share)]:
        scores[index] = 1.0
    return scores


def task_scores(
    task: str,
    scores: dict[str, list[float]],
    *,
    suite: str = "general",
    clusters: int | None = None,
    prompt: str = "",
    split: str = "test",
) -> TaskScores:
    """One task on one split: `scores` maps a metric to a score a document; `clusters` None: no families."""
    samples = []
    for index, values in enumerate(zip(*scores.values(), strict=True)):
        doc = short_hash(f"{task} {index}" if split == "test" else f"{task} {split} {index}")
        cluster = doc if clusters is None else f"family-{index % clusters}"
        named = dict(zip(scores, values, strict=True))
        samples.append(Sample(doc=doc, prompt=short_hash(f"{prompt} {doc}"), cluster=cluster, scores=named))
    return TaskScores.model_validate(
        {
            "task": task,
            "suite": suite,
            "split": split,
            "version": "1",
            "metrics": tuple(scores),
            "same_prompt": suite == "general",
            "must_match": {"decoding": "greedy", "max_new_tokens": 64},
            "declared": {"prompt": prompt} if prompt else {},
            "samples": tuple(samples),
        }
    )


def score_file(tasks: Sequence[TaskScores], *, adapter: str | None = None) -> ScoreFile:
    """All scores of the base (`adapter` None) or of a candidate."""
    environment = {"torch": "2.13.0", "transformers": "5.17.0"}
    measured = Measured(base="examples/base", base_digest=BASE_DIGEST, adapter=adapter, environment=environment)
    return ScoreFile(measured=measured, tasks=tuple(tasks))


def probe_report(*, failed: Sequence[str] = (), names: Sequence[str] = CHECKS) -> ProbeReport:
    """A probe report in which the checks named in `failed` did not hold."""
    checks = tuple(Check(name=name, passed=name not in failed, cases=20, detail="20 of 20") for name in names)
    return ProbeReport(base_digest=BASE_DIGEST, adapter=ADAPTER_DIGEST, template_digest="c" * 64, checks=checks)


def evidence(
    key: str = "triage",
    *,
    n: int = 300,
    gain: tuple[float, float] = (0.3, 0.9),
    valid: float = 1.0,
    general: tuple[float, float] = (0.9, 0.9),
    forgotten: dict[str, float] | None = None,
    skills: Sequence[str] = SKILLS,
) -> Evidence:
    """All evidence of one adapter, by default a clear PASS under `POLICY`.

    Args:
        key: the adapter; also the name of its task.
        n: documents of the task; general tasks have 500.
        gain: `exact_match` of the prompted base and of the candidate.
        valid: `schema_valid` of the candidate.
        general: every general task's score for base and candidate.
        forgotten: the candidate's score on single general tasks, where it differs.
        skills: the general tasks.
    """
    before, after = general
    lost = forgotten or {}
    prompted = {"exact_match": hits(n, gain[0]), "schema_valid": hits(n, 0.5)}
    tuned = {"exact_match": hits(n, gain[1]), "schema_valid": hits(n, valid)}
    base_skills = [task_scores(skill, {"exact_match": hits(500, before)}) for skill in skills]
    kept_skills = [task_scores(skill, {"exact_match": hits(500, lost.get(skill, after))}) for skill in skills]
    own = task_scores(key, tuned, suite="task", clusters=25)
    before_training = [
        task_scores(key, prompted, suite="task", clusters=25, prompt="few-shot", split=split)
        for split in ("test", "validation")
    ]
    on_validation = task_scores(key, tuned, suite="task", clusters=25, split="validation")
    return Evidence(
        baseline=score_file(before_training),
        general=score_file(base_skills),
        candidate=score_file([own, *kept_skills, on_validation], adapter=ADAPTER_DIGEST),
        probe=probe_report(),
        looks=(look_at(own, ADAPTER_DIGEST),),
    )


def write_evidence(scores: Path, key: str, found: Evidence | None = None) -> Evidence:
    """Write `found` (by default a clear PASS) where the stages look for the scores of `key`."""
    found = found or evidence(key)
    paths = evidence_paths(scores, key)
    found.baseline.save(paths["baseline"])
    found.general.save(paths["general"])
    found.candidate.save(paths["candidate"])
    found.probe.write(paths["probe"])
    for look in found.looks:
        add_look(paths["looks"], look)
    return found


def write_params(path: Path, *, key: str = "triage") -> Path:
    """Write the least `params.yaml` that is complete, with one adapter judged by `POLICY` (JSON is YAML)."""
    adapter = {
        "baseline": {"metric": "exact_match", "system": ["Answer."]},
        "evaluate": {"metrics": ["exact_match", "schema_valid"]},
        "gate": POLICY.model_dump(mode="json"),
        "release": {"description": "A test.", "intended_use": "Tests.", "headline": ["exact_match"]},
    }
    params = {"base": {"model": "base"}, "general": {"tasks": list(SKILLS)}, "adapters": {key: adapter}}
    path.write_text(json.dumps(params, indent=1), encoding="utf-8")
    return path


def write_gate_project(folder: Path, evals: Path) -> Path:
    """A folder with settings, `evals/` and the scores of a clear PASS."""
    write_params(folder / "params.yaml")
    (folder / "evals").mkdir()
    for name in ("conftest.py", "test_gates.py"):
        shutil.copy(evals / name, folder / "evals")
    write_evidence(folder / "scores", "triage")
    return folder
