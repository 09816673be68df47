"""What training must not see: the rows of test and validation, and each document of each general task.

Kept as sorted arrays in files, which all workers map into their memory. Documents are numbered: the rows of test, those
of validation, then the general tasks' documents.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.prepare.fingerprints import NGRAM, SHINGLE, flat, runs
from tunegate.prepare.minhash import Counts, Hashes, Sketch, sketch
from tunegate.prepare.normalise import key64, normal, words
from tunegate.prepare.traces import Packed, Words, joined, spans, unpack

FEW_WORDS = 3  # a document's shorter texts are answers like "yes": no training row is forbidden to say so
BITS = 16  # of the sieve for each run of 13 words: of 100 runs that are not in it 6 pass
MEND = "mend the task's file"
_BITS = np.array([1 << bit for bit in range(8)], dtype=np.uint8)


class Document(NamedTuple):
    """A document of a general task: `prompts` must not be asked, nor 13 words of one of `parts` be said in a row."""

    suite: str
    where: str
    prompts: list[str]
    parts: list[str]


class Piece(NamedTuple):
    """Some held-out documents as hashes: each prompt with its document, and each run of 13 words with its document."""

    keys: Hashes
    prompts: Words
    owners: Counts
    sketch: Sketch
    grams: Hashes
    gram_owners: Counts


class HeldRows(NamedTuple):
    """Rows of test or validation, packed (traces.py), the keys of their prompts, the number of the first as a document.

    `answers`: whether 13 words of an answer are a leak too.
    """

    packed: Packed
    keys: Hashes
    first: int
    answers: bool


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


def row_piece(task: HeldRows) -> Piece:
    """Rows as held-out documents; runs in a worker."""
    traces = unpack(task.packed)
    owners = np.arange(task.first, task.first + len(traces.asked.counts))
    pieces = [_grams(part, owners) for part in (traces.asked, traces.answered)[: 1 + task.answers]]
    grams, gram_owners = map(np.concatenate, zip(*pieces, strict=True))
    return Piece(task.keys, traces.asked, owners, prompt_sketch(traces.asked), grams, gram_owners)


def document_piece(documents: Sequence[Document], first: int) -> Piece:
    """Documents of general tasks."""
    texts = [text for document in documents for text in document.prompts]
    owners = np.repeat(np.arange(first, first + len(documents)), [len(document.prompts) for document in documents])
    parts = np.repeat(np.arange(first, first + len(documents)), [len(document.parts) for document in documents])
    prompts = Words(*flat(texts))
    keys = np.array([key64([text]) for text in texts], dtype=np.uint64)
    found = _grams(Words(*flat([text for document in documents for text in document.parts])), parts)
    return Piece(keys, prompts, owners, prompt_sketch(prompts), *found)


def _grams(texts: Words, owners: Counts) -> tuple[Hashes, Counts]:
    grams, counts = runs(*texts, NGRAM, short=False)
    return grams, np.repeat(owners, counts)


def prompt_sketch(prompts: Words) -> Sketch:
    """MinHash of prompts."""
    return sketch(*runs(*prompts, SHINGLE, short=True))


def write_index(folder: Path, pieces: Sequence[Piece], suites: Sequence[int], own: int) -> None:
    """Lay the index into an empty folder: `suites` has the suite's number of each document, `own` of them are rows."""
    keys, prompts, owners, sketches, grams, gram_owners = zip(*pieces, strict=True)
    suite = np.array(suites, dtype=np.int16)
    owner = np.concatenate(owners)
    key, first = _first_of_each(np.concatenate(keys), owner, suite[owner])
    by_band = np.concatenate([some.bands for some in sketches])
    order = np.argsort(by_band, axis=0).astype(np.int32)
    words_of = joined(*prompts)
    gram, gram_owner = np.concatenate(grams), np.concatenate(gram_owners).astype(np.int32)
    ranked = np.argsort(gram, kind="stable")  # documents of one run in order
    arrays = {
        "suite": suite, "own": np.array([own]), "owner": owner, "key": key, "key_owner": first,
        "band": np.take_along_axis(by_band, order, axis=0).T, "band_prompt": order.T,
        "bits": np.concatenate([some.bits for some in sketches]),
        "word": words_of.hashes, "count": words_of.counts, "start": np.cumsum(words_of.counts) - words_of.counts,
        "gram": gram[ranked], "gram_owner": gram_owner[ranked], "sieve": _sieve(gram),
    }  # fmt: skip
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(values))


def _first_of_each(keys: Hashes, owners: Counts, suites: npt.NDArray[np.int16]) -> tuple[Hashes, Counts]:
    """Each key in order, with its first document of each suite."""
    order = np.lexsort((owners, suites, keys))
    keys, owners, suites = keys[order], owners[order], suites[order]
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = (keys[1:] != keys[:-1]) | (suites[1:] != suites[:-1])
    return keys[first], owners[first]


def _sieve(grams: Hashes) -> npt.NDArray[np.uint8]:
    """Bits, one set for each run: what misses it is not among them (a Bloom filter of one hash)."""
    bits = max(10, (len(grams) * BITS).bit_length())
    sieve = np.zeros(1 << bits - 3, dtype=np.uint8)
    places = grams >> np.uint64(64 - bits)
    np.bitwise_or.at(sieve, (places >> np.uint64(3)).view(np.int64), _bit(places))
    return sieve


def _bit(places: Hashes) -> npt.NDArray[np.uint8]:
    bit: npt.NDArray[np.uint8] = _BITS[(places & np.uint64(7)).view(np.int64)]
    return bit


class HeldOut:
    """The index, read where it is needed."""

    def __init__(self, folder: Path) -> None:
        """Open what `write_index` wrote."""

        def load(name: str) -> Any:
            return np.load(folder / f"{name}.npy", mmap_mode="r")

        self.suite: npt.NDArray[np.int16] = load("suite")
        self.own = int(load("own")[0])
        self.owner: Counts = load("owner")
        self.key: Hashes = load("key")
        self.key_owner: Counts = load("key_owner")
        self.band: Hashes = load("band")
        self.band_prompt: npt.NDArray[np.int32] = load("band_prompt")
        self.bits: npt.NDArray[np.uint8] = load("bits")
        self._word, self._count, self._start = load("word"), load("count"), load("start")
        self.gram: Hashes = load("gram")
        self.gram_owner: npt.NDArray[np.int32] = load("gram_owner")
        self._sieve: npt.NDArray[np.uint8] = load("sieve")

    def prompts(self, numbers: Counts) -> Words:
        """The words of some prompts."""
        counts = self._count[numbers]
        return Words(self._word[spans(self._start[numbers], counts)], counts)

    def met(self, grams: Hashes) -> tuple[Counts, Counts]:
        """The places of those runs of 13 words that stand in a document, and the first document of each."""
        places = grams >> np.uint64(64 - (len(self._sieve) * 8).bit_length() + 1)
        some = np.flatnonzero(self._sieve[(places >> np.uint64(3)).view(np.int64)] & _bit(places))
        if not len(self.gram):
            return some[:0], some[:0]
        some = some[np.argsort(grams[some])]  # in order, each search begins where the one before has left the cache
        at = np.minimum(np.searchsorted(self.gram, grams[some]), len(self.gram) - 1)
        hit = self.gram[at] == grams[some]
        return some[hit], self.gram_owner[at[hit]].astype(np.int64)
