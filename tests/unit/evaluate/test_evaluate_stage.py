"""The three measurements on a tiny model: pairable score files, every answer kept, the same bytes each time."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_data import make_tiny_data

from tunegate.core.errors import DataError, EvidenceError
from tunegate.core.files import digest_tree, write_text
from tunegate.core.settings import Adapter, Base, General, Params
from tunegate.evaluate import stage
from tunegate.evaluate.baseline import Try, choose, ways
from tunegate.evaluate.general import draw
from tunegate.evaluate.task import Scored, Way
from tunegate.evaluate.values import merge
from tunegate.records.example import read_examples
from tunegate.records.scores import ScoreFile

TASK = """
task: tiny_yes
dataset_path: json
dataset_kwargs: {data_files: {test: tasks/yes.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
num_fewshot: 0
generation_kwargs: {until: ["\\n"], do_sample: false, max_gen_toks: 4}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
metadata: {version: 3}
"""
NOTHING = Scored((), (), merge([]))
FOLDERS = stage.Folders(Path("data"), Path(__file__).parents[3] / "evals" / "metrics")
ADAPTER = Adapter.model_validate(
    {
        "baseline": {"metric": "product", "system": ["", "Answer in JSON."], "shots": [0, 2]},
        "evaluate": {
            "metrics": ["exact_match", "schema_valid", "product", "macro_f1", "chrf"],
            "max_new_tokens": 4,
            "answer_schema": "schema.json",
            "classes": {"field": "product"},
        },
        "gate": {"gains": [{"metric": "product"}]},
        "release": {"description": "d", "intended_use": "u", "headline": ["product"]},
    }
)


@pytest.fixture
def params(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "hub"))
    shutil.copytree(tiny_base, "base")
    shutil.copytree(tiny_base, "tuned")
    make_tiny_data(Path("data"))
    write_text(Path("tasks/yes.yaml"), TASK)
    rows = [{"question": f"Is {at % 8} odd?", "answer": "yes", "family": f"f{at % 3}"} for at in range(10)]
    write_text(Path("tasks/yes.jsonl"), "".join(json.dumps(row) + "\n" for row in rows))
    general = General(tasks=("tiny_yes",), documents=8)
    return Params(base=Base(model="base"), general=general, adapters={"tiny": ADAPTER})


def quiet(text: str) -> None:
    del text


def test_base_and_candidate_on_general_tasks_pair_up(params: Params) -> None:
    stage.general(params, Path("tasks"), Path("general.jsonl"), quiet)
    folders = FOLDERS._replace(tasks=Path("tasks"), adapter=Path("tuned"), looks=Path("looks.jsonl"))
    stage.candidate("tiny", params, folders, scores=Path("candidate.jsonl"), outputs=Path("out"), say=quiet)
    base, candidate = ScoreFile.load(Path("general.jsonl")), ScoreFile.load(Path("candidate.jsonl"))
    assert candidate.measured.adapter == digest_tree(Path("tuned"))
    assert base.measured.base_digest == candidate.measured.base_digest
    assert [task.split for task in candidate.tasks] == ["validation", "test", "test"]
    ours, theirs = base.tasks[0], candidate.tasks[2]
    assert ours.must_match == theirs.must_match
    assert ours.version == "3"
    assert ours.samples == theirs.samples, "the same weights give the same scores, documents and prompts"
    assert len({(sample.doc, sample.repeat) for sample in ours.samples}) == 8
    assert {sample.cluster for sample in ours.samples} <= {"f0", "f1", "f2"}
    assert len(Path("out/general.jsonl").read_text().splitlines()) == 8
    task = candidate.tasks[1]
    assert task.metrics == ("exact_match", "schema_valid", "product")
    assert task.corpus == {"macro_f1": "macro_f1", "chrf": "chrf"}
    assert task.labels == ("camera", "router", "laptop", "phone")
    assert "signature" in str(task.must_match["metric chrf"])
    values = json.loads(Path("out/metrics.json").read_text())
    assert set(values["test"]) == {"n", "exact_match", "schema_valid", "product", "macro_f1", "chrf"}
    assert Path("out/confusion.png").read_bytes().startswith(b"\x89PNG")
    head, *lines = Path("out/confusion.csv").read_text().splitlines()
    assert head == "true class,camera,router,laptop,phone,(no class)"
    assert sum(int(count) for line in lines for count in line.split(",")[1:]) == 8


def test_the_baselines_prompt_is_chosen_on_validation_and_declared(params: Params) -> None:
    stage.baseline("tiny", params, FOLDERS, scores=Path("b.jsonl"), outputs=Path("out"), say=quiet)
    validation, test = ScoreFile.load(Path("b.jsonl")).tasks
    assert (validation.split, test.split) == ("validation", "test")
    tries = validation.declared["tries"]
    assert isinstance(tries, list)
    assert len(tries) == 4
    assert validation.declared == test.declared
    assert test.same_prompt is False
    assert {sample.cluster for sample in test.samples} == {"test-family-0", "test-family-1"}
    first = Path("b.jsonl").read_bytes()
    lines = [json.loads(line) for line in Path("out/task.jsonl").read_text().splitlines()]
    assert {line["split"] for line in lines} == {"validation", "test"}
    assert all(line["new_tokens"] <= 4 and len(line["prompt_ids"]) == line["prompt_tokens"] for line in lines)
    stage.baseline("tiny", params, FOLDERS, scores=Path("b.jsonl"), outputs=Path("out"), say=quiet)
    assert Path("b.jsonl").read_bytes() == first


@pytest.mark.slow  # lm-eval reads thousands of task files before it knows
def test_an_unknown_task(params: Params) -> None:
    general = General(tasks=("nothing_here",))
    with pytest.raises(DataError, match="no task nothing_here in tasks"):
        stage.general(params.model_copy(update={"general": general}), Path("tasks"), Path("g.jsonl"), quiet)


def test_an_empty_split_is_an_error_before_anything_is_computed(params: Params) -> None:
    write_text(Path("data/test.jsonl"), "")
    with pytest.raises(DataError, match=r"test\.jsonl: no rows"):
        stage.baseline("tiny", params, FOLDERS, scores=Path("b.jsonl"), outputs=Path("out"), say=quiet)
    with pytest.raises(EvidenceError, match="no such file"):
        ScoreFile.load(Path("b.jsonl"))


def test_documents_are_a_seeded_draw() -> None:
    few = General(tasks=("t",), documents=5, seed=1)
    assert draw(100, few) == draw(100, few) == sorted(draw(100, few))
    assert draw(100, few) != draw(100, General(tasks=("t",), documents=5, seed=2))
    assert draw(3, few) == [0, 1, 2]


def test_more_shots_start_with_the_same_examples(tmp_path: Path) -> None:
    train = read_examples(make_tiny_data(tmp_path) / "train.jsonl")
    none, two, *_ = ways(ADAPTER.baseline, train)
    assert (none.shots, len(two.shots)) == ((), 2)
    chat = Way("Be brief.", two.shots).chat(train[0])
    assert [turn["role"] for turn in chat] == ["system", "user", "assistant", "user", "assistant", "user"]
    with pytest.raises(DataError, match="asks for 2 examples, train has 1"):
        ways(ADAPTER.baseline, train[:1])


def test_of_equals_the_fewest_shots_win(tmp_path: Path) -> None:
    train = read_examples(make_tiny_data(tmp_path) / "train.jsonl")
    four, none, two = (Try(Way("", train[:shots]), NOTHING, 0.5) for shots in (4, 0, 2))
    assert choose([four, none, two]) is none
    assert choose([none, two._replace(value=0.6)]).way.shots == train[:2]
