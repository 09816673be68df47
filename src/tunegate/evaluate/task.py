"""Measure a model on its task: answer the prompts of a split greedily, score each answer, keep both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.files import digest_bytes, dump_json, write_text
from tunegate.core.settings import Base, Evaluate
from tunegate.evaluate import metrics
from tunegate.evaluate.metrics import Metric
from tunegate.models.base import Loaded, template_digest
from tunegate.models.generate import Answer, Chat, Prompt, generate, render
from tunegate.models.runtime import versions
from tunegate.records.example import Example, Message, read_examples
from tunegate.records.scores import Sample, TaskScores

Split = Literal["validation", "test"]
DECIDING = ("torch", "transformers")  # libraries whose change may change an answer


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
    """A document, what the model saw and wrote, and what that is worth."""

    example: Example
    prompt: Prompt
    answer: Answer
    scores: dict[str, float]


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


def measure(
    loaded: Loaded, examples: Sequence[Example], way: Way, settings: Evaluate, scorers: Mapping[str, Metric]
) -> list[Scored]:
    """Answer and score each document."""
    for scorer in scorers.values():  # a metric that does not fit is found before the minutes of generation
        scorer(examples[0].answer, examples[0].answer)
    prompts = render(loaded.tokenizer, [way.chat(example) for example in examples])
    answers = generate(loaded, prompts, max_new_tokens=settings.max_new_tokens, batch_size=settings.batch_size)
    return [
        Scored(example, prompt, answer, {name: scorer(answer.text, example.answer) for name, scorer in scorers.items()})
        for example, prompt, answer in zip(examples, prompts, answers, strict=True)
    ]


def mean(scored: Sequence[Scored], metric: str) -> float:
    """The mean of one metric."""
    return sum(one.scores[metric] for one in scored) / len(scored)


def task_scores(
    key: str, split: Split, scored: Sequence[Scored], conditions: dict[str, Any], declared: dict[str, Any]
) -> TaskScores:
    """The scores as evidence, without text; the same document twice gets a `repeat` number."""
    seen: Counter[str] = Counter()
    samples = []
    for one in scored:
        doc = document(one.example)
        prompt = digest_bytes(one.prompt.text.encode("utf-8"))[:16]
        samples.append(
            Sample(doc=doc, prompt=prompt, cluster=one.example.family or doc, repeat=seen[doc], scores=one.scores)
        )
        seen[doc] += 1
    return TaskScores(
        task=key,
        suite="task",
        split=split,
        version=metrics.VERSION,
        metrics=tuple(scored[0].scores),
        same_prompt=False,
        must_match=conditions,
        declared=declared,
        samples=tuple(samples),
    )


def conditions(loaded: Loaded, base: Base, settings: Evaluate) -> dict[str, Any]:
    """What must be equal for two measurements of the task to be compared."""
    return {
        "decoding": "greedy",
        "max_new_tokens": settings.max_new_tokens,
        "dtype": base.dtype,
        "metrics_version": metrics.VERSION,
        "style": list(settings.style),
        "template": template_digest(loaded.tokenizer),
        "libraries": {name: found for name, found in versions(*DECIDING).items() if name != "python"},
    }


def write_outputs(path: Path, splits: Mapping[Split, Sequence[Scored]]) -> None:
    """Write every answer with its prompt and scores, a document a line: for people, the probe and the server's test."""
    lines = (
        {
            "split": split,
            "doc": document(one.example),
            "id": one.example.id,
            "prompt_text": one.prompt.text,
            "prompt_ids": list(one.prompt.ids),
            "answer": one.answer.text,
            "reference": one.example.answer,
            "finish_reason": one.answer.reason,
            "prompt_tokens": len(one.prompt.ids),
            "new_tokens": one.answer.tokens,
            "scores": one.scores,
        }
        for split, scored in splits.items()
        for one in scored
    )
    write_text(path, "".join(dump_json(line) + "\n" for line in lines))
