"""The base model's own BPE tokenizer, trained on its generated text: about two thousand tokens."""

import random
from pathlib import Path

import base_chat
import base_data
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 2048
SAMPLE_CHATS = 20_000


def train_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """Train the tokenizer on generated chats; byte-level, so that any text can be written."""
    rng = random.Random(seed)
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(base_chat.SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (message["content"] for _ in range(SAMPLE_CHATS) for message in base_data.chat(rng))
    bpe.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token=base_chat.PAD,
        eos_token=base_chat.STOP,
        additional_special_tokens=["<|system|>", "<|user|>", "<|assistant|>"],
        chat_template=base_chat.TEMPLATE,
        model_max_length=base_chat.CONTEXT,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def save(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the tokenizer's files."""
    tokenizer.save_pretrained(folder)
