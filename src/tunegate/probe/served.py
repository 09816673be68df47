"""Checks on a real server: is the candidate there what was measured here? Names, tokens, answers, log-probabilities."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tunegate.core.settings import Base
from tunegate.models.adapter import is_full, quantiser
from tunegate.probe.expected import Expected
from tunegate.probe.server import BASE_NAME, NAME, running
from tunegate.records.probe import Check
from tunegate.vllm.server import Refused, Server, Unanswered

TOGETHER = (1, 16)  # requests at once: faults of batching show in the second alone
ROWS = 32  # of log-probabilities; two batches
TOP = 5  # tokens that the server names at each place; the most that the API gives
SAME = {"float32": 0.98, "bfloat16": 0.90, "float16": 0.90}  # share of equal answers: near-ties turn by rounding
# Nats a token by which the worst answer may differ, on average over its tokens. In 16 bits kernels round otherwise.
NEAR = {"float32": 2e-3, "bfloat16": 5e-2, "float16": 2e-2}
QUANTISED = 0.1  # the server's kernels round activations otherwise than the unpacked model does
Ask = Callable[[Expected], Any]


def served_checks(adapter: Path, base: Base, room: int, wanted: Sequence[Expected]) -> tuple[Check, ...]:
    """Start a server and ask it.

    Args:
        adapter: the candidate's folder.
        base: of params.yaml, in the candidate's number format.
        room: `serve.max_model_len`.
        wanted: recorded answers, what transformers gives their tokens.

    Raises:
        MachineError: no vLLM here, it did not start, or it stopped answering.
    """
    with running(adapter, base, room) as server:
        there = under_its_name(server, adapter, room)
        if there.passed:
            return (there, *(check(server, wanted, adapter, base) for check in CHECKS.values()))
    return (there, *(_unasked(name, len(wanted), there) for name in CHECKS))


def under_its_name(server: Server, adapter: Path, room: int) -> Check:
    """The server takes the candidate as `serve reconcile` loads it, and lists it: on the base, with the room."""
    try:
        if not is_full(adapter):
            server.load(NAME, adapter.absolute())
        fault = _listing_fault(server.get("/v1/models")["data"], adapter, room)
    except (Refused, Unanswered) as refusal:  # vLLM says 500 to some adapters; if it is dead, the next line tells
        fault = f"vLLM refuses the candidate: {refusal}"
    version = server.get("/version")["version"]
    return Check(
        name="served_under_its_name",
        passed=not fault,
        cases=1,
        detail=fault or f"vLLM {version} takes it and lists it, with room for {room} tokens",
        fix="train a plain LoRA adapter (train.method: lora) on the base of params.yaml" if fault else "",
    )


def _listing_fault(models: Iterable[dict[str, Any]], adapter: Path, room: int) -> str:
    cards = {str(card["id"]): card for card in models}
    if NAME not in cards:
        return f"vLLM lists {', '.join(cards) or 'nothing'}, not the candidate"
    card, holder = cards[NAME], cards[NAME if is_full(adapter) else BASE_NAME]
    if card["root"] != str(adapter.absolute()):
        return "vLLM lists another folder under the candidate's name"
    if not is_full(adapter) and card.get("parent") != BASE_NAME:
        return f"vLLM puts it on {card.get('parent')!r}, not on the base"
    return "" if holder["max_model_len"] == room else f"vLLM gives {holder['max_model_len']} tokens, not {room}"


def _tokens(server: Server, wanted: Sequence[Expected], adapter: Path, base: Base) -> Check:
    """`/tokenize` gives each recorded prompt's ids: the server's template and tokenizer are those of evaluation."""
    del adapter, base

    def ask(row: Expected) -> bool:
        body = {"model": NAME, "messages": row.chat, "add_generation_prompt": True}
        return tuple(server.post("/tokenize", body)["tokens"]) == row.prompt

    wrong = [row.identity for row, same in zip(wanted, _all(ask, wanted, TOGETHER[-1]), strict=True) if not same]
    return Check(
        name="served_tokens_match",
        passed=not wrong,
        cases=len(wanted),
        detail=f"{len(wanted) - len(wrong)} of {len(wanted)} prompts have the server's token ids{_first(wrong)}",
        fix="serve the base's own tokenizer and chat template; leave no other beside the adapter" if wrong else "",
    )


def _answers(server: Server, wanted: Sequence[Expected], adapter: Path, base: Base) -> Check:
    """Requests that set no sampling get the recorded answers, ended as recorded."""
    del adapter

    def ask(row: Expected) -> bool:
        body = {"model": NAME, "messages": row.chat, "max_tokens": max(len(row.answer), 1)}
        choice = server.post("/v1/chat/completions", body)["choices"][0]
        return (choice["message"]["content"], choice["finish_reason"]) == (row.text, row.reason)

    wrong = [row.identity for row, same in zip(wanted, _all(ask, wanted, TOGETHER[-1]), strict=True) if not same]
    passed = len(wanted) - len(wrong) >= SAME[base.dtype] * len(wanted)
    return Check(
        name="served_answers_match",
        passed=passed,
        cases=len(wanted),
        detail=f"{len(wanted) - len(wrong)} of {len(wanted)} answers are those recorded, at the server's own sampling"
        f"{_first(wrong)}",
        fix="" if passed else "check the base's generation_config.json and stop tokens, then `dvc repro evaluate`",
    )


def _logprobs(server: Server, wanted: Sequence[Expected], adapter: Path, base: Base) -> Check:
    """The recorded answers' tokens are as likely there as here, alone and 16 at once."""
    some, near = wanted[:ROWS], QUANTISED if quantiser(adapter) else NEAR[base.dtype]

    def ask(row: Expected) -> float:
        body = {"model": NAME, "prompt": row.prompt, "max_tokens": len(row.answer), "logprobs": TOP}
        choice = server.post("/v1/completions", {**body, "return_tokens_as_token_ids": True})["choices"][0]
        return gap(row, choice["logprobs"]["tokens"], choice["logprobs"]["top_logprobs"])

    gaps = {together: max(_all(ask, some, together)) for together in TOGETHER}
    passed = all(gap <= near for gap in gaps.values())  # also not when one is no number
    said = "; ".join(f"{together} at once: {gap:.2g}" for together, gap in gaps.items())
    return Check(
        name="served_logprobs_match",
        passed=passed,
        cases=len(some),
        detail=f"log-probabilities of the worst answer differ by nats a token: {said} (allowed {near:.2g})",
        fix="" if passed else "the server runs another model: check target modules, dtype and the base it has loaded",
    )


