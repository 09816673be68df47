"""The stage `convert`: `python -m tunegate.convert KEY DATA ADAPTER TRAINING OUT RECORD`."""

import argparse
from pathlib import Path

from tunegate.core.errors import SettingsError, run
from tunegate.core.params import load_params


def main() -> None:
    """Make one variant."""
    parser = argparse.ArgumentParser(prog="python -m tunegate.convert", description=__doc__)
    parser.add_argument("key")
    for name in ("data", "adapter", "training", "out", "record"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    params = load_params(Path("params.yaml"))
    if args.key not in params.variants:
        known = ", ".join(params.variants) or "none"
        raise SettingsError(f"params.yaml: no variant '{args.key}'; there is {known}", next_step="name one of them")

    from tunegate.models.runtime import set_up

    set_up(offline=params.base.path is not None)

    from tunegate.convert.stage import Paths, convert

    def say(text: str) -> None:
        print(f"{args.key}: {text}", flush=True)

    paths = Paths(args.data, args.adapter, args.training, args.out, args.record)
    convert(params.base, params.variants[args.key], paths, say)


if __name__ == "__main__":
    run(main)
