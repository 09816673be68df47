"""The four steps of datatrove's MinHash pipeline on its local executor, under .venv-bench:
`python benchmarks/data_datatrove.py ROWS.jsonl OUT.json`.

Runs of three words, 20 buckets of 6 hashes, two workers. Plain words instead of spaCy's, which are slower, and numbers
as they are, which is what the other sides compare. Its files are laid out before the clock starts.
"""

import json
import shutil
import sys
from pathlib import Path

from data_clock import BANDS, ROWS, SHINGLE, clocked, texts_of
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.text import TextNormConfig
from datatrove.utils.word_tokenizers import WordTokenizer

WORKERS = 2


class Plain(WordTokenizer):
    """Words are what space parts."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def lay(rows: Path, folder: Path) -> None:
    """The rows as datatrove reads them: a text and an id a line, a file for each worker."""
    folder.mkdir()
    texts = texts_of(rows)
    for part in range(WORKERS):
        with (folder / f"{part}.jsonl").open("w", encoding="utf-8") as stream:
            for number in range(part, len(texts), WORKERS):
                stream.write(json.dumps({"text": texts[number], "id": str(number)}) + "\n")


def dedup(place: Path) -> list[int]:
    """The numbers of the rows that it drops."""
    config = MinhashConfig(
        n_grams=SHINGLE, num_buckets=BANDS, hashes_per_bucket=ROWS, norm_config=TextNormConfig(norm_numbers=False)
    )

    def run(name: str, tasks: int, *steps: PipelineStep) -> None:
        LocalPipelineExecutor(list(steps), tasks=tasks, workers=WORKERS, logging_dir=str(place / "logs" / name)).run()

    source = JsonlReader(str(place / "rows"))
    signatures, buckets, remove, gone = (str(place / name) for name in ("signatures", "buckets", "remove", "gone"))
    run("1", WORKERS, source, MinhashDedupSignature(signatures, config, language=Plain()))
    run("2", BANDS, MinhashDedupBuckets(signatures, buckets, config=config))
    run("3", 1, MinhashDedupCluster(buckets, remove, config=config))
    run(
        "4", WORKERS, source, MinhashDedupFilter(remove, JsonlWriter(gone, compression=None)),
        JsonlWriter(str(place / "kept"), compression=None),
    )  # fmt: skip
    files = sorted(Path(gone).iterdir())
    return [int(json.loads(line)["id"]) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    out = Path(sys.argv[2])
    place = out.with_suffix(".datatrove")
    place.mkdir()
    lay(Path(sys.argv[1]), place / "rows")
    clocked(lambda: dedup(place), out)
    shutil.rmtree(place)
