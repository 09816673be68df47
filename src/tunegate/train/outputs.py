"""What training leaves: the adapter's two files, the same bytes for the same inputs, and the curve of the losses."""

import csv
import io
import shutil
import tempfile
from pathlib import Path, PurePath
from typing import Any

from tunegate.core.files import parse_json, write_json, write_text
from tunegate.core.settings import Base
from tunegate.models.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from tunegate.models.whole import write_whole

LISTS = ("target_modules", "exclude_modules", "modules_to_save")  # sets in peft: their order changes by run


def write_model(model: Any, tokenizer: Any, base: Base, out: Path) -> None:
    """Write an adapter (weights and configuration only), or a full model with its tokenizer."""
    if not hasattr(model, "peft_config"):
        write_whole(model, tokenizer, out)
        return
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        folder = Path(name)
        model.save_pretrained(folder)
        _tidy(folder / ADAPTER_CONFIG, base)
        for file in (ADAPTER_CONFIG, ADAPTER_WEIGHTS):
            shutil.move(folder / file, out / file)


def _tidy(path: Path, base: Base) -> None:
    """Sort what peft keeps in sets, and name the base as params.yaml does: no path of this machine is released."""
    config = parse_json(path.read_text(encoding="utf-8"))
    for key in LISTS:
        if isinstance(config.get(key), list):
            config[key] = sorted(config[key])
    name = base.model if base.revision else PurePath(base.model)
    config["base_model_name_or_path"] = name.name if isinstance(name, PurePath) and name.is_absolute() else str(name)
    config["revision"] = base.revision
    write_json(path, config)


def losses(history: list[dict[str, Any]]) -> list[tuple[int, float | None, float | None]]:
    """(step, train loss, validation loss), a step a row; None where that loss was not taken at that step."""
    steps = sorted({entry["step"] for entry in history if "loss" in entry or "eval_loss" in entry})
    train = {entry["step"]: entry["loss"] for entry in history if "loss" in entry}
    validation = {entry["step"]: entry["eval_loss"] for entry in history if "eval_loss" in entry}
    return [(step, train.get(step), validation.get(step)) for step in steps]


def write_curves(folder: Path, rows: list[tuple[int, float | None, float | None]]) -> None:
    """Write train.csv and validation.csv for `dvc plots show`: a gap in a column would break its line."""
    _write_curve(folder / "train.csv", [(step, train) for step, train, _ in rows])
    _write_curve(folder / "validation.csv", [(step, value) for step, _, value in rows])


def _write_curve(path: Path, points: list[tuple[int, float | None]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["step", "loss"])
    writer.writerows([step, f"{loss:.6g}"] for step, loss in points if loss is not None)
    write_text(path, stream.getvalue())
