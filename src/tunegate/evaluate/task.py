"""Measure a model on its task: answer the prompts of a split greedily, score each answer, keep both."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.files import digest_bytes, dump_json, write_text
from tunegate.evaluate.backends import Answered, Backend
from tunegate.evaluate.metrics import VERSION, Metrics, Row
from tunegate.evaluate.values import Values
from tunegate.models.generate import Answer, Chat
from tunegate.records.example import Example, Message, read_examples
from tunegate.records.scores import Sample, TaskScores

Split = Literal["validation", "test"]


class Way(NamedTuple):
    """How the task is put to the model: after a system text (empty: none) and examples with their answers."""

    system: str = ""
    shots: tuple[Example, ...] = ()

    def chat(self, example: Example) -> Chat:
        """The chat for one document."""
        own = [message.content for message in example.prompt if message.role == "system"]
        system = "\n".join(text for text in (self.system, *own) if text)
        shown = [message for shot in self.shots for message in shot.messages if message.role != "system"]
        asked = [message for message in example.prompt if message.role != "system"]
        first = [Message(role="system", content=system)] if system else []
        return [message.plain() for message in (*first, *shown, *asked)]


class Scored(NamedTuple):
    """A split's documents, what the model saw and wrote, and what that is worth."""

    examples: tuple[Example, ...]
    answered: tuple[Answered, ...]
    values: Values
    labels: tuple[str, ...] = ()


def short(content: Any) -> str:
    """The first 16 hex digits of the SHA-256 of a value's JSON: how documents and prompts are named."""
    return digest_bytes(dump_json(content).encode("utf-8"))[:16]


def document(example: Example) -> str:
    """A document's name: of what is asked and what is wanted, not of where it stood."""
    return short([message.plain() for message in example.messages])


def read_split(data: Path, split: Split) -> tuple[Example, ...]:
    """The documents of a split.

    Raises:
        DataError: missing or empty: no evidence is never a pass.
    """
    examples = read_examples(data / f"{split}.jsonl")
    if not examples:
        raise DataError(f"{data / split}.jsonl: no rows", next_step="add rows to the split, then run `dvc repro`")
    return examples


def try_out(metrics: Metrics, example: Example) -> None:
    """Score a reference as if it were an answer: what does not fit is found before the minutes of generation."""
    metrics.try_out(Row("", example.answer, Answer(example.answer, "stop", 1)))


def measure(backend: Backend, examples: Sequence[Example], way: Way, metrics: Metrics) -> Scored:
    """Answer and score each document."""
    return score(examples, backend.answer([way.chat(example) for example in examples]), metrics)


def score(examples: Sequence[Example], answered: Sequence[Answered], metrics: Metrics) -> Scored:
    """Score answers that are there."""
    pairs = zip(examples, answered, strict=True)
    values = metrics.score([Row(one.prompt.text, example.answer, one.answer) for example, one in pairs])
    return Scored(tuple(examples), tuple(answered), values, metrics.classes.labels if metrics.classes else ())


def task_scores(
    key: str, split: Split, scored: Scored, conditions: Mapping[str, Any], declared: Mapping[str, Any]
) -> TaskScores:
    """The scores as evidence, without text; the same document twice gets a `repeat` number."""
    values = scored.values
    return TaskScores(
        task=key,
        suite="task",
        split=split,
        version=VERSION,
        metrics=tuple(values.scores),
        same_prompt=False,
        must_match=_joined(conditions, values.record),
        declared=dict(declared),
        corpus=values.corpus,
        labels=scored.labels,
        samples=tuple(_samples(scored)),
    )


def _samples(scored: Scored) -> Iterator[Sample]:
    seen: Counter[str] = Counter()
    for at, (example, one) in enumerate(zip(scored.examples, scored.answered, strict=True)):
        doc = document(example)
        yield Sample(
            doc=doc,
            prompt=digest_bytes(one.prompt.text.encode("utf-8"))[:16],
            cluster=example.family or doc,
            repeat=seen[doc],
            scores=scored.values.scores_of(at),
            parts=scored.values.parts_of(at),
        )
        seen[doc] += 1


def _joined(conditions: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions, and beside each module's what it says of itself (a signature, an encoder's digest)."""
    return {**conditions, **{name: {**conditions.get(name, {}), **said} for name, said in record.items()}}


def write_outputs(path: Path, splits: Mapping[Split, Scored]) -> None:
    """Write every answer with its prompt and scores, a document a line: for people, the probe and the server's test."""
    lines = (line for split, scored in splits.items() for line in _lines(split, scored))
    write_text(path, "".join(dump_json(line) + "\n" for line in lines))


def _lines(split: Split, scored: Scored) -> Iterator[dict[str, Any]]:
    for at, (example, (prompt, answer)) in enumerate(zip(scored.examples, scored.answered, strict=True)):
        yield {
            "split": split,
            "doc": document(example),
            "id": example.id,
            "prompt_text": prompt.text,
            "prompt_ids": list(prompt.ids),
            "answer": answer.text,
            "reference": example.answer,
            "finish_reason": answer.reason,
            "prompt_tokens": len(prompt.ids) if answer.seen is None else answer.seen,
            "new_tokens": answer.tokens,
            "scores": scored.values.scores_of(at),
        }
