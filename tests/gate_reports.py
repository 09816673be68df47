"""Evidence whose report shows something: labels with counts, texts, flips, guesses, waivers, hostile names."""

import json
from datetime import date
from pathlib import Path

import factories

from tunegate.core.settings import Gate, Train
from tunegate.gate.page import Facts
from tunegate.gate.page.texts import Text
from tunegate.judge.decide import decide, error_verdict
from tunegate.judge.remedies import remedies
from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile, TaskScores

TODAY = date(2026, 11, 24)
LABELS = ("defect", "invoice", "delivery", "return")
EVIL = '"><script>alert(1)</script>\u202e\x07 & {x} '
TRAIN = Train(learning_rate=0.003, epochs=5, replay=0.0)


def labelled(task: TaskScores, *, wrong: int) -> TaskScores:
    """The task with true and answered classes: `wrong` of 11 answers are of the next class, or of none."""
    samples = []
    for at, sample in enumerate(task.samples):
        true = at % len(LABELS)
        missed = (7 * at) % 11 < wrong
        answered = true if not missed else (-1 if at % 3 == 0 else (true + 1) % len(LABELS))
        samples.append(sample.model_copy(update={"parts": {"f1": (true, answered)}}))
    return task.model_copy(update={"corpus": {"f1": "macro_f1"}, "labels": LABELS, "samples": tuple(samples)})


def forgetful() -> Evidence:
    """Better on the task, with classes; most general tasks lost, one of them multiple choice."""
    found = factories.evidence(general=(0.9, 0.7), forgotten={"skill_b": 0.9}, gain=(0.3, 0.86))
    return found._replace(
        baseline=_changed(found.baseline, wrong=7),
        general=_changed(found.general, wrong=1),
        candidate=_changed(found.candidate, wrong=1),
    )


def _changed(file: ScoreFile, *, wrong: int) -> ScoreFile:
    """Classes on the task's own documents, a chance of guessing right on one general task."""
    tasks = [
        labelled(task, wrong=wrong)
        if task.suite == "task"
        else task.model_copy(update={"chance": 0.25 if task.task == "skill_a" else None})
        for task in file.tasks
    ]
    return file.model_copy(update={"tasks": tuple(tasks)})


def own_task(file: ScoreFile) -> TaskScores:
    """The adapter's own task on the test split."""
    return next(task for task in file.tasks if task.suite == "task" and task.split == "test")


def facts(evidence: Evidence, *, waivers: tuple[dict[str, str], ...] = (), texts: bool = True) -> Facts:
    """What the page is made of, judged by the test policy."""
    policy = Gate.model_validate({**factories.POLICY.model_dump(), "waivers": waivers})
    verdict = decide("triage", evidence, policy, TODAY, {name: name[0] * 64 for name in ("baseline", "candidate")})
    return Facts(verdict, evidence, _texts(evidence) if texts else {}, remedies(verdict, TRAIN))


def _texts(evidence: Evidence) -> dict[str, Text]:
    samples = own_task(evidence.candidate).samples
    return {
        sample.doc: Text(
            name=f"triage-test-{at:04}",
            prompt=f"Good morning. The router that I bought in week {at} does not start any more. Please help me soon.",
            reference='{"intent": "defect", "product": "router", "priority": "high"}',
            before="Please restart the router.",
            after='{"intent": "defect", "product": "router", "priority": "low"}',
        )
        for at, sample in enumerate(samples)
        if at % 10
    }


def hostile() -> Facts:
    """Names and texts that try to be markup."""
    found = factories.evidence(skills=(EVIL, "skill_b"), general=(0.9, 0.5))
    probe = factories.probe_report(names=[*factories.CHECKS, EVIL])
    waiver = {"gate": "floor/schema_valid", "reason": f"because {EVIL}", "by": EVIL, "expires": "2026-12-31"}
    shown = facts(found._replace(probe=probe), waivers=(waiver,), texts=False)
    docs = [sample.doc for sample in own_task(found.candidate).samples]
    return shown._replace(texts={doc: Text(EVIL, EVIL, EVIL, EVIL, EVIL) for doc in docs})


def waived() -> Facts:
    """A pass by a waiver."""
    waiver = {"gate": "floor/schema_valid", "reason": "the parser repairs it", "by": "Ada", "expires": "2026-12-31"}
    return facts(factories.evidence(valid=0.8), waivers=(waiver,))


def unreadable() -> Facts:
    """Nothing to judge."""
    verdict = error_verdict("triage", factories.POLICY, ["scores/triage/probe.json: no such file"], {})
    return Facts(verdict, None, {})


SAMPLES = {
    "pass": lambda: facts(factories.evidence()),
    "fail": lambda: facts(forgetful()),
    "inconclusive": lambda: facts(factories.evidence(gain=(0.3, 0.42)), texts=False),
    "error": unreadable,
    "waived": waived,
    "hostile": hostile,
}


def write_outputs(folder: Path, evidence: Evidence) -> Path:
    """The answers of base and candidate as `evaluate` writes them, for a few documents."""
    for side in ("baseline", "candidate"):
        rows = [
            {"split": "test", "doc": sample.doc, "id": f"row-{at}", "prompt_text": f"ticket {at}", "answer": side}
            for at, sample in enumerate(own_task(evidence.candidate).samples)
        ]
        path = folder / side / "task.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "not JSON\n[]\n", encoding="utf-8")
    return folder
