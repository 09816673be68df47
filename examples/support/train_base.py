"""Train the example's base model from nothing on generated general skills: `python examples/support/train_base.py`.

Takes about half an hour on two cores; writes `base/` beside this file. The repository holds what it wrote. Killed, it
goes on from its last checkpoint. A fine-tune must never start here: see `tunegate.train` for that.
"""

import argparse
import json
import math
import os
import platform
import random
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import base_chat
import base_data
import base_tokenizer
import torch
import transformers
from torch.nn import functional

HERE = Path(__file__).parent
SEED, BATCH, RATE, WARMUP, EVERY = 1, 96, 2e-3, 100, 200
# The parts of the training: until which step, share of RATE at its begin, share of rows with words spelled out. Without
# the second, tokens that no skill uses could never be written; the third brings back what the second disturbed.
# The fourth adds wordings.
PARTS = ((2600, 1.0, 0.0), (3600, 0.5, 0.35), (4200, 0.4, 0.08), (4600, 0.3, 0.05))
MORE_FROM = 4200
PROMPT_WEIGHT = 0.1  # of the loss on turns that the model is given: enough to learn the words
BUCKET = 8  # batches sorted by length together, so that little is padding


def new_model(tokenizer: transformers.PreTrainedTokenizerFast) -> transformers.LlamaForCausalLM:
    """A Llama of about 2 M parameters; 32 per head is the smallest that vLLM's CPU attention serves."""
    config = transformers.LlamaConfig(
        vocab_size=math.ceil(len(tokenizer) / 64) * 64,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=6,
        num_key_value_heads=6,
        head_dim=32,
        max_position_embeddings=base_chat.CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(SEED)
    return transformers.LlamaForCausalLM(config)


Row = tuple[list[int], list[float]]


def encode(tokenizer: transformers.PreTrainedTokenizerFast, messages: list[base_data.Message]) -> Row:
    """Token ids and loss weights: 1 on the answers with their stop token, less on the rest."""
    coded = tokenizer.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)
    return coded["input_ids"], [1.0 if said else PROMPT_WEIGHT for said in coded["assistant_masks"]]


def batches(tokenizer: transformers.PreTrainedTokenizerFast, start: int):  # noqa: ANN201 - a generator of rows
    """Endless batches of similar length; the one at a step is always the same."""
    for group in range(start // BUCKET, 10**9):
        rng = random.Random(f"{SEED}-{group}")
        _, _, words = part_of(group * BUCKET)[1]
        rows = sorted(
            (
                encode(tokenizer, base_data.chat(rng, words=words, more=group * BUCKET >= MORE_FROM))
                for _ in range(BATCH * BUCKET)
            ),
            key=lambda r: len(r[0]),
        )
        parts = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
        rng.shuffle(parts)
        yield from parts[start % BUCKET if group == start // BUCKET else 0 :]


def loss_of(model: transformers.LlamaForCausalLM, rows: list[Row], pad: int) -> torch.Tensor:
    """Weighted cross-entropy of one batch."""
    width = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in rows])
    weights = torch.tensor([weight + [0.0] * (width - len(weight)) for _, weight in rows])[:, 1:].reshape(-1)
    logits = model(input_ids=ids).logits[:, :-1].reshape(-1, model.config.vocab_size)
    losses = functional.cross_entropy(logits, ids[:, 1:].reshape(-1), reduction="none")
    return (losses * weights).sum() / weights.sum()


def part_of(step: int) -> tuple[int, tuple[int, float, float]]:
    """The first step of the part that a step belongs to, and that part."""
    begins = [0, *(until for until, _, _ in PARTS)]
    return next(((b, part) for b, part in zip(begins, PARTS, strict=False) if step < part[0]), (begins[-2], PARTS[-1]))


def rate_at(step: int) -> float:
    """Share of the top learning rate: a linear rise, then in each part a cosine down to nearly nothing."""
    begin, (until, top, _) = part_of(step)
    begin = max(begin, WARMUP)
    if step < WARMUP:
        return (step + 1) / WARMUP
    done = min(1.0, (step - begin) / (until - begin))
    return top * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


def train(folder: Path, checkpoint: Path, steps: int) -> None:
    """Train and write the model's folder."""
    tokenizer = base_tokenizer.train_tokenizer(SEED)
    model = new_model(tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate_at)
    state = {"step": 0, "tokens": 0, "seconds": 0.0, "curve": []}
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        scheduler.load_state_dict(saved["scheduler"])
        state = saved["state"]
    began, before = time.monotonic(), state["seconds"]
    for rows in batches(tokenizer, state["step"]):
        if state["step"] >= steps:
            break
        optimizer.zero_grad()
        loss = loss_of(model, rows, tokenizer.pad_token_id)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        state["step"] += 1
        state["tokens"] += sum(len(ids) for ids, _ in rows)
        state["seconds"] = before + time.monotonic() - began
        if state["step"] % 50 == 0:
            state["curve"].append([state["step"], round(loss.item(), 4)])
            print(f"step {state['step']}/{steps} loss {loss.item():.4f} {state['seconds']:.0f} s", flush=True)
        if state["step"] % EVERY == 0:
            part = checkpoint.with_suffix(".part")
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                        "scheduler": scheduler.state_dict(), "state": state}, part)  # fmt: skip
            part.replace(checkpoint)
    write(folder, model, tokenizer, state)


def write(folder: Path, model: transformers.LlamaForCausalLM, tokenizer: transformers.PreTrainedTokenizerFast,
          state: dict[str, object]) -> None:  # fmt: skip
    """Write weights, tokenizer and the record of this training."""
    model.generation_config = transformers.GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=False
    )
    model.save_pretrained(folder)
    base_tokenizer.save(tokenizer, folder)
    record = {
        "script": "examples/support/train_base.py",
        "parameters": model.num_parameters(),
        "seed": SEED, "batch": BATCH, "learning_rate": RATE, "prompt_weight": PROMPT_WEIGHT,
        "steps": state["step"], "tokens": state["tokens"], "seconds": round(state["seconds"]),
        "loss": state["curve"],
        "versions": {"python": platform.python_version(), "torch": torch.__version__,
                     "transformers": transformers.__version__},
        "threads": torch.get_num_threads(),
    }  # fmt: skip
    (folder / "training_record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the example's base model; about half an hour on two cores.")
    parser.add_argument("--out", type=Path, default=HERE / "base")
    parser.add_argument("--steps", type=int, default=PARTS[-1][0])
    parser.add_argument("--checkpoint", type=Path, default=Path(".cache/base.pt"))
    chosen = parser.parse_args()
    chosen.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    train(chosen.out, chosen.checkpoint, chosen.steps)
