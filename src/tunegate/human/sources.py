"""What is compared: both models' answers on the same test prompts, held against the scores and data they belong to."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from tunegate.core.errors import DataError, EvidenceError
from tunegate.core.files import digest_file, parse_json
from tunegate.records.base import explain
from tunegate.records.example import Example, read_examples
from tunegate.records.human import Against, Compared
from tunegate.records.review import content_hash
from tunegate.records.scores import ScoreFile

AGAIN = "run `dvc repro evaluate`; it writes scores and outputs together"
RELEASED = (
    "`tunegate gate released KEY` writes the scores; "
    "`dvc get . build/outputs/KEY/candidate --rev KEY@vVERSION -o build/outputs/KEY/released` brings the answers"
)


class Output(BaseModel):
    """A line of `task.jsonl`; `evaluate` writes more into it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    split: str
    doc: str
    id: str
    answer: str
    scores: dict[str, float]


class Answered(NamedTuple):
    """One test prompt, and what both models answered."""

    doc: str
    example: Example
    candidate: str
    other: str

    @property
    def cluster(self) -> str:
        """As in the score files."""
        return self.example.family or self.doc


class Material(NamedTuple):
    """All that can be compared, documents in the order of the test split."""

    rows: tuple[Answered, ...]
    candidate: Compared
    other: Compared


def load_material(root: Path, key: str, against: Against) -> Material:
    """Read the answers of both models to the test split of adapter `key`.

    Raises:
        DataError: answers or data are missing or broken, or do not belong together.
        EvidenceError: scores are missing or corrupt.
    """
    candidate, compared = _model(root, key, "candidate")
    other, with_what = _model(root, key, against)
    if candidate.keys() != other.keys():
        count = len(candidate.keys() ^ other.keys())
        raise DataError(f"{key}: {count} test documents were answered by one model only", next_step=AGAIN)
    data = root / "build" / "data" / key / "test.jsonl"
    examples = {content_hash([turn.plain() for turn in row.messages]): row for row in read_examples(data)}
    if missing := candidate.keys() - examples.keys():
        raise DataError(f"{data}: {len(missing)} answered documents are not in it", next_step=AGAIN)
    rows = (Answered(doc, examples[doc], candidate[doc], other[doc]) for doc in candidate)
    return Material(tuple(rows), compared, with_what)


def _model(root: Path, key: str, name: str) -> tuple[dict[str, str], Compared]:
    """One model's answers by document, and which model it is."""
    path = root / "build" / "outputs" / key / name / "task.jsonl"
    next_step = RELEASED.replace("KEY", key) if name == "released" else AGAIN
    if not path.is_file():
        raise DataError(f"{path}: no such file", next_step=next_step)
    try:
        scores = ScoreFile.load(root / "scores" / key / f"{name}.jsonl")
    except EvidenceError as fault:
        raise EvidenceError(fault.message, next_step=next_step) from None
    outputs = [line for line in read_outputs(path) if line.split == "test"]
    if not outputs:
        raise DataError(f"{path}: no answer to the test split", next_step=next_step)
    _belong(path, key, outputs, scores)
    answers: dict[str, str] = {}
    for output in outputs:
        answers.setdefault(output.doc, output.answer)
    measured = scores.measured
    return answers, Compared(base_digest=measured.base_digest, adapter=measured.adapter, outputs=digest_file(path))


def read_outputs(path: Path) -> list[Output]:
    """Every line of a file of answers.

    Raises:
        DataError: a line is none (the first such line is named).
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(Output.model_validate(parse_json(line)))
        except ValidationError as fault:
            raise DataError(f"{path}:{number}: not an answer: {explain(fault)}", next_step=AGAIN) from None
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step=AGAIN) from None
    return found


def _belong(path: Path, key: str, outputs: Iterable[Output], scores: ScoreFile) -> None:
    """Answers of an older run beside newer scores would be judged under the wrong adapter's name."""
    task = next((one for one in scores.tasks if (one.task, one.split) == (key, "test")), None)
    known = {(sample.doc, sample.repeat): sample.scores for sample in task.samples} if task else {}
    seen = Counter[str]()
    for output in outputs:
        wanted = known.pop((output.doc, seen[output.doc]), None)
        seen[output.doc] += 1
        if wanted is None or any(wanted[name] != output.scores[name] for name in wanted.keys() & output.scores.keys()):
            raise DataError(f"{path}: document {output.doc} is not scored as recorded: another run", next_step=AGAIN)
    if known:
        raise DataError(f"{path}: {len(known)} scored documents have no answer here: another run", next_step=AGAIN)
