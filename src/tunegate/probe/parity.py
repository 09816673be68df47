"""Is what a real server says what was measured here? Tokens, answers, log-probabilities; each a check with its name."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tunegate.probe.expected import Expected
from tunegate.probe.server import NAME
from tunegate.records.probe import Check
from tunegate.vllm.server import Server

TOGETHER = (1, 16)  # requests at once: faults of batching show in the second alone
ROWS = 32  # of log-probabilities; two batches
TOP = 5  # tokens that the server names at each place: as many as OpenAI's API gives
Ask = Callable[[Expected], Any]


def tokens_match(server: Server, wanted: Sequence[Expected]) -> Check:
    """`/tokenize` gives each recorded prompt's ids: the server's template and tokenizer are those of evaluation."""

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


def answers_match(server: Server, wanted: Sequence[Expected], share: float) -> Check:
    """Requests that set no sampling get the recorded answers, ended as recorded; `share` of them (0 to 1) is enough."""

    def ask(row: Expected) -> bool:
        body = {"model": NAME, "messages": row.chat, "max_tokens": row.limit}
        choice = server.post("/v1/chat/completions", body)["choices"][0]
        return (choice["message"]["content"], choice["finish_reason"]) == (row.text, row.reason)

    wrong = [row.identity for row, same in zip(wanted, _all(ask, wanted, TOGETHER[-1]), strict=True) if not same]
    passed = len(wanted) - len(wrong) >= share * len(wanted)
    return Check(
        name="served_answers_match",
        passed=passed,
        cases=len(wanted),
        detail=f"{len(wanted) - len(wrong)} of {len(wanted)} answers are those recorded, at the server's own sampling"
        f"{_first(wrong)}",
        fix="" if passed else "check the base's generation_config.json and stop tokens, then `dvc repro evaluate`",
    )


def logprobs_match(server: Server, wanted: Sequence[Expected], near: float) -> Check:
    """The recorded answers' tokens are as likely there as here, alone and 16 at once; `near`: nats a token.

    Answers whose tokens are not known are left out; `cases` counts the rest, and the gate takes none for an ERROR.
    """
    some = [row for row in wanted if row.as_written][:ROWS]

    def ask(row: Expected) -> float:
        body = {"model": NAME, "prompt": row.prompt, "max_tokens": len(row.answer), "logprobs": TOP}
        choice = server.post("/v1/completions", {**body, "return_tokens_as_token_ids": True})["choices"][0]
        return gap(row, choice["logprobs"]["tokens"], choice["logprobs"]["top_logprobs"])

    gaps = {together: _all(ask, some, together) for together in TOGETHER}
    passed = bool(some) and all(one <= near for found in gaps.values() for one in found)
    worst = "; ".join(f"{together} at once: {_worst(found):.2g}" for together, found in gaps.items())
    return Check(
        name="served_logprobs_match",
        passed=passed,
        cases=len(some),
        detail=f"log-probabilities of the worst answer differ by nats a token: {worst} (allowed {near:.2g})"
        if some
        else f"none of {len(wanted)} answers gives as many tokens as were written",
        fix="" if passed else "the server runs another model: check target modules, dtype and the base it has loaded",
    )


def gap(row: Expected, written: Sequence[str], likely: Sequence[dict[str, float]]) -> float:
    """Nats a token by which the server's log-probabilities of a recorded answer differ from those here, on average up
    to where it writes another token; infinite where the recorded one is not among its most likely there, or it wrote
    nothing.

    `written`: its tokens, as `token_id:N`; `likely`: at each place its most likely ones, with log-probabilities.
    """
    apart = []
    for token, here, said, there in zip(row.answer, row.logprobs, written, likely, strict=False):
        apart.append(abs(there.get(f"token_id:{token}", math.inf) - here))
        if said != f"token_id:{token}":
            break
    return sum(apart) / len(apart) if apart else math.inf


def _worst(gaps: Sequence[float]) -> float:
    """The largest; one that is no number is worse than any: `max` would pass over it."""
    return max(gaps, key=lambda one: (math.isnan(one), one), default=math.nan)


def _all(ask: Ask, rows: Sequence[Expected], together: int) -> list[Any]:
    with ThreadPoolExecutor(together) as pool:
        return list(pool.map(ask, rows))


def _first(wrong: Sequence[str]) -> str:
    return f"; first other: {wrong[0]}" if wrong else ""
