"""Probe one adapter: what serving will meet, checked on the bytes that will be served."""

from pathlib import Path

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_tree
from tunegate.core.settings import Base, Evaluate
from tunegate.models.base import base_digest, load_base, template_digest
from tunegate.models.generate import Prompt
from tunegate.probe.adapter_file import check_fits_vllm
from tunegate.probe.live import CASES, check_changes, check_live
from tunegate.probe.recorded import NEXT_STEP, Recorded, check_prompts, check_stops, read_recorded
from tunegate.records.example import read_examples
from tunegate.records.probe import ProbeReport


def probe(base: Base, settings: Evaluate, *, data: Path, adapter: Path, outputs: Path) -> ProbeReport:
    """Run all checks; a check that does not hold is for the gate to judge, not an error here.

    Raises:
        EvidenceError: the candidate's recorded answers are missing, or none of them is of the test split.
        ModelError: base or adapter cannot be loaded.
    """
    recorded = read_recorded(outputs / "task.jsonl")
    if not recorded:
        raise EvidenceError(f"{outputs / 'task.jsonl'}: no answers of the test split", next_step=NEXT_STEP)
    loaded = load_base(base)
    few = recorded[:CASES]
    prompts = [_prompt(row, loaded.tokenizer) for row in few]
    limits = (settings.max_new_tokens, settings.batch_size)
    checks = (
        check_changes(loaded, few, prompts, limits),
        check_prompts(recorded, read_examples(data / "test.jsonl"), loaded.tokenizer),
        check_stops(recorded),
        check_live(base, adapter, prompts),
        check_fits_vllm(adapter),
    )
    return ProbeReport(
        base_digest=base_digest(base),
        adapter=digest_tree(adapter),
        template_digest=template_digest(loaded.tokenizer),
        checks=checks,
    )


def _prompt(row: Recorded, tokenizer: object) -> Prompt:
    ids = tokenizer(row.prompt_text, add_special_tokens=False)["input_ids"]  # type: ignore[operator]
    return Prompt(row.prompt_text, tuple(ids))
