"""Train one adapter: rows, trainer, checkpoints, then the model and the record of how it was made."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunegate.core.errors import ModelError
from tunegate.core.files import digest_tree, write_json
from tunegate.core.settings import Base, Train
from tunegate.models.base import Loaded, base_digest, load_base, template_digest
from tunegate.models.runtime import environment, hardware, peak_memory_mib, set_seed, versions
from tunegate.train.checkpoints import inputs_digest, locked, newest_whole, remove
from tunegate.train.data import Rows, load_rows
from tunegate.train.outputs import losses, write_curves, write_model

LIBRARIES = ("torch", "transformers", "peft", "trl", "accelerate", "tokenizers")
CHECKPOINTS = Path(".cache/training")


def train(data: Path, base: Base, settings: Train, *, adapter: Path, record: Path, say: Callable[[str], None]) -> None:
    """Train and write the folders `adapter` and `record`; goes on where a killed run with the same inputs stopped.

    Raises:
        DataError: the rows cannot be trained on.
        ModelError: the base cannot be used, or the loss became infinite.
        BusyError: another process trains with the same inputs.
    """
    digest = base_digest(base)
    libraries = versions(*LIBRARIES)
    folder = CHECKPOINTS / inputs_digest(data, base, digest, settings, libraries)
    with locked(folder):
        set_seed(settings.seed)
        loaded = load_base(base)
        rows = load_rows(data, settings, loaded.tokenizer)
        say(f"{len(rows.train)} rows ({rows.replay_rows} of them general), {rows.tokens} tokens an epoch")
        done = _run(loaded, rows, settings, folder, say)
        write_model(done["model"], loaded.tokenizer, base, adapter)
        curve = losses(done["history"])
        write_curves(record, curve)
        made = {"base": base.model, "revision": base.revision, "dtype": base.dtype, "base_digest": digest}
        write_json(record / "record.json", {**made, **_record(loaded, rows, settings, done, adapter, libraries)})
        remove(folder)


def _run(loaded: Loaded, rows: Rows, settings: Train, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    from tunegate.train.trainer import make_trainer

    trainer = make_trainer(loaded, rows, settings, folder)
    resumed = newest_whole(folder)
    if resumed:
        say(f"goes on from {resumed.name}")
    began = time.monotonic()
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    seconds = time.monotonic() - began
    history = trainer.state.log_history
    first = int(resumed.name.rpartition("-")[2]) if resumed else 0
    steps = trainer.state.global_step
    if steps != trainer.args.max_steps:
        raise ModelError(f"training stopped at step {steps} of {trainer.args.max_steps}", next_step="run it again")
    _finite(history)
    return {"model": trainer.model, "history": history, "seconds": seconds, "first": first, "steps": steps}


def _finite(history: list[dict[str, Any]]) -> None:
    wrong = next(
        (entry for entry in history if not math.isfinite(entry.get("loss", entry.get("eval_loss", 0.0)))), None
    )
    if wrong:
        raise ModelError(
            f"the loss is no number at step {wrong['step']}",
            next_step="lower train.learning_rate, or raise warmup_ratio",
        )


def _record(
    loaded: Loaded, rows: Rows, settings: Train, done: dict[str, Any], adapter: Path, libraries: dict[str, str]
) -> dict[str, Any]:
    curve = losses(done["history"])
    ran = done["steps"] - done["first"]
    tokens = rows.tokens * settings.epochs * ran / done["steps"]
    trained = sum(p.numel() for p in done["model"].parameters() if p.requires_grad)
    return {
        "adapter": digest_tree(adapter),
        "template_digest": template_digest(loaded.tokenizer),
        "settings": settings.model_dump(mode="json"),
        "rows": {"task": rows.task_rows, "replay": rows.replay_rows, "validation": len(rows.validation)},
        "tokens_per_epoch": rows.tokens,
        "steps": done["steps"],
        "resumed_from_step": done["first"],
        "parameters": {"all": sum(p.numel() for p in done["model"].parameters()), "trained": trained},
        "loss": {
            "train_first": next((train for _, train, _ in curve if train is not None), None),
            "train_last": next((train for _, train, _ in reversed(curve) if train is not None), None),
            "validation_last": next((value for *_, value in reversed(curve) if value is not None), None),
        },
        "seconds": round(done["seconds"], 1),
        "tokens_per_second": round(tokens / done["seconds"], 1),
        "peak_memory_mib": peak_memory_mib(),
        "libraries": libraries,
        "environment": environment(),
        "hardware": hardware(),
    }
