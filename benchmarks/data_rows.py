"""Seeded chat rows with known duplicates: `python benchmarks/data_rows.py OUT.jsonl ROWS SEED`.

Beside OUT.jsonl it writes OUT.planted.json: [row, the row it was made from, how]. Words follow Zipf's law over about
7,000 forms; prompts have 20 to 80 words and answers 10 to 60, one in six answers is JSON, every fifth row fills a
template, one in three names a number of its own. The same seed gives the same bytes.
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

COMMON, STEMS = ((Path(__file__).parent / "words.txt").read_text(encoding="utf-8")).split(
    "\n\n"
)  # as words, stems of words
HEADS, TAILS = ("", "re", "un", "pre"), ("", "s", "ed", "ing", "er", "able")
SHARES = {
    "fresh": 0.60, "boilerplate": 0.20, "copy": 0.03, "spelling": 0.03, "near": 0.05, "near_prompt": 0.05,
    "other_answer": 0.02, "other_prompt": 0.02,
}  # fmt: skip
TEMPLATES, SOURCES, DRAWN = 40, 5_000, 1 << 16
LEAST = 0.68  # similarity that the strongest change of a near copy aims at
SLOT = "\0"


class Row(NamedTuple):
    """What is asked and what is answered."""

    prompt: str
    answer: str


class Words:
    """Draws words by Zipf's law."""

    def __init__(self, seed: int) -> None:
        forms = sorted({head + stem + tail for stem in STEMS.split() for head in HEADS for tail in TAILS})
        random.Random(seed).shuffle(forms)
        self._forms = np.array(COMMON.split() + forms, dtype=object)
        weights = 1 / np.arange(3, len(self._forms) + 3)
        self._bounds = np.cumsum(weights / weights.sum())
        self._numbers = np.random.default_rng(seed)
        self._drawn, self._at = list[str](), 0

    def take(self, count: int) -> list[str]:
        """The next words."""
        if self._at + count > len(self._drawn):
            at = np.searchsorted(self._bounds, self._numbers.random(DRAWN), "right")
            self._drawn, self._at = self._forms[np.minimum(at, len(self._forms) - 1)].tolist(), 0
        self._at += count
        return self._drawn[self._at - count : self._at]


class Author:
    """Writes rows."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self._words = Words(seed)
        self._templates = [Row(self._frame(14, 40), self._frame(8, 30)) for _ in range(TEMPLATES)]

    def text(self, least: int, most: int) -> str:
        """Sentences of so many words."""
        words, at = self._words.take(self.dice.randint(least, most)), 0
        while at < len(words):
            words[at] = words[at].capitalize()
            at += self.dice.randint(6, 14)
            words[min(at, len(words)) - 1] += "."
        return " ".join(words)

    def fresh(self) -> Row:
        """A row of its own."""
        prompt = self.text(20, 80)
        if self.dice.random() < 0.33:
            prompt += f" Order {self.dice.randrange(10**7)}."
        return Row(prompt, self.answer())

    def answer(self) -> str:
        """Plain text, or a JSON object."""
        if self.dice.random() > 1 / 6:
            return self.text(10, 60)
        intent, product = "_".join(self._words.take(2)), self._words.take(1)[0]
        priority = self.dice.choice(("low", "normal", "high"))
        return json.dumps({"intent": intent, "product": product, "priority": priority, "note": self.text(8, 30)})

    def boilerplate(self) -> Row:
        """A template with own words in its slots; half of the answers are a template too."""
        frame = self.dice.choice(self._templates)
        return Row(
            self._filled(frame.prompt), self._filled(frame.answer) if self.dice.random() < 0.5 else self.answer()
        )

    def changed(self, row: Row, how: str) -> Row:
        """A row made from another."""
        if how == "copy":
            return row
        if how == "spelling":
            return Row(self._spelled(row.prompt), row.answer if row.answer[0] == "{" else self._spelled(row.answer))
        if how == "other_answer":
            return row._replace(answer=self.answer())
        if how == "other_prompt":
            return row._replace(prompt=self.text(20, 80))
        return self._near(row, whole=how == "near" and row.answer[0] != "{")

    def _near(self, row: Row, *, whole: bool) -> Row:
        """Change so many words that about the similarity drawn is left: a word stands in three runs of three."""
        asked, answered = row.prompt.split(), row.answer.split()
        aim, size = self.dice.uniform(LEAST, 1), len(asked) + len(answered)
        edits = max(1, round(size * (1 - aim) / (3 * (1 + aim))))
        for _ in range(edits):
            self._edit(answered if whole and self.dice.random() < len(answered) / size else asked)
        return Row(" ".join(asked), " ".join(answered))

    def _edit(self, words: list[str]) -> None:
        at, act = self.dice.randrange(len(words)), self.dice.randrange(3)
        words[at : at + (act != 0)] = self._words.take(act != 2)  # insert, replace, delete

    def _spelled(self, text: str) -> str:
        act = self.dice.choice((str.upper, str.lower, str.title, _without_marks, _wide))
        return act(text) + self.dice.choice(("", "!", " ...", "?"))

    def _frame(self, least: int, most: int) -> str:
        words = self.text(least, most).split()
        for at in sorted(self.dice.sample(range(len(words) + 1), 3), reverse=True):
            words.insert(at, SLOT)
        return " ".join(words)

    def _filled(self, frame: str) -> str:
        parts = frame.split(SLOT)
        return "".join(part + " ".join(self._words.take(self.dice.randint(2, 9))) for part in parts[:-1]) + parts[-1]


def _without_marks(text: str) -> str:
    return text.replace(".", "")


def _wide(text: str) -> str:
    return text.replace(" ", "  ")


def rows(count: int, seed: int) -> Iterator[tuple[Row, int | None, str]]:
    """Each row, the number of the row that it was made from (or None), and how."""
    author, sources = Author(seed), list[tuple[int, Row]]()
    hows, shares = list(SHARES), list(SHARES.values())
    for number in range(count):
        how = author.dice.choices(hows, shares)[0] if len(sources) > TEMPLATES else "fresh"
        if how in ("fresh", "boilerplate"):
            row = author.fresh() if how == "fresh" else author.boilerplate()
            if len(sources) < SOURCES:
                sources.append((number, row))
            else:
                sources[author.dice.randrange(SOURCES)] = (number, row)
            yield row, None, how
        else:
            source, row = author.dice.choice(sources)
            yield author.changed(row, how), source, how


def write(path: Path, count: int, seed: int) -> None:
    """Write chat rows, and beside them what was planted."""
    planted = []
    with path.open("w", encoding="utf-8") as stream:
        for number, (row, source, how) in enumerate(rows(count, seed)):
            turns = [{"role": "user", "content": row.prompt}, {"role": "assistant", "content": row.answer}]
            stream.write(json.dumps({"messages": turns}) + "\n")
            if source is not None:
                planted.append([number, source, how])
    path.with_suffix(".planted.json").write_text(json.dumps(planted), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