def gap(row: Expected, written: Sequence[str], likely: Sequence[dict[str, float]]) -> float:
    """Nats a token by which the server's log-probabilities of a recorded answer differ from those here, on average up
    to where it writes another token; infinite where the recorded one is not among its most likely there.

    `written`: its tokens, as `token_id:N`; `likely`: at each place its most likely ones, with log-probabilities.
    """
    apart = []
    for token, here, said, there in zip(row.answer, row.logprobs, written, likely, strict=False):
        apart.append(abs(there.get(f"token_id:{token}", math.inf) - here))
        if said != f"token_id:{token}":
            break
    return sum(apart) / len(apart) if apart else math.inf


CHECKS = {"served_tokens_match": _tokens, "served_answers_match": _answers, "served_logprobs_match": _logprobs}


def _all(ask: Ask, rows: Sequence[Expected], together: int) -> list[Any]:
    with ThreadPoolExecutor(together) as pool:
        return list(pool.map(ask, rows))


def not_started(fits: Check, wanted: Sequence[Expected]) -> tuple[Check, ...]:
    """The same checks of a candidate that no vLLM takes, by `adapter_fits_vllm`: none is started for it."""
    return tuple(_unasked(name, len(wanted), fits) for name in ("served_under_its_name", *CHECKS))


def _unasked(name: str, cases: int, there: Check) -> Check:
    return Check(name=name, passed=False, cases=cases, detail=f"not asked: {there.detail}", fix=there.fix)


def _first(wrong: Sequence[str]) -> str:
    return f"; first other: {wrong[0]}" if wrong else ""
