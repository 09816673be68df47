"""What training must not see: the rows of test and validation, and each document of each general task.

Held in a file of normalised texts, from which each worker builds its index.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json
from tunegate.prepare.fingerprints import NGRAM, SHINGLE, flat, jaccard, run_set, runs
from tunegate.prepare.minhash import Counts, Hashes, bands
from tunegate.prepare.normalise import key64, normal, words

MOST_SUITES = 63  # they are bits of a number
FEW_WORDS = 3  # a document's shorter texts are answers like "yes": no training row is forbidden to say so
MOST_CANDIDATES = 500  # that one row is held against; only boilerplate meets more
MEND = "mend the task's file"


class Document(NamedTuple):
    """One held-out text. `prompts` must not be asked (`turns`: only as a whole prompt, not in one of its turns);
    `parts` are what 13 words in a row are looked up in, each for itself.
    """

    suite: str
    where: str
    prompts: list[str]
    parts: list[str]
    turns: bool = False


def read_documents(folder: Path) -> Iterator[Document]:
    """The documents of all local lm-eval tasks: every `*.jsonl` below `folder`; the suite is the file's name.

    Raises:
        DataError: the folder is missing, or a file in it cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder", next_step="it holds the general lm-eval tasks, *.yaml")
    for path in sorted(folder.rglob("*.jsonl")):
        number = 0
        try:
            with path.open("rb") as stream:
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        yield _document(path, number, parse_json(line.decode("utf-8-sig")))
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step=MEND) from None


def _document(path: Path, number: int, content: Any) -> Document:
    texts = [normal(text) for text in _texts(content)]
    long = [text for text in texts if len(words(text)) >= FEW_WORDS] or texts[:1]
    return Document(path.stem, f"{path.name}:{number}", long, [" ".join(texts)])


def _texts(value: Any) -> Iterator[str]:
    """All texts in a document, also those in lists and inner objects (choices)."""
    if isinstance(value, str):
        yield value
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from _texts(part)


def write_documents(path: Path, documents: Iterable[Document]) -> dict[str, int]:
    """Write documents for the workers; return how many each suite has, in the order of its number."""
    counts: dict[str, int] = {}
    with path.open("w", encoding="utf-8") as stream:
        for document in documents:
            counts[document.suite] = counts.get(document.suite, 0) + 1
            stream.write(dump_json(document) + "\n")
    if len(counts) > MOST_SUITES:
        raise DataError(f"{len(counts)} suites of held-out texts, at most {MOST_SUITES}", next_step="join some tasks")
    return counts


class Near(NamedTuple):
    """A held-out document that is near, and how near (Jaccard)."""

    similarity: float
    document: int


class HeldOut:
    """An index of held-out texts: equal prompts, prompts that are nearly the same, and 13 words in a row."""

    def __init__(self, path: Path) -> None:
        """Read what `write_documents` wrote."""
        with path.open(encoding="utf-8") as stream:
            self.documents = [Document(*parse_json(line)) for line in stream]
        self.suites = list(dict.fromkeys(document.suite for document in self.documents))
        self.prompts: dict[int, list[int]] = {}
        owners: list[int] = []
        texts: list[str] = []
        for number, document in enumerate(self.documents):
            for prompt in document.prompts:
                self._remember(key64([prompt]), number)
                owners.append(number)
                texts.append(prompt)
        self._prompt_texts, self._owners = texts, owners
        self._known_runs: dict[int, frozenset[tuple[str, ...]]] = {}
        banded = self.bands(texts)
        self._by_band = [_ordered(banded[:, band]) for band in range(banded.shape[1])]
        self.grams, self.gram_document = self._grams()

    def _remember(self, key: int, number: int) -> None:
        """Keep one document of each suite for a prompt."""
        known = self.prompts.setdefault(key, [])
        if all(self.documents[other].suite != self.documents[number].suite for other in known):
            known.append(number)

    def suite(self, document: int) -> str:
        """The suite of a document."""
        return self.documents[document].suite

    def candidates(self, found: Hashes) -> dict[int, set[int]]:
        """For rows (by position) whose MinHash bands meet those of held-out prompts: the numbers of these prompts."""
        candidates: dict[int, set[int]] = {}
        for band, (values, order) in enumerate(self._by_band):
            mine = found[:, band]
            starts, ends = np.searchsorted(values, mine, "left"), np.searchsorted(values, mine, "right")
            for row in np.flatnonzero((ends > starts) & (mine > 0)).tolist():
                known = candidates.setdefault(row, set())
                if len(known) < MOST_CANDIDATES:
                    known.update(order[starts[row] : ends[row]][:MOST_CANDIDATES].tolist())
        return candidates

    def near(self, prompt: str, candidates: set[int], least: float) -> dict[str, Near]:
        """For each suite the nearest document whose prompt shares at least `least` of its word runs (Jaccard)."""
        near: dict[str, Near] = {}
        mine = run_set(words(prompt))
        for candidate in sorted(candidates):
            value = jaccard(mine, self._runs(candidate))
            document = self._owners[candidate]
            if value >= least and value > near.get(self.suite(document), Near(0.0, 0)).similarity:
                near[self.suite(document)] = Near(value, document)
        return near

    def _runs(self, prompt: int) -> frozenset[tuple[str, ...]]:
        known = self._known_runs.get(prompt)
        if known is None:
            known = self._known_runs[prompt] = run_set(words(self._prompt_texts[prompt]))
        return known

    def met(self, grams: Hashes) -> npt.NDArray[np.bool_]:
        """Which of many runs of 13 words stand in a document."""
        at = np.searchsorted(self.grams, grams)
        at[at == len(self.grams)] = 0
        if not len(self.grams):
            return np.zeros(len(grams), dtype=np.bool_)
        hit: npt.NDArray[np.bool_] = self.grams[at] == grams
        return hit

    def gram_suites(self, gram: int) -> dict[str, int]:
        """The suites in which a run of 13 words stands, each with its first document."""
        start = int(np.searchsorted(self.grams, np.uint64(gram), "left"))
        end = int(np.searchsorted(self.grams, np.uint64(gram), "right"))
        found: dict[str, int] = {}
        for document in sorted(self.gram_document[start:end].tolist()):
            found.setdefault(self.suite(document), document)
        return found

    def bands(self, texts: list[str]) -> Hashes:
        """MinHash bands of normalised prompts."""
        return bands(*runs(*flat(texts), SHINGLE, short=True))

    def _grams(self) -> tuple[Hashes, npt.NDArray[np.int32]]:
        found, counts = gram_hashes([part for document in self.documents for part in document.parts])
        documents = np.repeat(np.arange(len(self.documents)), [len(document.parts) for document in self.documents])
        owners = np.repeat(documents.astype(np.int32), counts)
        order = np.argsort(found, kind="stable")
        return found[order], owners[order]


def gram_hashes(texts: list[str]) -> tuple[Hashes, Counts]:
    """Hashes of all runs of 13 words of normalised texts, and how many each text has."""
    return runs(*flat(texts), NGRAM, short=False)


def _ordered(values: Hashes) -> tuple[Hashes, npt.NDArray[np.int64]]:
    order = np.argsort(values, kind="stable")
    return values[order], order
