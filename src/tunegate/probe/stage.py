"""Probe one candidate: what a server will meet, checked on the files, the model and, if wished, a real server."""

from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.core.evaluate_settings import Evaluate
from tunegate.core.files import digest_tree
from tunegate.core.settings import Base
from tunegate.models.adapter import load_candidate
from tunegate.models.base import base_digest, template_digest
from tunegate.models.generate import render
from tunegate.models.runtime import free_memory
from tunegate.probe.expected import expected
from tunegate.probe.files import answers_end, fits_vllm, prompts_match, read_answers
from tunegate.probe.identity import adapter_names_the_base, lengths_fit_the_server, tokenizer_as_served
from tunegate.probe.labels import labels_train_the_answer, sampling_as_evaluated, stop_tokens_as_served
from tunegate.probe.live import base_for, changes_outputs, is_live
from tunegate.probe.served import not_started, served_checks
from tunegate.records.example import read_examples
from tunegate.records.probe import Check, ProbeReport

PROMPTS = 20  # enough to see an adapter that does nothing; more cost seconds
SERVED = 60  # answers asked of a server; F1 of the research wants 50 or more


def probe(
    data: Path, adapter: Path, outputs: Path, *, base: Base, settings: Evaluate, room: int, served: bool = False
) -> ProbeReport:
    """All checks of one candidate. `room`: tokens of prompt and answer that the server takes; `served`: start one.

    Raises:
        MachineError: `served`, and no vLLM starts here.
        DataError: no test rows, or no training rows.
        ModelError: base or adapter cannot be loaded.
        EvidenceError: the recorded answers are missing.
    """
    examples, trained = read_examples(data / "test.jsonl"), read_examples(data / "train.jsonl")
    for name, rows in (("test", examples), ("train", trained)):
        if not rows:
            raise DataError(f"{data / name}.jsonl: no rows", next_step="run `dvc repro prepare`")
    answers = read_answers(outputs / "task.jsonl")
    loaded, plain = load_candidate(base, adapter), base_for(adapter, base)
    chats = [[message.plain() for message in example.prompt] for example in examples[:PROMPTS]]
    prompts = render(loaded.tokenizer, chats)
    fits = fits_vllm(adapter)
    checks: tuple[Check, ...] = (
        changes_outputs(loaded, plain, prompts, settings.max_new_tokens),
        prompts_match(loaded.tokenizer, examples, answers),
        labels_train_the_answer(loaded, trained),
        answers_end(answers),
        stop_tokens_as_served(loaded, plain),
        sampling_as_evaluated(loaded),
        is_live(loaded, adapter, prompts, base.dtype),
        fits,
        adapter_names_the_base(adapter, base),
        tokenizer_as_served(adapter, base),
        lengths_fit_the_server(answers, settings.max_new_tokens, room),
    )
    digest, limit = template_digest(loaded.tokenizer), settings.max_new_tokens
    wanted = expected(loaded, examples, answers, SERVED, limit) if served else []
    del loaded, plain  # a server wants the accelerator's memory
    free_memory()
    if served:
        checks += served_checks(adapter, base, room, wanted) if fits.passed else not_started(fits, wanted)
    return ProbeReport(
        base_digest=base_digest(base), adapter=digest_tree(adapter), template_digest=digest, checks=checks
    )
