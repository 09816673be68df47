"""How far lookup gets: answer each test row with the nearest training row's answer (TF-IDF, cosine).

Writes nearest_neighbour.json; the gate's scores must be read beside it. `python examples/support/nearest_neighbour.py`.
"""

import json
from pathlib import Path

import make_datasets
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

HERE = Path(__file__).parent


def exact_match(key: str) -> float:
    """Share of test rows whose nearest training row has the same answer."""
    train, test = make_datasets.pairs(key, "train"), make_datasets.pairs(key, "test")
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    known = words.fit_transform([row["question"] for row in train])
    near = np.asarray((words.transform([row["question"] for row in test]) @ known.T).argmax(axis=1)).ravel()
    return float(np.mean([train[i]["answer"] == row["answer"] for i, row in zip(near, test, strict=True)]))


if __name__ == "__main__":
    found = {key: {"metric": "exact_match", "split": "test", "score": round(exact_match(key), 4),
                   "rows": make_datasets.COUNTS["test"]} for key in make_datasets.ANSWERS}  # fmt: skip
    (HERE / "nearest_neighbour.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
