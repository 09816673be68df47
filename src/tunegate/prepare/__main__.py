"""The stage `prepare`: `python -m tunegate.prepare KEY RAW GENERAL TASKS OUT`."""

import argparse
from pathlib import Path
from typing import Any

from tunegate.core.errors import run
from tunegate.core.params import adapter_of, load_params
from tunegate.prepare.stage import prepare


def main() -> None:
    """Prepare the data of one adapter and say what was kept."""
    parser = argparse.ArgumentParser(prog="python -m tunegate.prepare", description=__doc__)
    parser.add_argument("key")
    for name in ("raw", "general", "tasks", "out"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    settings = adapter_of(load_params(Path("params.yaml")), args.key).prepare
    found = prepare(args.raw, args.general, args.tasks, args.out, settings)
    for name, split in found["splits"].items():
        _say(args.key, name, split)
    _say(args.key, "replay", found["replay"])
    for warning in found["warnings"]:
        print(f"{args.key} warning: {warning}")


def _say(key: str, name: str, split: dict[str, Any]) -> None:
    said = ", ".join(f"{count} {code}" for code, count in split["rejected"].items())
    print(f"{key} {name}: {split['kept']} rows kept; rejected: {said or 'none'}")


if __name__ == "__main__":
    run(main)
