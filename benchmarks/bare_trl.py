"""What a user would write with TRL alone: `python bare_trl.py DATA KEY` in a folder with params.yaml."""

import json
import random
import sys
import time
from pathlib import Path

import yaml
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from trl import SFTConfig, SFTTrainer


def rows(path: Path) -> list[dict[str, object]]:
    """The chats of a JSON Lines file."""
    return [{"messages": json.loads(line)["messages"]} for line in path.read_text(encoding="utf-8").splitlines()]


data, key = Path(sys.argv[1]), sys.argv[2]
params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
base, train = params["base"]["model"], params["adapters"][key]["train"]
set_seed(train["seed"])
task = rows(data / "train.jsonl")
general = random.Random(train["seed"]).sample(rows(data / "replay.jsonl"), round(train["replay"] * len(task)))
per_epoch = -(-len(task + general) // train["batch_size"])
tokenizer = AutoTokenizer.from_pretrained(base)
trainer = SFTTrainer(
    model=AutoModelForCausalLM.from_pretrained(base, dtype=params["base"]["dtype"]),
    processing_class=tokenizer,
    train_dataset=Dataset.from_list(task + general),
    eval_dataset=Dataset.from_list(rows(data / "validation.jsonl")),
    peft_config=LoraConfig(
        r=train["rank"], lora_alpha=train["alpha"], target_modules="all-linear", task_type="CAUSAL_LM"
    ),
    args=SFTConfig(
        output_dir="bare",
        assistant_only_loss=True,
        per_device_train_batch_size=train["batch_size"],
        per_device_eval_batch_size=train["batch_size"] * 2,
        learning_rate=train["learning_rate"],
        num_train_epochs=train["epochs"],
        warmup_steps=round(0.05 * per_epoch * train["epochs"]),
        seed=train["seed"],
        bf16=False,
        gradient_checkpointing=False,
        logging_steps=max(1, per_epoch // 10),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        use_cpu=True,
        disable_tqdm=True,
        report_to="none",
    ),
)
tokens = sum(len(row["input_ids"]) for row in trainer.train_dataset)
began = time.monotonic()
trainer.train()
print(json.dumps({"tokens_per_second": tokens * train["epochs"] / (time.monotonic() - began)}))
