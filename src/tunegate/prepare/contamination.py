"""Hold training rows against what is held out; runs in worker processes, a chunk of clean rows at a time."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tunegate.core.files import parse_json
from tunegate.prepare.fingerprints import NGRAM
from tunegate.prepare.heldout import HeldOut, gram_hashes
from tunegate.prepare.normalise import key64, normal, words
from tunegate.prepare.rowtext import answer_key, asked, prompt_of


class ScanTask(NamedTuple):
    """Rows (their numbers and lines) to hold against the texts in `heldout`. `near` None: no near-duplicates.

    `stamp` is the digest of that file: a worker keeps the index it built.
    """

    heldout: Path
    stamp: str
    near: float | None
    rows: list[int]
    lines: list[bytes]


class Hit(NamedTuple):
    """A row that meets a suite: by (nearly) the same prompt (`similarity`), or by 13 words (`words`, a run)."""

    row: int
    suite: str
    where: str
    similarity: float | None
    words: str
    gram: int


def scan(task: ScanTask) -> list[Hit]:
    """All hits of a chunk; of 13 words one hit for each run and suite."""
    heldout = _heldout(task.heldout, task.stamp)
    parsed = [parse_json(line.decode("utf-8")) for line in task.lines]
    prompts = [asked(prompt_of(row)) for row in parsed]
    hits = _same(heldout, task, parsed, prompts)
    return [*hits, *_by_words(heldout, task, parsed, prompts)]


@lru_cache(maxsize=1)
def _heldout(path: Path, stamp: str) -> HeldOut:
    del stamp
    return HeldOut(path)


def _same(heldout: HeldOut, task: ScanTask, parsed: list[dict[str, Any]], prompts: list[str]) -> list[Hit]:
    hits = []
    near = heldout.candidates(heldout.bands(prompts)) if task.near is not None else {}
    for at, (row, prompt) in enumerate(zip(parsed, prompts, strict=True)):
        found: dict[str, tuple[float, int]] = {}
        for text in {prompt, *(normal(turn["content"]) for turn in prompt_of(row) if turn["role"] == "user")}:
            for document in heldout.prompts.get(key64([text]), ()):
                whole = text == prompt or not heldout.documents[document].turns
                if whole:
                    found.setdefault(heldout.suite(document), (1.0, document))
        if at in near and task.near is not None:
            for suite, one in heldout.near(prompt, near[at], task.near).items():
                found.setdefault(suite, one)
        hits += [
            Hit(task.rows[at], suite, heldout.documents[document].where, value, "", 0)
            for suite, (value, document) in sorted(found.items())
        ]
    return hits


def _by_words(heldout: HeldOut, task: ScanTask, parsed: list[dict[str, Any]], prompts: list[str]) -> list[Hit]:
    texts = [text for prompt, row in zip(prompts, parsed, strict=True) for text in (prompt, answer_key(row))]
    grams, counts = gram_hashes(texts)  # no run crosses from prompt to answer: that is no text
    owners, starts = np.repeat(np.arange(len(counts)), counts), np.cumsum(counts) - counts
    hits, seen = [], set()
    for at in np.flatnonzero(heldout.met(grams)).tolist():
        text, gram = int(owners[at]), int(grams[at])
        row = task.rows[text // 2]
        if (row, gram) in seen:
            continue
        seen.add((row, gram))
        begin = at - int(starts[text])
        run = " ".join(words(texts[text])[begin : begin + NGRAM])
        for suite, document in heldout.gram_suites(gram).items():
            hits.append(Hit(row, suite, heldout.documents[document].where, None, run, gram))
    return hits


def telling(hits: Iterable[Hit], common: int) -> list[Hit]:
    """The hits without boilerplate: 13 words that stand in more than `common` training rows tell nothing.

    GPT-3 (arXiv:2005.14165, appendix C) and lm-eval's decontamination leave such runs out too.
    """
    hits = list(hits)
    rows = {(hit.gram, hit.row) for hit in hits if hit.gram}
    counts = Counter(gram for gram, _ in rows)
    return [hit for hit in hits if not hit.gram or counts[hit.gram] <= common]
