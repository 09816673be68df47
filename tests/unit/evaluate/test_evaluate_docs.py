"""The page about metrics: its example runs as it stands, and its table names every module."""

import re
from pathlib import Path

from tunegate.core.evaluate_settings import Evaluate
from tunegate.evaluate.metrics import Row, make_metrics
from tunegate.models.generate import Answer
from tunegate.records.metric_names import module_of

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_the_example_is_a_metric_in_fifteen_lines(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].splitlines()) <= 15
    path = tmp_path / "metrics" / "polite" / "polite.py"
    path.parent.mkdir(parents=True)
    path.write_text(blocks[0])
    metrics = make_metrics(Evaluate(metrics=("polite",)), tmp_path, tmp_path / "metrics")
    rows = [Row("", "", Answer(text, "stop", 1)) for text in ("Please wait.", "Wait!")]
    assert metrics.score(rows).scores == {"polite": [1, 0]}


def test_every_module_stands_in_the_table_and_the_other_way_round() -> None:
    folder = ROOT / "evals" / "metrics"
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {module_of(folder, name) for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {path.name for path in folder.iterdir() if path.name != "__pycache__"} - {"field"}
