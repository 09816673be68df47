"""The advice on fine-tuning as a section of the gate's table: was it the right tool? It never changes the verdict."""

from pathlib import Path

from tunegate.core.errors import EvidenceError
from tunegate.core.settings import Adapter
from tunegate.gate.escape import escaped
from tunegate.judge.advice import advise
from tunegate.judge.facts import facts_of
from tunegate.records.advice import Advice, Recommendation
from tunegate.records.advice_inputs import read_inputs
from tunegate.records.evidence import evidence_paths

MOST = 4  # lines
TITLE = "\nWas fine-tuning the right tool?\n\n"


def advice_section(key: str, counts: Path, scores: Path, settings: Adapter) -> str:
    """The section, from the files below `scores` and the data's metrics `counts`; unreadable files are named in it."""
    try:
        key = settings.gate.task or key  # a variant is as needed as what it was made of
        inputs = read_inputs(key, counts, evidence_paths(scores, key)["baseline"])
    except (EvidenceError, OSError) as fault:
        return f"{TITLE}- Not known: {escaped(str(fault))}\n"
    return render_advice(advise(settings.advise, facts_of(key, inputs, settings)))


def render_advice(advice: Advice) -> str:
    """A title and one to four lines: the answer with the number that decided, and what to know beside it."""
    yes = "Yes" if advice.recommendation is Recommendation.FINE_TUNE else f"The advice is: {advice.recommendation}"
    lines = [f"{yes}: {advice.reason}."]
    if missing := [question.name for question in advice.questions if question.state == "not measured"]:
        lines.append(f"Not measured: {', '.join(missing)} (`dvc repro` measures it).")
    lines += advice.warnings
    return TITLE + "".join(f"- {escaped(line)}\n" for line in lines[:MOST])
