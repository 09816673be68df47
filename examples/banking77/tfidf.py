"""What ten lines of scikit-learn reach on the same rows: TF-IDF + logistic regression, the number to beat.

    python examples/banking77/tfidf.py [build/data/intent]

Fits on train.jsonl, chooses the strength of regularisation on validation.jsonl, says the accuracy on test.jsonl.
"""

import sys
import time
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tunegate.records.example import read_examples

STRENGTHS = (1.0, 10.0, 100.0)


def load(path: Path) -> tuple[list[str], list[str]]:
    """Questions and labels of a prepared split."""
    examples = read_examples(path)
    return [example.prompt[-1].content for example in examples], [example.answer for example in examples]


def fit(questions: list[str], labels: list[str], strength: float) -> Pipeline:
    """Words and pairs of words, weighted, into a linear classifier."""
    model = Pipeline([
        ("tfidf", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
        ("classifier", LogisticRegression(C=strength, max_iter=500, random_state=1)),
    ])  # fmt: skip
    return model.fit(questions, labels)


def main() -> None:
    """Fit, choose, say."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "build/data/intent")
    began = time.perf_counter()
    train, validation, test = (load(data / f"{split}.jsonl") for split in ("train", "validation", "test"))
    models = {strength: fit(*train, strength) for strength in STRENGTHS}
    chosen = max(models, key=lambda strength: models[strength].score(*validation))
    accuracy = models[chosen].score(*test)
    print(
        f"TF-IDF + logistic regression (C = {chosen:g}): accuracy {accuracy:.4f} on {len(test[0])} test rows, ", end=""
    )
    print(f"{len(train[0])} rows trained on, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
