"""Which released versions are served: of each adapter the newest and the one before it, ready to roll back."""

from pathlib import Path

from tunegate.core.errors import ReleaseRefused
from tunegate.records.released import Released, released

KEEP = 2


def served(versions: list[Released]) -> list[Released]:
    """Choose from all versions (by key, newest first); full fine-tunes are no LoRA modules and stay out."""
    chosen: list[Released] = []
    for version in versions:
        if version.facts.get("method") == "lora" and sum(v.key == version.key for v in chosen) < KEEP:
            chosen.append(version)
    return chosen


def plan(root: Path) -> list[Released]:
    """The versions to serve from this repository.

    Raises:
        ReleaseRefused: nothing is released yet.
    """
    if chosen := served(released(root)):
        return chosen
    raise ReleaseRefused("no adapter is released yet: there is no tag like triage@v1.0.0",
                         next_step="`dvc repro`, commit, `dvc repro release`")  # fmt: skip
