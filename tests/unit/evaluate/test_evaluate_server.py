"""Answers from a server: real sockets. In order, counted, never cached; what the server does not take is recorded."""

import json
from pathlib import Path
from typing import Any

import pytest
from teacher_server import Action, Body, fails, says, serving
from tiny_data import make_tiny_data

from tunegate.core.errors import DataError, ModelError, SettingsError
from tunegate.core.evaluate_settings import Backend, Evaluate, Served, Server
from tunegate.core.settings import Adapter, Base, General, Params
from tunegate.evaluate import stage
from tunegate.evaluate.backends import Declared, Local, Remote, baseline_backend, candidate_backend, other_counts
from tunegate.models.base import load_base
from tunegate.records.scores import ScoreFile

METRICS = Path(__file__).parents[3] / "evals" / "metrics"
CHATS = [[{"role": "user", "content": f"question {at}"}] for at in range(9)]
SETTINGS = Evaluate(metrics=("exact_match",), max_new_tokens=7)


def echo(body: Body, number: int) -> Action:
    """Answer with the question, the first ones last."""
    usage = {"prompt_tokens": 11, "completion_tokens": 3}
    action = says(body["messages"][-1]["content"], usage=usage, system_fingerprint="v1", finish_reason="stop")
    action.delay = 0.05 if number < 3 else 0.0
    return action


def remote(url: str, **more: Any) -> Remote:
    return Remote(Server(url=url, model="adapter", concurrency=4, **more), "evaluate.backend.openai", SETTINGS)


def test_answers_come_in_order_with_reasons_and_the_servers_counts() -> None:
    with serving(echo) as server:
        backend = remote(server.endpoint)
        found = backend.answer(CHATS)
        again = backend.answer(CHATS)
    assert [one.answer.text for one in found] == [f"question {at}" for at in range(9)]
    assert {(one.answer.reason, one.answer.tokens, one.answer.seen) for one in found} == {("stop", 3, 11)}
    assert again == found
    assert len(server.asked) == 18, "nothing is cached: the same name may serve other weights by now"
    assert server.most_at_once > 1
    body = server.asked[0].body
    assert (body["temperature"], body["max_tokens"], body["model"]) == (0.0, 7, "adapter")
    assert backend.conditions() == {
        "backend": "openai",
        "decoding": "greedy",
        "max_new_tokens": 7,
        "server": ["v1"],
    }
    assert backend.declared() == {"served": {"url": server.endpoint, "model": "adapter"}}


def test_an_answer_that_was_cut_off_or_filtered_says_so() -> None:
    reasons = ["length", "content_filter", "stop"]
    with serving(lambda _, number: says("x", finish_reason=reasons[number % 3])) as server:
        found = Remote(Server(url=server.endpoint, model="m", concurrency=1), "w", SETTINGS).answer(CHATS[:3])
    assert [one.answer.reason for one in found] == ["length", "other", "stop"]


def test_a_server_that_takes_no_temperature_is_another_decoding() -> None:
    def script(body: Body, _: int) -> Action:
        refused = fails(400, "no such parameter", param="temperature")
        return refused if "temperature" in body else says("yes")

    with serving(script) as server:
        backend = remote(server.endpoint)
        assert [one.answer.text for one in backend.answer(CHATS[:2])] == ["yes", "yes"]
    assert backend.conditions()["decoding"] == "as the server likes: it takes no temperature"


def test_one_chat_without_an_answer_is_no_evidence() -> None:
    def script(body: Body, _: int) -> Action:
        return fails(400, "too long") if body["messages"][0]["content"] == "question 5" else says("yes")

    with serving(script) as server, pytest.raises(ModelError, match="HTTP 400: too long"):
        remote(server.endpoint).answer(CHATS)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="cannot reach") as caught:
        remote("http://127.0.0.1:9/v1").answer(CHATS[:1])
    assert "evaluate.backend.openai.url" in caught.value.next_step


