"""Whether two measurements may be compared at all; asked before any statistic.

Each fault is a sentence that names both sides. A fault is an ERROR, never a FAIL: it says nothing about the model.
"""

import math
from collections.abc import Iterator

from tunegate.core.files import dump_json
from tunegate.core.settings import Gate
from tunegate.records.evidence import Evidence
from tunegate.records.scores import Sample, ScoreFile, TaskScores


def identity_faults(evidence: Evidence) -> list[str]:
    """What says that the four files are not about one base and one candidate."""
    base, general = evidence.baseline.measured, evidence.general.measured
    candidate, probe = evidence.candidate.measured, evidence.probe
    faults = [
        f"{name} was measured on the base {digest:.12}, the candidate on {candidate.base_digest:.12}"
        for name, digest in (
            ("baseline", base.base_digest),
            ("general", general.base_digest),
            ("probe", probe.base_digest),
        )
        if digest != candidate.base_digest
        and not (name == "baseline" and other_model(evidence.baseline, evidence.candidate))
    ]
    faults += [
        f"{name} should be the bare base, was measured with the adapter {measured.adapter:.12}"
        for name, measured in (("baseline", base), ("general", general))
        if measured.adapter is not None
    ]
    if not candidate.adapter:
        faults.append("the candidate was measured without an adapter")
    elif candidate.adapter != probe.adapter:
        faults.append(f"the candidate is adapter {candidate.adapter:.12}, the probe looked at {probe.adapter:.12}")
    if not general_tasks(evidence.general):
        faults.append("general has no task on the test split: forgetting cannot be judged")
    return faults


def other_model(baseline: ScoreFile, candidate: ScoreFile) -> bool:
    """Whether the baseline is declared to be another model than the base (evaluate.backend.baseline of params.yaml):
    by both sides, so that an edit of one file waives nothing.
    """
    own = [task for task in (*baseline.tasks, *candidate.tasks) if task.suite == "task"]
    return bool(baseline.tasks) and all("backend" in task.declared for task in own)


def signature_faults(evidence: Evidence, policy: Gate) -> list[str]:
    """Score files without a signature of a key that the policy trusts; none where it names no keys."""
    files = {"baseline": evidence.baseline, "general": evidence.general, "candidate": evidence.candidate}
    if evidence.released:
        files["released"] = evidence.released
    if evidence.parent:
        files["parent"] = evidence.parent
    return [
        f"{name} carries {f'the signature of {file.signed_by:.12}' if file.signed_by else 'no signature'}; "
        "gate.signers wants that of a key it lists"
        for name, file in files.items()
        if policy.signers and file.signed_by not in policy.signers
    ]


def general_tasks(file: ScoreFile) -> list[str]:
    """The names of the general tasks of a file, in its order, each once."""
    names = (task.task for task in file.tasks if task.suite == "general" and task.split == "test")
    return list(dict.fromkeys(names))


def find(file: ScoreFile, task: str, suite: str, split: str = "test") -> tuple[TaskScores | None, str]:
    """The one measurement of `task` on the test split (or the one named), or None and the fault."""
    found = [t for t in file.tasks if t.task == task and t.suite == suite and t.split == split]
    if len(found) == 1:
        return found[0], ""
    return None, f"task {task} stands {len(found)} times on the {split} split, expected once"


def sample_faults(task: TaskScores, metric: str) -> list[str]:
    """What is wrong with one model's samples by themselves."""
    if not task.samples:
        return [f"task {task.task} has no samples"]
    if metric not in (*task.metrics, *task.corpus):
        return [f"task {task.task} has no metric {metric}; it has {', '.join((*task.metrics, *task.corpus))}"]
    return list(_faults_of_samples(task, metric))[:3]


def _faults_of_samples(task: TaskScores, metric: str) -> Iterator[str]:
    seen: set[tuple[str, int]] = set()
    clusters: dict[str, str] = {}
    for sample in task.samples:
        if (sample.doc, sample.repeat) in seen:
            yield f"task {task.task}: document {sample.doc} stands twice (repeat {sample.repeat})"
        if metric not in task.corpus and not math.isfinite(sample.scores.get(metric, math.nan)):
            yield f"task {task.task}: document {sample.doc} has no finite {metric}"
        if clusters.setdefault(sample.doc, sample.cluster) != sample.cluster:
            yield f"task {task.task}: document {sample.doc} stands in two clusters"
        seen.add((sample.doc, sample.repeat))


OTHER_LIBRARIES = "libraries: base "  # how a fault begins where the two were measured with other libraries


def pair_faults(base: TaskScores, candidate: TaskScores, metric: str) -> list[str]:
    """Why the two measurements of one task cannot be compared; empty if they can."""
    faults = [
        *_prefixed("base", sample_faults(base, metric)),
        *_prefixed("candidate", sample_faults(candidate, metric)),
    ]
    return faults or [*_condition_faults(base, candidate), *_document_faults(base, candidate)]


def _prefixed(side: str, faults: list[str]) -> list[str]:
    return [f"{side}: {fault}" for fault in faults]


def _condition_faults(base: TaskScores, candidate: TaskScores) -> Iterator[str]:
    if base.version != candidate.version:
        yield f"version: base {base.version}, candidate {candidate.version}"
    if base.metrics != candidate.metrics:
        yield f"metrics: base {', '.join(base.metrics)}; candidate {', '.join(candidate.metrics)}"
    if (base.corpus, base.labels) != (candidate.corpus, candidate.labels):
        sides = (f"{dump_json(side.corpus)}, labels {', '.join(side.labels)}" for side in (base, candidate))
        yield "corpus metrics: base {}; candidate {}".format(*sides)
    if base.chance != candidate.chance:
        yield f"chance: base {base.chance}, candidate {candidate.chance}"
    if base.same_prompt != candidate.same_prompt:
        yield f"same_prompt: base {base.same_prompt}, candidate {candidate.same_prompt}"
    for name in sorted(base.must_match.keys() | candidate.must_match.keys()):
        before, after = (_shown(side, name) for side in (base, candidate))
        if before != after:
            yield f"{name}: base {before:.80}, candidate {after:.80}"


def _shown(task: TaskScores, name: str) -> str:
    return dump_json(task.must_match[name]) if name in task.must_match else "(not recorded)"


def _document_faults(base: TaskScores, candidate: TaskScores) -> Iterator[str]:
    before, after = _by_pair(base), _by_pair(candidate)
    if missing := len(before.keys() - after.keys()):
        yield f"{missing} of the base's {len(before)} samples are missing in the candidate"
    if extra := len(after.keys() - before.keys()):
        yield f"{extra} of the candidate's {len(after)} samples are missing in the base"
    shared = sorted(before.keys() & after.keys())
    if moved := [key for key in shared if before[key].cluster != after[key].cluster]:
        yield f"{len(moved)} documents stand in another cluster, the first is {moved[0][0]}"
    if base.same_prompt and (other := [key for key in shared if before[key].prompt != after[key].prompt]):
        yield f"{len(other)} prompts differ, the first is that of document {other[0][0]}"


def _by_pair(task: TaskScores) -> dict[tuple[str, int], Sample]:
    return {(sample.doc, sample.repeat): sample for sample in task.samples}
