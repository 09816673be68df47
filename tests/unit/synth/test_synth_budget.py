"""The spending cap, in exact arithmetic: what was spent, what could be, and when it stops."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth_project import QUICK, REPOSITORY, cache, made, make_synth_project, run_synth
from teacher_server import Action, Body, fails, good, rows_for, says, serving
from tokenizers import Tokenizer

from tunegate.core.data_settings import Synth
from tunegate.core.errors import DataError
from tunegate.endpoint.client import Client
from tunegate.endpoint.request import PER_MESSAGE, PER_REQUEST, Tokens, worst_case
from tunegate.synth.budget import Budget, Prices

TOKENIZER = Tokenizer.from_file(str(REPOSITORY / "examples" / "support" / "base" / "tokenizer.json"))


def settings(**more: object) -> Synth:
    return Synth.model_validate({"endpoint": "http://x/v1", "model": "m", "licence": "mit", **more})


def tokens(prompt: int, completion: int) -> Tokens:
    return Tokens(prompt=prompt, completion=completion)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_costs_are_exact(prompt: int, completion: int, cents_in: int, cents_out: int) -> None:
    prices = Prices.of(settings(price_in=cents_in / 100, price_out=cents_out / 100))
    cost = prices.cost(tokens(prompt, completion))
    assert cost * 100 * 10**6 == prompt * cents_in + completion * cents_out


def test_the_worst_case_counts_each_byte_as_a_token() -> None:
    found = worst_case([{"role": "user", "content": "häuser"}], 50)
    assert found == tokens(7 + PER_MESSAGE + PER_REQUEST, 50)


@given(st.text())
def test_a_real_tokenizer_never_makes_more_tokens_than_the_worst_case(text: str) -> None:
    assert len(TOKENIZER.encode(text).ids) <= worst_case([{"role": "user", "content": text}], 1).prompt - PER_REQUEST


def test_held_amounts_count_until_they_are_released(tmp_path: Path) -> None:
    with Budget(tmp_path, settings(price_in=1.0, price_out=2.0, max_cost=0.001)) as budget:
        worst = tokens(200, 150)  # 0.0005
        assert budget.hold(worst)
        assert budget.hold(worst)  # exactly the cap: not more than it
        assert not budget.hold(tokens(1, 0))
        number = budget.send("r" * 64, worst)
        budget.settle(number, "r" * 64, tokens(100, 50))
        budget.release(worst)
        assert budget.spent.cost == Decimal("0.0002")
        assert budget.hold(tokens(300, 0))
        assert not budget.hold(tokens(1, 0))


def test_the_ledger_outlives_the_process_and_a_try_without_an_end_counts_as_the_worst(tmp_path: Path) -> None:
    prices = settings(price_in=1.0, price_out=1.0)
    with Budget(tmp_path, prices) as budget:
        for end in ("counted", "lost", "refused", "killed"):
            number = budget.send(end, tokens(1000, 500))
            if end != "killed":
                budget.settle(number, end, tokens(10, 5) if end == "counted" else None, billed=end != "refused")
    with (tmp_path / "ledger.jsonl").open("ab") as stream:
        stream.write(b'{"try": 9, "cost"')  # cut short by the kill
    with Budget(tmp_path, prices) as budget:
        assert (budget.spent.prompt, budget.spent.completion, budget.spent.lost) == (10, 5, 2)
        assert budget.spent.cost == Decimal("0.003015")
        assert budget.spent.assumed == Decimal("0.003")
        budget.settle(budget.send("next", tokens(1, 1)), "next", tokens(1, 1))
    lines = (tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["try"] for line in lines][-2:] == [5, 5]


def test_a_broken_ledger_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text('{"try": 1}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"ledger\.jsonl:1"):
        Budget(tmp_path, settings())


def test_it_stops_before_the_request_that_could_exceed_the_cap(tmp_path: Path) -> None:
    """With one at a time: as many requests as the arithmetic allows, and not one more."""
    with serving() as server:
        prices = {"price_in": 1.0, "price_out": 10.0, "max_tokens": 100, "concurrency": 1}
        root = make_synth_project(tmp_path, server.endpoint, rows=400, **prices)
        with pytest.raises(DataError, match=r"could exceed max_cost 0\.02"):
            run_synth(root, max_cost=0.02)
        each = Decimal("0.00052")  # 120 in, 40 out, as the server counts
        answers = len(server.asked)
        with Budget(cache(root), settings()) as budget:
            assert budget.spent.cost == each * answers
        sizes = [sum(len(turn["content"].encode()) for turn in asked.body["messages"]) for asked in server.asked]
        held = [Decimal(size + PER_MESSAGE + PER_REQUEST + 1000) / 10**6 for size in sizes]  # without the form's bytes
        assert each * (answers - 1) + held[-1] <= Decimal("0.02")
        assert each * answers + max(held) + Decimal("0.0005") > Decimal("0.02")
        assert len(made(root)) == 4 * answers
        with pytest.raises(DataError, match="could exceed"):
            run_synth(root, max_cost=0.02)  # what was spent before counts: no way around the cap by asking again
        assert len(server.asked) == answers


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_cap_holds_however_many_ask_at_once(tmp_path: Path, concurrency: int) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=400, price_out=10.0, max_tokens=100)
        with pytest.raises(DataError, match="could exceed"):
            run_synth(root, max_cost=0.006, concurrency=concurrency)
        assert len(server.asked) == 13  # 0.0004 each: the fourteenth's worst case, 0.001, fits no more after 0.0052
        with Budget(cache(root), settings()) as budget:
            assert budget.spent.cost == Decimal("0.0052")


def test_a_price_of_nothing_counts_tokens_anyway(tmp_path: Path) -> None:
    with serving() as server:
        said = run_synth(make_synth_project(tmp_path, server.endpoint))
    assert "360 tokens in, 120 out, cost 0.0000" in said


def test_without_a_count_by_the_endpoint_the_worst_case_is_spent(tmp_path: Path) -> None:
    def silent(body: Body, _number: int) -> Action:
        content = json.dumps({"rows": rows_for(body, 4)})
        return says(content, usage=None if body["seed"] else {"prompt_tokens": -1, "completion_tokens": "many"})

    with serving(silent) as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=8, price_out=1.0, max_tokens=1000)
        said = run_synth(root)
    assert "0 tokens in, 0 out, cost 0.0020; 0.0020 of it assumed: 2 tries ended without a count" in said


def test_errors_of_the_endpoint_cost_nothing_and_lost_answers_do(tmp_path: Path) -> None:
    def script(body: Body, number: int) -> Action:
        return [fails(500), Action(pieces=(b"<html>",)), fails(429)][number] if number < 3 else good(body, number)

    with serving(script) as server:
        root = make_synth_project(tmp_path, server.endpoint, rows=4, price_out=1.0, max_tokens=1000)
        run_synth(root, QUICK._replace(tries=5))
        with Budget(cache(root), settings()) as budget:
            assert budget.spent.cost == Decimal("0.00104")  # one lost try at the worst, one counted answer


def test_the_worst_case_of_a_request_is_that_of_its_parts() -> None:
    from tiny_data import example

    from tunegate.synth.plan import Plan
    from tunegate.synth.rules import NO_RULES
    from tunegate.synth.seeds import Seeds

    plan = Plan(settings(max_tokens=77), Seeds([example("train", 1)], 3, 1), NO_RULES)
    request, _ = plan.request(0)
    assert Client.worst(request) == worst_case(request.messages, 77, request.form)
