"""`tunegate gate check KEY`: judge recorded scores on a light install; the exit code is the verdict."""

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tunegate.core.params import adapter_of
from tunegate.core.settings import Params
from tunegate.gate.advice import advice_section
from tunegate.gate.recorded import judge_recorded
from tunegate.gate.table import render_table
from tunegate.judge.tries import tries_of
from tunegate.judge.wording import gravest
from tunegate.records.advice_inputs import counts_path
from tunegate.records.verdict import Outcome

SUMMARY = "GITHUB_STEP_SUMMARY"


def check_all(keys: Sequence[str], scores: Path, data: Path, params: Params, today: date) -> int:
    """All of them; the exit code is the gravest verdict: ERROR, then FAIL, then INCONCLUSIVE."""
    codes = [check(key, scores, data, params, today) for key in keys]
    return gravest(list(Outcome)[code] for code in codes).exit_code


def check(key: str, scores: Path, data: Path, params: Params, today: date) -> int:
    """Print the verdict's table, append it to the step summary of GitHub Actions; 0, 1, 2, 3: the outcome.

    `data` is the folder of the data's metrics (`metrics/data`), for the advice in the table.
    """
    settings = adapter_of(params, key)
    verdict = judge_recorded(key, scores, settings.gate, today, params.general.tasks)
    tries = tries_of(verdict, params)
    table = render_table(
        verdict, advice_section(key, counts_path(data, settings.gate.task or key), scores, settings), tries
    )
    sys.stdout.write(table + "\n")
    if summary := os.environ.get(SUMMARY):
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(table + "\n")
    return verdict.outcome.exit_code
