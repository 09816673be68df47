"""The candidate on a real server: is it there under its name, and what was measured here?"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tunegate.core.settings import Base
from tunegate.models.adapter import is_full, quantiser
from tunegate.probe.expected import Expected
from tunegate.probe.parity import answers_match, logprobs_match, tokens_match
from tunegate.probe.server import BASE_NAME, NAME, running
from tunegate.records.probe import Check
from tunegate.vllm.server import Refused, Server, Troubled

SAME = {"float32": 0.98, "bfloat16": 0.90, "float16": 0.90}  # share of equal answers: near-ties turn by rounding
# Nats a token by which the worst answer may differ, on average over its tokens. In 16 bits kernels round otherwise.
NEAR = {"float32": 2e-3, "bfloat16": 5e-2, "float16": 2e-2}
QUANTISED = 0.1  # the server's kernels round activations otherwise than the unpacked model does
ASKED = ("served_tokens_match", "served_answers_match", "served_logprobs_match")


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
        if not there.passed:
            return (there, *(_unasked(name, len(wanted), there) for name in ASKED))
        return (
            there,
            tokens_match(server, wanted),
            answers_match(server, wanted, SAME[base.dtype]),
            logprobs_match(server, wanted, QUANTISED if quantiser(adapter) else NEAR[base.dtype]),
        )


def under_its_name(server: Server, adapter: Path, room: int) -> Check:
    """The server takes the candidate as `serve reconcile` loads it, and lists it: on the base, with the room.

    Raises:
        Unanswered: the server is gone, which says nothing of the candidate.
    """
    refusal = "" if is_full(adapter) else _refusal(server, adapter)
    fault = refusal or _listing_fault(server.get("/v1/models")["data"], adapter, room)
    version = server.get("/version")["version"]
    return Check(
        name="served_under_its_name",
        passed=not fault,
        cases=1,
        detail=fault or f"vLLM {version} takes it and lists it, with room for {room} tokens",
        fix="train a plain LoRA adapter (train.method: lora) on the base of params.yaml" if fault else "",
    )


def _refusal(server: Server, adapter: Path) -> str:
    try:
        server.load(NAME, adapter.absolute())
    except (Refused, Troubled) as fault:  # to some adapters vLLM says HTTP 500, and lives on
        return f"vLLM refuses the candidate: {fault}"
    return ""


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


def not_started(fits: Check, wanted: Sequence[Expected]) -> tuple[Check, ...]:
    """The same checks of a candidate that no vLLM takes, by `adapter_fits_vllm`: none is started for it."""
    return tuple(_unasked(name, len(wanted), fits) for name in ("served_under_its_name", *ASKED))


def _unasked(name: str, cases: int, there: Check) -> Check:
    return Check(name=name, passed=False, cases=cases, detail=f"not asked: {there.detail}", fix=there.fix)
