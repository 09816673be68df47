"""The stage `train`: `python -m tunegate.train KEY DATA ADAPTER RECORD`."""

import argparse
from pathlib import Path

from tunegate.core.errors import run
from tunegate.core.params import adapter_of, load_params


def main() -> None:
    """Train one adapter on its clean rows."""
    parser = argparse.ArgumentParser(prog="python -m tunegate.train", description=__doc__)
    parser.add_argument("key")
    for name in ("data", "adapter", "record"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    params = load_params(Path("params.yaml"))
    settings = adapter_of(params, args.key).train

    from tunegate.train.parent import end_with_parent

    end_with_parent()  # before the seconds that torch takes to load

    from tunegate.models.runtime import set_up

    set_up(offline=params.base.path is not None)

    from tunegate.train.stage import train

    def say(text: str) -> None:
        print(f"{args.key}: {text}", flush=True)

    train(args.data, params.base, settings, adapter=args.adapter, record=args.record, say=say)


if __name__ == "__main__":
    run(main)
