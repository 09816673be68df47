"""`gate.served`: the probe with a real vLLM on the example's adapter, sound, and made to violate each check.

Needs `make repro` and `.venv-serve/ready` before; `.ci/run` makes both.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tunegate.core.params import load_params
from tunegate.judge.rows import REQUIRED_CHECKS, SERVED_CHECKS
from tunegate.models.base import Loaded
from tunegate.probe import server as start
from tunegate.probe.expected import Expected, expected
from tunegate.probe.files import read_answers
from tunegate.probe.parity import answers_match, logprobs_match, tokens_match
from tunegate.probe.served import NEAR, SAME, under_its_name
from tunegate.probe.stage import probe
from tunegate.records.example import read_examples
from tunegate.records.probe import Check
from tunegate.vllm.server import Server

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PARAMS = load_params(ROOT / "params.yaml")
BASE = PARAMS.base
KEY, ROOM = "triage", PARAMS.serve.max_model_len
BUILD = ROOT / "build"
ADAPTER = BUILD / "adapters" / KEY


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The base's server with the sound adapter on it."""
    assert ADAPTER.is_dir(), "run `make repro` first"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        with start.running(ADAPTER, BASE, ROOM) as running:
            running.load(start.NAME, ADAPTER)
            yield running


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    from tunegate.models.adapter import load_candidate

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return load_candidate(BASE, ADAPTER)


def recorded(loaded: Loaded) -> list[Expected]:
    examples = read_examples(BUILD / "data" / KEY / "test.jsonl")
    given = read_answers(BUILD / "outputs" / KEY / "candidate" / "task.jsonl")
    return expected(loaded, examples, given, 40, PARAMS.adapters[KEY].evaluate.max_new_tokens)


@pytest.fixture(scope="module")
def wanted(loaded: Loaded) -> list[Expected]:
    return recorded(loaded)


def answers(server: Server, rows: list[Expected]) -> Check:
    return answers_match(server, rows, SAME[BASE.dtype])


def logprobs(server: Server, rows: list[Expected]) -> Check:
    return logprobs_match(server, rows, NEAR[BASE.dtype])


def said(check: Check) -> str:
    """What a check that does not hold says; it names the remedy too."""
    assert not check.passed
    assert check.fix
    return check.detail


def test_a_sound_adapter_passes_all_checks() -> None:
    found = probe(
        BUILD / "data" / KEY,
        ADAPTER,
        BUILD / "outputs" / KEY / "candidate",
        base=BASE,
        settings=PARAMS.adapters[KEY].evaluate,
        room=ROOM,
        served=True,
    )
    assert [check.name for check in found.checks] == [*REQUIRED_CHECKS, *SERVED_CHECKS]
    assert [check.detail for check in found.checks if not check.passed] == []
    assert {check.name: check.cases for check in found.checks}["served_answers_match"] >= 50
    assert str(ROOT) not in found.model_dump_json()


def test_other_tokens_than_those_recorded(server: Server, wanted: list[Expected]) -> None:
    rows = [*wanted[1:], wanted[0]._replace(prompt=(*wanted[0].prompt, 1))]
    detail = said(tokens_match(server, rows))
    assert detail == f"39 of 40 prompts have the server's token ids; first other: {wanted[0].identity}"


def test_other_answers_than_those_recorded(server: Server, wanted: list[Expected]) -> None:
    rows = [row._replace(text="{}") for row in wanted[:2]] + wanted[2:]
    assert "38 of 40 answers are those recorded" in said(answers(server, rows))
    endless = [row._replace(reason="length") for row in wanted[:2]] + wanted[2:]
    assert "38 of 40" in said(answers(server, endless))


def test_another_strength_of_the_adapter(server: Server, loaded: Loaded, wanted: list[Expected]) -> None:
    """Served at half its scaling it says nearly the same words; the log-probabilities tell."""
    layers = [module for module in loaded.model.modules() if isinstance(getattr(module, "scaling", None), dict)]
    for layer in layers:
        layer.scaling["default"] /= 2
    try:
        weaker = recorded(loaded)
    finally:
        for layer in layers:
            layer.scaling["default"] *= 2
    assert "allowed 0.002" in said(logprobs(server, weaker))
    assert logprobs(server, wanted).passed


def test_one_answer_of_the_base_among_sixteen(server: Server, loaded: Loaded, wanted: list[Expected]) -> None:
    """What a server does that mixes up adapters within a batch: one wrong row is enough."""
    with loaded.model.disable_adapter():
        base = recorded(loaded)
    assert "allowed 0.002" in said(logprobs(server, [*wanted[:7], base[7], *wanted[8:]]))


@pytest.mark.parametrize(
    ("changes", "reason"), [({"use_dora": True}, "DoRA"), ({"r": 64}, "rank 64"), ({"bias": "all"}, "bias")]
)
def test_an_adapter_that_the_server_refuses(
    server: Server, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    shutil.copytree(ADAPTER, tmp_path / "adapter")
    path = tmp_path / "adapter" / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    server.unload(start.NAME)
    try:
        check = under_its_name(server, tmp_path / "adapter", ROOM)
    finally:
        server.load(start.NAME, ADAPTER)
    assert not check.passed
    assert check.fix
    assert reason.lower() in check.detail.lower()


def test_another_folder_under_the_name_and_less_room(server: Server, tmp_path: Path) -> None:
    assert under_its_name(server, ADAPTER, ROOM).passed
    assert under_its_name(server, ADAPTER, 2 * ROOM).detail == f"vLLM gives {ROOM} tokens, not {2 * ROOM}"
    shutil.copytree(ADAPTER, tmp_path / "adapter")
    assert "another folder" in under_its_name(server, tmp_path / "adapter", ROOM).detail


def test_a_server_that_samples(wanted: list[Expected], monkeypatch: pytest.MonkeyPatch) -> None:
    """As vLLM does by itself where the base's repository has sampling of its own, and nothing overrides it."""
    monkeypatch.setattr(start, "AS_EVALUATED", {"temperature": 1.5})
    with start.running(ADAPTER, BASE, ROOM) as sampling:
        sampling.load(start.NAME, ADAPTER)
        assert "answers are those recorded" in said(answers(sampling, wanted))
        assert logprobs(sampling, wanted).passed  # the model itself is right
