"""What training taught, row by row: answers and nothing else, each ending in a stop token, no stop token before."""

from collections.abc import Sequence
from typing import Any

from tunegate.models.base import Loaded
from tunegate.records.example import Example
from tunegate.records.probe import Check

AUDITED = 200  # rows; more say the same, and the template is one for all


def labels_train_the_answer(loaded: Loaded, examples: Sequence[Example]) -> Check:
    """The template's marks, on training rows: none without a label, each answer ends in a trained stop token and holds
    none before its end (a server would cut it there), no second beginning-of-text token, and no date of today.
    """
    some = examples[:AUDITED]
    wrong = [(example.id, fault) for example in some if (fault := _fault(loaded, example))]
    faults = [f"row {identity}: {fault}" for identity, fault in wrong[:3]]
    if "strftime_now" in str(loaded.tokenizer.chat_template):
        faults.append("the chat template writes the date of the day: prompts differ from day to day")
    return Check(
        name="labels_train_the_answer",
        passed=not faults,
        cases=len(some),
        detail="; ".join(faults)
        or f"{len(some)} training rows: each answer is trained to its stop token, nothing else",
        fix="put {% generation %} round each answer and its stop token in the template, pin dates in it, train again"
        if faults
        else "",
    )


def _fault(loaded: Loaded, example: Example) -> str:
    chat = [message.plain() for message in example.messages]
    coded = loaded.tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
    ids, trained = coded["input_ids"], coded["assistant_masks"]
    first = loaded.tokenizer.bos_token_id
    if first is not None and ids[:2] == [first, first]:
        return "two beginning-of-text tokens"
    spans = _spans(ids, trained)
    if len(spans) != sum(message["role"] == "assistant" for message in chat):
        return f"{len(spans)} trained answers"
    return next((fault for span in spans if (fault := _span_fault(span, loaded.stops))), "")


def _spans(ids: Sequence[int], trained: Sequence[int]) -> list[list[int]]:
    """The runs of trained tokens."""
    spans: list[list[int]] = []
    for at, (token, said) in enumerate(zip(ids, trained, strict=True)):
        if said:
            if not (at and trained[at - 1]):
                spans.append([])
            spans[-1].append(token)
    return spans


def _span_fault(span: list[int], stops: Sequence[int]) -> str:
    where = [at for at, token in enumerate(span) if token in stops]
    if not where or where[-1] < len(span) - 2:  # some templates close the turn with a line break
        return "an answer is not trained to end in a stop token"
    return "a stop token inside an answer: a server cuts it there" if len(where) > 1 else ""


def stop_tokens_as_served(loaded: Loaded, base: Loaded | None) -> Check:
    """The tokens at which evaluation ended answers are those at which the server of the base's files ends them."""
    served = set((base or loaded).stops)
    faults = []
    if set(loaded.stops) != served:
        faults.append(f"evaluated with stop tokens {sorted(loaded.stops)}, the base has {sorted(served)}")
    if loaded.tokenizer.eos_token_id not in loaded.stops:
        faults.append("the tokenizer's stop token is not among them")
    return Check(
        name="stop_tokens_as_served",
        passed=not faults,
        cases=1,
        detail="; ".join(faults) or f"answers end at token {', '.join(map(str, loaded.stops))}, evaluated and served",
        fix="write the base's eos_token_id into generation_config.json of the model, and evaluate again"
        if faults
        else "",
    )


GREEDY = {  # keys of generation_config.json that change greedy answers in transformers, and that vLLM does not know
    "no_repeat_ngram_size": (None, 0),
    "bad_words_ids": (None, []),
    "suppress_tokens": (None, []),
    "begin_suppress_tokens": (None, []),
    "forced_bos_token_id": (None,),
    "forced_eos_token_id": (None,),
    "exponential_decay_length_penalty": (None,),
    "min_new_tokens": (None, 0),
}


def sampling_as_evaluated(loaded: Loaded) -> Check:
    """Nothing in generation_config.json makes transformers write other answers than vLLM at temperature 0, which the
    rendered server file sets as the default.
    """
    config: Any = loaded.model.generation_config
    faults = [
        f"{key} is {getattr(config, key)}" for key, fine in GREEDY.items() if getattr(config, key, None) not in fine
    ]
    return Check(
        name="sampling_as_evaluated",
        passed=not faults,
        cases=1,
        detail="; ".join(faults) or "greedy, as evaluated: the server file sets temperature 0 and no penalty",
        fix="take these keys out of generation_config.json: vLLM does not know them" if faults else "",
    )
