"""A real vLLM server with both adapters, held against transformers + peft: the same prompts, temperature 0.

Needs `make repro` and `.venv-serve/ready` before; `.ci/run` makes both.
"""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tunegate.core.evaluate_settings import Server as Endpoint
from tunegate.core.params import load_params
from tunegate.models.base import Loaded
from tunegate.records.example import read_examples
from tunegate.records.released import Released
from tunegate.serve.plan import ADAPTERS, folder
from tunegate.serve.render import config
from tunegate.vllm.process import command, environment, wait_until_healthy

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PARAMS = load_params(ROOT / "params.yaml")
KEYS = tuple(PARAMS.adapters)
PROMPTS, NEW_TOKENS, LEAST = 60, 96, 0.98
Chat = list[dict[str, str]]


class Server(NamedTuple):
    """Where the server answers."""

    url: str

    def ask(self, model: str, chat: Chat) -> str:
        body = {"model": model, "messages": chat, "temperature": 0, "max_tokens": NEW_TOKENS}
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - our own server
            content: str = json.load(answer)["choices"][0]["message"]["content"]
            return content


def prompts(key: str) -> list[Chat]:
    rows = read_examples(ROOT / "build" / "data" / key / "test.jsonl")[:PROMPTS]
    return [[message.plain() for message in row.prompt] for row in rows]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """VLLM on the rendered file, with both adapters as versions 1.0.0."""
    root = tmp_path_factory.mktemp("serving")
    rank = {key: str(PARAMS.adapters[key].train.rank) for key in KEYS}
    versions = [Released(key, "1.0.0", "c" * 40, {"rank": rank[key], "method": "lora"}) for key in KEYS]
    (root / ADAPTERS).mkdir(parents=True)
    for version in versions:
        adapter = ROOT / "build" / "adapters" / version.key
        assert adapter.is_dir(), "run `make repro` first"
        (root / folder(version)).symlink_to(adapter)
    content = yaml.safe_load(config(versions, PARAMS))
    content.update(model=str(ROOT / PARAMS.base.model), port=8765)
    (root / "vllm.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    log = (root / "log").open("wb")
    process = subprocess.Popen(
        [*command(ROOT), "--config", "vllm.yaml"], cwd=root, env=environment(), stdout=log, stderr=log
    )
    try:
        url = f"http://{content['host']}:{content['port']}"
        wait_until_healthy(process, f"{url}/health")
        yield Server(url)
    finally:
        process.terminate()
        process.wait()
        log.close()


@pytest.fixture(scope="module")
def expected() -> dict[str, list[str]]:
    """What transformers (and peft) answer: the base on the prompts of the first adapter, each adapter on its own."""
    from tunegate.models.adapter import load_candidate
    from tunegate.models.base import load_base

    found = {"base": answers(load_base(PARAMS.base), prompts(KEYS[0]))}
    for key in KEYS:
        found[key] = answers(load_candidate(PARAMS.base, ROOT / "build" / "adapters" / key), prompts(key))
    return found


def answers(loaded: Loaded, chats: list[Chat]) -> list[str]:
    from tunegate.models.generate import Limits, generate, render

    made = generate(loaded, render(loaded.tokenizer, chats), Limits(NEW_TOKENS, 32))
    return [answer.text for answer in made]


@pytest.mark.parametrize("together", [1, 16])
@pytest.mark.parametrize("name", ["base", *KEYS])
def test_served_answers_are_those_of_transformers(
    server: Server, expected: dict[str, list[str]], name: str, together: int
) -> None:
    model = name if name == "base" else f"{name}-v1.0.0"
    chats = prompts(KEYS[0] if name == "base" else name)
    with ThreadPoolExecutor(together) as pool:
        served = list(pool.map(lambda chat: server.ask(model, chat), chats))
    differ = [(s, e) for s, e in zip(served, expected[name], strict=True) if s != e]
    assert len(served) >= 50
    assert 1 - len(differ) / len(served) >= LEAST, differ


def test_base_and_adapters_answer_otherwise(server: Server) -> None:
    chats = prompts(KEYS[0])[:10]
    said = {m: [server.ask(m, chat) for chat in chats] for m in ("base", *(f"{key}-v1.0.0" for key in KEYS))}
    assert len({json.dumps(answers) for answers in said.values()}) == 1 + len(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_an_evaluation_as_served(server: Server, expected: dict[str, list[str]], key: str) -> None:
    """The back end of `evaluate`: the same answers and prompts as in this process, base and adapter comparable."""
    from tunegate.evaluate.backends import Remote, other_counts
    from tunegate.models.base import base_folder, load_tokenizer

    tokenizer = load_tokenizer(base_folder(PARAMS.base))
    settings = PARAMS.adapters[key].evaluate.model_copy(update={"max_new_tokens": NEW_TOKENS})
    url = f"{server.url}/v1"
    served = Remote(Endpoint(url=url, model=f"{key}-v1.0.0"), "evaluate.backend.openai", settings, tokenizer)
    found = served.answer(prompts(key))
    same = sum(one.answer.text == text for one, text in zip(found, expected[key], strict=True))
    assert same / len(found) >= LEAST
    assert {one.answer.reason for one in found} == {"stop"}
    assert all(one.answer.tokens > 1 for one in found)
    assert other_counts(found) == "", "the server writes the prompt as the template has it"
    base = Remote(Endpoint(url=url, model="base"), "evaluate.backend.openai", settings, tokenizer)
    base.answer(prompts(key)[:3])
    assert base.conditions() == served.conditions()
    assert str(served.conditions()["server"][0]).startswith("vllm-")
