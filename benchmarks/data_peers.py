"""What a user would pick instead, each in a process of its own, under .venv-bench:
`python benchmarks/data_peers.py NAME ROWS.jsonl OUT.json`.

OUT.json gets the seconds and the numbers of the rows that the tool drops. The clock starts with all texts in memory
(datatrove reads its own files) and stops at the last decision. All but semhash get what `prepare` compares: runs of
three words of the normalised text, 20 bands of 6 hashes, threshold 0.8.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from data_clock import BANDS, LEAST, ROWS, SHINGLE, clocked, texts_of

from tunegate.prepare.normalise import normal, words

COSINE = 0.9  # semhash's own default
Drop = Callable[[Sequence[str]], list[int]]


def shingles(text: str) -> list[str]:
    """The runs of three words of a text, as texts."""
    found = words(normal(text))
    return [" ".join(run) for run in zip(*(found[at:] for at in range(SHINGLE)), strict=False)]


def datasketch_lsh(texts: Sequence[str], least: float = 0) -> list[int]:
    """Any hit of MinHashLSH is a duplicate; with `least`, one whose estimated similarity is as high."""
    import xxhash
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    known: dict[int, MinHash] = {}
    runs = ([run.encode() for run in shingles(text)] for text in texts)
    # xxhash instead of its default, SHA-1: the faster choice that its documentation recommends
    sketches = MinHash.generator(runs, num_perm=BANDS * ROWS, hashfunc=xxhash.xxh32_intdigest)
    dropped = []
    for number, sketch in enumerate(sketches):
        hits = index.query(sketch)
        if any(not least or sketch.jaccard(known[hit]) >= least for hit in hits):
            dropped.append(number)
            continue
        index.insert(number, sketch)
        if least:
            known[number] = sketch.copy()
    return dropped


def datasketch_estimate(texts: Sequence[str]) -> list[int]:
    """MinHashLSH, its hits filtered by the estimate, as its documentation advises."""
    return datasketch_lsh(texts, LEAST)


def rensa(texts: Sequence[str]) -> list[int]:
    """Rensa's own deduplicator: bands, then the estimate."""
    from rensa import RMinHashDeduplicator

    sieve = RMinHashDeduplicator(threshold=LEAST, num_perm=BANDS * ROWS, use_lsh=True, num_bands=BANDS)
    kept = sieve.add_pairs((str(number), shingles(text)) for number, text in enumerate(texts))
    return [number for number, stays in enumerate(kept) if not stays]


def semhash(texts: Sequence[str]) -> list[int]:
    """Semantic duplicates; the static vectors of wordllama, since no hub is reached."""
    import numpy as np
    from model2vec import StaticModel
    from safetensors.numpy import load_file
    from semhash import SemHash
    from tokenizers import Tokenizer

    spec = find_spec("wordllama")
    assert spec
    assert spec.origin
    home = Path(spec.origin).parent
    (vectors,) = load_file(next((home / "weights").glob("*.safetensors"))).values()
    tokenizer = Tokenizer.from_file(str(next((home / "tokenizers").glob("*.json"))))
    model = StaticModel(vectors=vectors.astype(np.float32), tokenizer=tokenizer)
    records = [{"number": number, "text": text} for number, text in enumerate(texts)]
    sieve = SemHash.from_records(records, columns=["text"], model=model)
    return [found.record["number"] for found in sieve.self_deduplicate(threshold=COSINE).filtered]


TOOLS: dict[str, Drop] = {
    "datasketch": datasketch_lsh,
    "datasketch-estimate": datasketch_estimate,
    "rensa": rensa,
    "semhash": semhash,
}

if __name__ == "__main__":
    tool, texts = TOOLS[sys.argv[1]], texts_of(Path(sys.argv[2]))
    clocked(lambda: tool(texts), Path(sys.argv[3]))
