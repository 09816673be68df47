"""Answers of the adapter on its test and validation rows: `plain` or `ours`. Prints seconds and tokens as JSON.

`python benchmarks/plain_generate.py SIDE KEY BATCH`. Loading is not timed. Plain is what one writes first: batches in
the order of the file, padded, `model.generate`; base and adapter loaded by transformers and peft alone.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]


def plain(key: str, chats: list[Any], settings: Any, batch: int) -> tuple[float, int]:
    """Batches in input order; returns the seconds and how many tokens were written."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = str(ROOT / settings["base"]["model"])
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model = PeftModel.from_pretrained(base, str(ROOT / "build" / "adapters" / key)).eval()
    new_tokens = settings["adapters"][key]["evaluate"]["max_new_tokens"]
    began, written = time.monotonic(), 0
    texts = [tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in chats]
    for start in range(0, len(texts), batch):
        given = tokenizer(texts[start : start + batch], return_tensors="pt", padding=True, add_special_tokens=False)
        given.pop("token_type_ids", None)
        with torch.inference_mode():
            made = model.generate(**given, max_new_tokens=new_tokens, do_sample=False)
        rows = made[:, given["input_ids"].shape[1] :]
        written += int((rows != tokenizer.pad_token_id).sum())
        tokenizer.batch_decode(rows, skip_special_tokens=True)
    return time.monotonic() - began, written


def ours(key: str, chats: list[Any], settings: Any, batch: int) -> tuple[float, int]:
    """What the stage `evaluate` does."""
    from tunegate.core.settings import Base
    from tunegate.models.runtime import set_up

    set_up(offline=True)
    from tunegate.evaluate.merged import load_merged
    from tunegate.models.generate import Limits, generate, render

    base = Base(model=str(ROOT / settings["base"]["model"]))
    loaded = load_merged(base, ROOT / "build" / "adapters" / key)
    limits = Limits(settings["adapters"][key]["evaluate"]["max_new_tokens"], batch)
    began = time.monotonic()
    answers = generate(loaded, render(loaded.tokenizer, chats), limits)
    return time.monotonic() - began, sum(answer.tokens for answer in answers)


def main() -> None:
    """Load, answer, print."""
    side, key, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    data = ROOT / "build" / "data" / key
    lines = [
        json.loads(line)
        for split in ("validation", "test")
        for line in (data / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    chats = [[{"role": turn["role"], "content": turn["content"]} for turn in row["messages"][:-1]] for row in lines]
    seconds, written = {"plain": plain, "ours": ours}[side](key, chats, settings, batch)
    print(json.dumps({"seconds": seconds, "prompts": len(chats), "tokens": written}))


if __name__ == "__main__":
    main()
