"""The stage `release`: `python -m tunegate.release KEY SCORES GATE ADAPTER TRAINING DATA REPORT OUT`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from tunegate.core.errors import run
from tunegate.core.params import load_params
from tunegate.release.bundle import Sources
from tunegate.release.stage import release


def main() -> None:
    """Release one adapter, or say why not."""
    parser = argparse.ArgumentParser(prog="python -m tunegate.release", description=__doc__)
    parser.add_argument("key")
    for name in ("scores", "gate", "adapter", "training", "data", "report", "out"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    params = load_params(Path("params.yaml"))
    sources = Sources(args.scores, args.gate, args.adapter, args.training, args.data, args.report)
    print(release(Path(), args.key, sources, args.out, params, datetime.now(UTC).date()))


if __name__ == "__main__":
    run(main)
