"""The files that the facts of an advice come from: the data's metrics and the prompted base's scores, both in Git."""

from pathlib import Path
from typing import NamedTuple

from pydantic import ConfigDict, Field, ValidationError

from tunegate.core.errors import EvidenceError
from tunegate.core.files import read_json
from tunegate.records.base import Record, explain
from tunegate.records.scores import ScoreFile


class DataCounts(Record):
    """What the advice needs of `metrics/data/KEY.json`; the file has more columns. Counts are rows."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, strict=True)

    train: int = Field(ge=0)
    test: int = Field(ge=0)
    reject_rate: float = Field(ge=0, le=1)
    near_duplicates: int | None = Field(default=None, ge=0)
    review_pending: int | None = Field(default=None, ge=0)


class Inputs(NamedTuple):
    """Both files; None where there is none: nothing was measured yet."""

    counts: DataCounts | None
    baseline: ScoreFile | None


def counts_path(data: Path, key: str) -> Path:
    """The metrics of the data of adapter `key` below the folder `data`."""
    return data / f"{key}.json"


def read_inputs(key: str, counts: Path, baseline: Path) -> Inputs:
    """Read what is there.

    Args:
        key: the adapter.
        counts: `metrics/data/KEY.json`.
        baseline: `scores/KEY/baseline.jsonl`.

    Raises:
        EvidenceError: a file is there and cannot be understood; file and field are named.
    """
    return Inputs(
        _counts(key, counts) if counts.exists() else None,
        ScoreFile.load(baseline) if baseline.exists() else None,
    )


def _counts(key: str, path: Path) -> DataCounts:
    again = f"write it again: `dvc repro -f prepare@{key}`"
    content = read_json(path, EvidenceError, next_step=again)
    try:
        return DataCounts.model_validate(content[key]["data"])
    except (KeyError, TypeError):
        raise EvidenceError(f"{path}: no object {key}.data in it", next_step=again) from None
    except ValidationError as fault:
        raise EvidenceError(f"{path}: {key}.data: {explain(fault)}", next_step=again) from None