def test_the_key_goes_into_one_header_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    with serving(echo) as server:
        backend = remote(server.endpoint, key_env="SOME_KEY")
        with pytest.raises(SettingsError, match="SOME_KEY holds no key"):
            backend.answer(CHATS[:1])
        monkeypatch.setenv("SOME_KEY", "sk-secret")
        backend.answer(CHATS[:1])
    assert server.asked[0].headers["authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in json.dumps([server.asked[0].body, backend.conditions(), backend.declared()])


def test_turns_of_tools_are_refused_not_lost() -> None:
    chat = [{"role": "tool", "content": "3", "tool_call_id": "a"}]
    with pytest.raises(DataError, match="tool_call_id"):
        remote("http://127.0.0.1:9/v1").answer([chat])


def test_who_answers_is_what_params_yaml_says(tiny_base: Path) -> None:
    base = Base(model=str(tiny_base))
    served = Served(url="http://127.0.0.1:9/v1", model="triage", base="desk")
    other = Server(url="http://127.0.0.1:9/v1", model="big")
    loaded = load_base(base)
    plain, through, against = (
        SETTINGS.model_copy(update={"backend": backend})
        for backend in (Backend(), Backend(openai=served), Backend(openai=served, baseline=other))
    )
    assert isinstance(baseline_backend(base, plain), Local)
    assert isinstance(candidate_backend(loaded, base, plain), Local)
    assert baseline_backend(base, through).declared()["served"]["model"] == "desk"
    assert candidate_backend(loaded, base, through).declared()["served"]["model"] == "triage"
    for backend, model in (
        (baseline_backend(base, against), "big"),
        (candidate_backend(loaded, base, against), "triage"),
    ):
        assert isinstance(backend, Declared)
        assert backend.conditions() == {"max_new_tokens": 7}, "params.yaml says that the back ends differ"
        assert backend.declared()["served"]["model"] == model
        assert backend.declared()["backend"]["backend"] == "openai"


def test_the_base_under_the_adapters_name_is_refused() -> None:
    with pytest.raises(ValueError, match="the base would be scored as the candidate"):
        Served(url="http://host/v1", model="desk", base="desk")


def test_prompts_that_the_server_writes_otherwise_are_told(tiny_base: Path) -> None:
    tokenizer = load_base(Base(model=str(tiny_base))).tokenizer
    with serving(echo) as server:
        found = Remote(Server(url=server.endpoint, model="m"), "w", SETTINGS, tokenizer).answer(CHATS[:3])
    assert other_counts(found) == "the server's prompts have other lengths than the template's in 3 of 3"
    assert found[0].prompt.text.endswith("<|assistant|>")
    right = [one._replace(answer=one.answer._replace(seen=len(one.prompt.ids))) for one in found]
    assert other_counts(right) == ""


def test_a_baseline_as_served(tiny_base: Path, tmp_path: Path) -> None:
    data = make_tiny_data(tmp_path / "data")
    with serving(lambda *_: says('{"product": "camera"}', system_fingerprint="v1")) as server:
        backend = {"openai": {"url": server.endpoint, "model": "tiny", "base": "base"}}
        evaluate = {"metrics": ["product"], "max_new_tokens": 4, "backend": backend}
        adapter = Adapter.model_validate(
            {
                "baseline": {"metric": "product", "system": ["Answer in JSON."], "shots": [0]},
                "evaluate": evaluate,
                "gate": {"gains": [{"metric": "product"}]},
                "release": {"description": "d", "intended_use": "u", "headline": ["product"]},
            }
        )
        params = Params(base=Base(model=str(tiny_base)), general=General(tasks=("t",)), adapters={"tiny": adapter})
        out = tmp_path / "out"
        folders = stage.Folders(data, METRICS)
        stage.baseline("tiny", params, folders, scores=tmp_path / "b.jsonl", outputs=out, say=lambda _: None)
    assert {asked.body["model"] for asked in server.asked} == {"base"}
    validation, test = ScoreFile.load(tmp_path / "b.jsonl").tasks
    assert test.must_match["backend"] == "openai"
    assert sum(sample.scores["product"] for sample in test.samples) == 2
    lines = [json.loads(line) for line in (out / "task.jsonl").read_text().splitlines()]
    assert len(lines) == len(validation.samples) + len(test.samples)
    assert {(line["finish_reason"], line["new_tokens"], line["prompt_tokens"]) for line in lines} == {("stop", 40, 120)}
