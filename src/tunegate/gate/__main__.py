"""The stage `gate`: `python -m tunegate.gate KEY SCORES DATA EVALS OUT METRICS`.

It writes the verdict and exits 0 whatever that is: a stage that fails inside `dvc exp run` erases the experiment.
"""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from tunegate.core.errors import run
from tunegate.core.files import write_bytes, write_json, write_text
from tunegate.core.params import adapter_of, load_params
from tunegate.gate.advice import advice_section
from tunegate.gate.columns import metrics
from tunegate.gate.junit import junit
from tunegate.gate.page import read_facts, render_page
from tunegate.gate.picture import draw
from tunegate.gate.recorded import judge_recorded
from tunegate.gate.table import render_table
from tunegate.judge.tries import tries_of


def main(argv: list[str] | None = None) -> int:
    """Judge one adapter and write everything about it."""
    args = _parser().parse_args(argv)
    params = load_params(Path("params.yaml"))
    settings = adapter_of(params, args.key)
    today: date = args.today or datetime.now(UTC).date()
    verdict = judge_recorded(args.key, args.scores, settings.gate, today, params.general.tasks)
    tries = tries_of(verdict, params)
    table = render_table(verdict, advice_section(args.key, args.data, args.scores, settings), tries)
    verdict.write(args.out / "verdict.json")
    write_text(args.out / "table.md", table)
    write_bytes(args.out / "effects.svg", draw(verdict, "svg"))
    write_bytes(args.out / "effects.png", draw(verdict, "png"))
    write_text(args.out / "report.html", render_page(read_facts(verdict, args.scores, args.outputs, tries)))
    write_json(args.metrics, metrics(verdict))
    write_text(args.out / "junit.xml", junit(args.key, args.scores, args.evals, today))
    print(table)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tunegate.gate", description=__doc__)
    parser.add_argument("key", help="the adapter, as params.yaml names it")
    parser.add_argument("scores", type=Path, help="the folder of recorded scores")
    parser.add_argument("data", type=Path, help="the data's metrics, for the advice")
    parser.add_argument("evals", type=Path, help="the folder with test_gates.py")
    parser.add_argument("out", type=Path, help="where verdict, table, picture and JUnit XML go")
    parser.add_argument("metrics", type=Path, help="the numbers for `dvc metrics`")
    parser.add_argument("--outputs", type=Path, help="the folder of answers, whose texts the report shows")
    parser.add_argument("--today", type=date.fromisoformat, help="the date that waivers are held against")
    return parser


if __name__ == "__main__":
    run(main)
