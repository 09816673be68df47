"""The client that `synth` and `evaluate` share: what it asks without a response format, and what messages name."""

import asyncio

import pytest
from teacher_server import Action, Body, fails, says, serving

from tunegate.core.errors import ModelError
from tunegate.endpoint.client import Client, GaveUp, Patience, Target, Unlimited
from tunegate.endpoint.protocol import Place
from tunegate.endpoint.request import Reply, Request

QUICK = Patience(first_wait=0.01, connect=1, answer=2)


def request(url: str) -> Request:
    return Request(
        endpoint=url,
        model="m",
        revision=None,
        number=0,
        messages=({"role": "user", "content": "hello"},),
        sampling={"temperature": 0.0, "max_tokens": 5},
    )


def ask(url: str, times: int = 1) -> tuple[list[Reply], Client]:
    place = Place(f"m at {url}", "SOME_KEY", "evaluate.judge.model", "evaluate.judge.url")
    client = Client(Target(url, place, 5), None, Unlimited(), QUICK)

    async def go() -> list[Reply]:
        async with client:
            return [await client.ask(request(url)) for _ in range(times)]

    return asyncio.run(go()), client


def test_without_a_form_none_is_sent() -> None:
    with serving(lambda *_: says("yes")) as server:
        (reply,), _ = ask(server.endpoint)
    assert server.asked[0].body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "temperature": 0.0,
        "max_tokens": 5,
    }
    assert reply.sent == {"temperature": 0.0, "max_tokens": 5}


def test_what_the_endpoint_does_not_take_is_left_out_from_then_on() -> None:
    def script(body: Body, _: int) -> Action:
        return fails(400, "use 'max_completion_tokens'", param="max_tokens") if "max_tokens" in body else says("yes")

    with serving(script) as server:
        replies, client = ask(server.endpoint, times=3)
    assert len(server.asked) == 4
    assert all(reply.sent == {"temperature": 0.0, "max_completion_tokens": 5} for reply in replies)
    assert client.refused == {"max_tokens"}


def test_a_refusal_that_names_nothing_is_final_where_there_is_no_form() -> None:
    with serving(lambda *_: fails(400, "bad question")) as server, pytest.raises(GaveUp, match="bad question"):
        ask(server.endpoint)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (401, "set SOME_KEY to a key that this endpoint knows"),
        (404, "correct evaluate.judge.model or evaluate.judge.url"),
        (418, "correct the evaluate.judge section"),
    ],
)
def test_messages_name_the_section_that_is_wrong(status: int, step: str) -> None:
    with serving(lambda *_: fails(status)) as server, pytest.raises(ModelError) as caught:
        ask(server.endpoint)
    assert step in caught.value.next_step
    assert "m at http" in caught.value.message
