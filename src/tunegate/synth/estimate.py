"""What `--dry-run` shows: one request as it would be sent, and what the whole would cost."""

from decimal import Decimal
from typing import NamedTuple

from tunegate.core.data_settings import Synth
from tunegate.core.files import dump_json
from tunegate.endpoint.request import Request, Tokens, worst_case
from tunegate.synth.budget import Budget
from tunegate.synth.plan import Plan
from tunegate.synth.prompt import shown
from tunegate.synth.seeds import turns_of

BYTES_PER_TOKEN = 4  # of English text; only the estimate uses it, the cap counts each byte


class Estimate(NamedTuple):
    """The whole, about (every row is good, 4 bytes a token) and at most (three times the requests, each the worst)."""

    requests: int
    tokens: Tokens
    cost: Decimal
    most: Decimal


def estimate(plan: Plan, budget: Budget, rows: int) -> Estimate:
    """What `rows` more rows would take."""
    settings = plan.settings
    requests = -(-rows // settings.variations)
    example, _ = plan.request(0)
    size = sum(len(dump_json(turns_of(row)).encode("utf-8")) for row in plan.seeds.rows) / len(plan.seeds.rows)
    answer = min(settings.max_tokens, round(size * settings.variations / BYTES_PER_TOKEN) + len(shown([])))
    asked = len(dump_json(list(example.messages)).encode("utf-8")) // BYTES_PER_TOKEN
    tokens = Tokens(prompt=requests * asked, completion=requests * answer)
    worst = worst_case(example.messages, settings.max_tokens, example.form)
    return Estimate(requests, tokens, budget.cost(tokens), budget.cost(worst) * plan.most)


def show(request: Request, found: Estimate, settings: Synth, budget: Budget) -> str:
    """The page of a dry run."""
    turns = "\n".join(f"--- {turn['role']}\n{turn['content']}" for turn in request.messages)
    said = (
        f"{found.tokens.prompt:,} tokens in, {found.tokens.completion:,} out, "
        f"cost {money(found.cost)}; never more than {money(found.most)}"
    )
    cap = "no max_cost is set" if budget.limit is None else f"max_cost is {budget.limit}"
    return "\n".join(
        [
            f"request {request.number + 1}, as it would be sent to {settings.model} at {settings.endpoint}:",
            turns,
            "---",
            f"sampling: {dump_json(request.sampling)}, response_format json_schema where the endpoint takes it",
            f"the whole: about {found.requests:,} requests, {said}",
            f"{cap}; spent so far: {money(budget.spent.cost)}; nothing was asked now",
        ]
    )


def money(amount: Decimal) -> str:
    """An amount in the currency of the prices."""
    return f"{amount:.4f}"
