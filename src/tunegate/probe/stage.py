"""Probe one candidate: what a server will meet, checked before one is started."""

from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.core.evaluate_settings import Evaluate
from tunegate.core.files import digest_tree
from tunegate.core.settings import Base
from tunegate.models.adapter import load_candidate
from tunegate.models.base import base_digest, template_digest
from tunegate.models.generate import render
from tunegate.probe.files import answers_end, fits_vllm, prompts_match, read_answers
from tunegate.probe.live import base_for, changes_outputs, is_live
from tunegate.records.example import read_examples
from tunegate.records.probe import ProbeReport

PROMPTS = 20  # enough to see an adapter that does nothing; more cost seconds


def probe(data: Path, adapter: Path, outputs: Path, *, base: Base, settings: Evaluate) -> ProbeReport:
    """All checks of one candidate.

    Raises:
        DataError: no test rows.
        ModelError: base or adapter cannot be loaded.
        EvidenceError: the recorded answers are missing.
    """
    examples = read_examples(data / "test.jsonl")
    if not examples:
        raise DataError(f"{data / 'test.jsonl'}: no rows", next_step="run `dvc repro prepare`")
    answers = read_answers(outputs / "task.jsonl")
    loaded = load_candidate(base, adapter)
    chats = [[message.plain() for message in example.prompt] for example in examples[:PROMPTS]]
    prompts = render(loaded.tokenizer, chats)
    checks = (
        changes_outputs(loaded, base_for(adapter, base), prompts, settings.max_new_tokens),
        prompts_match(loaded.tokenizer, examples, answers),
        answers_end(answers),
        is_live(loaded, adapter, prompts, base.dtype),
        fits_vllm(adapter),
    )
    return ProbeReport(
        base_digest=base_digest(base),
        adapter=digest_tree(adapter),
        template_digest=template_digest(loaded.tokenizer),
        checks=checks,
    )
