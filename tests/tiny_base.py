"""A base model small enough for unit tests: random weights, its own BPE tokenizer, the example's chat template.

`make_tiny_base(folder)` writes it in about a second; the fixture `tiny_base` (tests/conftest.py) makes one a session.
32 dimensions per head is the smallest that vLLM's CPU attention serves.
"""

import sys
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

sys.path.insert(0, str(Path(__file__).parents[1] / "examples" / "support"))
import base_chat

TEXTS = (
    "The camera is late. The router is broken. I want my money back, please.",
    'Hello Nora! Please follow the parcel. {"intent": "refund", "product": "camera", "priority": "low"}',
    "What is the capital of France? Paris. Answer yes or no. Sum up in one sentence.",
)


def tiny_tokenizer(*, template: str = base_chat.TEMPLATE) -> transformers.PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of at most 384 tokens, with the example's special tokens."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = list(base_chat.SPECIAL)
    trainer = trainers.BpeTrainer(
        vocab_size=384, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(TEXTS * 3, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token=base_chat.PAD,
        eos_token=base_chat.STOP,
        additional_special_tokens=["<|system|>", "<|user|>", "<|assistant|>"],
        chat_template=template,
        model_max_length=base_chat.CONTEXT,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def make_tiny_base(folder: Path, *, seed: int = 1, template: str = base_chat.TEMPLATE) -> Path:
    """Write a random Llama (hidden 64, 2 layers, 2 heads of 32) with its tokenizer to `folder`."""
    tokenizer = tiny_tokenizer(template=template)
    config = transformers.LlamaConfig(
        vocab_size=384,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=base_chat.CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(seed)
    model = transformers.LlamaForCausalLM(config)
    model.generation_config = transformers.GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=False
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
