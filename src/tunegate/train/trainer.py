"""The one place that knows TRL: settings to a trainer, and a training that can be resumed exactly."""

import math
from pathlib import Path
from typing import Any, NamedTuple

import torch
import transformers
from datasets import Dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

from tunegate.core.settings import Train
from tunegate.models.base import Loaded
from tunegate.models.runtime import device, on_terminal
from tunegate.train.checkpoints import mark
from tunegate.train.data import Row, Rows

BIG = 200_000_000  # parameters from which activations are recomputed: memory counts more than a fifth of the time
LOGS_PER_SAVE = 10


class Plan(NamedTuple):
    """Steps of a training. Loss is logged a whole number of times between two checkpoints: a curve that is resumed
    in the middle of an interval would average over a part of it.
    """

    total: int
    log_every: int
    save_every: int


def plan(rows: int, settings: Train) -> Plan:
    """How many optimizer steps, and when to log and to save."""
    per_epoch = math.ceil(math.ceil(rows / settings.batch_size) / settings.accumulation)
    total = max(1, math.ceil(per_epoch * settings.epochs))
    wanted = max(1, per_epoch // settings.checkpoints_per_epoch)
    log_every = max(1, wanted // LOGS_PER_SAVE)
    return Plan(total, log_every, wanted // log_every * log_every)


class _MarkWhole(transformers.TrainerCallback):  # type: ignore[misc]
    """Marks each checkpoint after its last file was written."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Called by the trainer."""
        del control
        mark(Path(args.output_dir) / f"checkpoint-{state.global_step}")


def make_trainer(loaded: Loaded, rows: Rows, settings: Train, checkpoints: Path) -> SFTTrainer:
    """A trainer over rows that already are token ids; TRL adds the adapter to the model."""
    trainer = SFTTrainer(
        model=loaded.model,
        args=_arguments(plan(len(rows.train), settings), loaded.model, settings, checkpoints),
        train_dataset=_dataset(rows.train),
        eval_dataset=_dataset(rows.validation),
        processing_class=loaded.tokenizer,
        peft_config=_lora(settings) if settings.method == "lora" else None,
        callbacks=[_MarkWhole()],
    )
    trainer.remove_callback(transformers.PrinterCallback)  # the curve is a file; a log full of dicts helps nobody
    return trainer


def _dataset(rows: list[Row]) -> Dataset:
    return Dataset.from_dict({"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]})


def _lora(settings: Train) -> LoraConfig:
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules="all-linear",
        bias="none",
        task_type="CAUSAL_LM",
    )


def _arguments(steps: Plan, model: Any, settings: Train, checkpoints: Path) -> SFTConfig:
    return SFTConfig(
        output_dir=str(checkpoints),
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size * 2,
        gradient_accumulation_steps=settings.accumulation,
        learning_rate=settings.learning_rate,
        num_train_epochs=settings.epochs,
        max_steps=steps.total,
        warmup_steps=math.ceil(steps.total * settings.warmup_ratio),
        seed=settings.seed,
        data_seed=settings.seed,
        bf16=False,  # no autocast behind our back: the dtype is the one of params.yaml
        fp16=False,
        gradient_checkpointing=model.num_parameters() >= BIG,
        max_length=None,  # rows are checked by us: TRL would cut them
        dataset_kwargs={"skip_prepare_dataset": True},
        logging_strategy="steps",
        logging_steps=steps.log_every,
        eval_strategy="steps",
        eval_steps=steps.save_every,
        save_strategy="steps",
        save_steps=steps.save_every,
        save_total_limit=2,
        use_cpu=device() == "cpu",
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=not on_terminal(),
        report_to="none",
    )
