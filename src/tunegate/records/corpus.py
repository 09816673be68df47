"""Metrics of a whole test set: what each document contributes, and the value of the sum.

BLEU, chrF and the averages over classes are no means of documents. A document's `parts` are counts that add up over
documents, so that the judge can compute the metric on any sample of them (paired bootstrap) without the texts.
"""

from typing import Literal

Form = Literal["bleu", "chrf", "macro_f1", "macro_precision", "macro_recall"]
CLASSES = ("macro_f1", "macro_precision", "macro_recall")
ORDERS = {"bleu": 4, "chrf": 6}
LENGTHS = {"bleu": 2 + 2 * ORDERS["bleu"], "chrf": 3 * ORDERS["chrf"]}


def check_parts(form: Form, parts: tuple[int, ...], labels: tuple[str, ...]) -> None:
    """Check one document's parts.

    bleu: length of the answer, of the reference, then for n = 1 to 4 the n-grams that match, then those of the answer
    (in words as sacrebleu's tokenizer cuts them). chrf: for n = 1 to 6 the character n-grams of the answer, of the
    reference, and those that match. macro_*: the position in `labels` of the true class and of the answer's; -1 for
    an answer that is none of them.

    Raises:
        ValueError: a wrong length, a count below 0, a class that is not in `labels`.
    """
    if form in CLASSES:
        if len(parts) != 2 or not 0 <= parts[0] < len(labels) or not -1 <= parts[1] < len(labels):
            message = f"parts of {form} should be two positions among {len(labels)} labels, are {list(parts)}"
            raise ValueError(message)
    elif len(parts) != LENGTHS[form] or min(parts) < 0:
        message = f"parts of {form} should be {LENGTHS[form]} counts, are {list(parts)}"
        raise ValueError(message)
