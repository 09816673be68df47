"""The stages `general`, `baseline` and `evaluate`.

python -m tunegate.evaluate general TASKS SCORES
python -m tunegate.evaluate baseline KEY DATA METRICS SCORES OUTPUTS
python -m tunegate.evaluate candidate KEY DATA METRICS TASKS ADAPTER SCORES OUTPUTS LOOKS
"""

import argparse
from pathlib import Path

from tunegate.core.errors import run
from tunegate.core.params import adapter_of, load_params

WANTED = {
    "general": ("tasks", "scores"),
    "baseline": ("data", "metrics", "scores", "outputs"),
    "candidate": ("data", "metrics", "tasks", "adapter", "scores", "outputs", "looks"),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tunegate.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, paths in WANTED.items():
        part = kinds.add_parser(kind)
        if kind != "general":
            part.add_argument("key")
        for path in paths:
            part.add_argument(path, type=Path)
    return parser.parse_args()


def main() -> None:
    """Measure one model."""
    args = _arguments()
    params = load_params(Path("params.yaml"))
    if args.kind != "general":
        adapter_of(params, args.key)

    from tunegate.models.runtime import set_up

    set_up(offline=params.base.path is not None)

    from tunegate.evaluate import stage

    def say(text: str) -> None:
        print(f"{args.kind if args.kind == 'general' else args.key}: {text}", flush=True)

    if args.kind == "general":
        stage.general(params, args.tasks, args.scores, say)
    elif args.kind == "baseline":
        folders = stage.Folders(args.data, args.metrics)
        stage.baseline(args.key, params, folders, scores=args.scores, outputs=args.outputs, say=say)
    else:
        folders = stage.Folders(args.data, args.metrics, args.tasks, args.adapter, args.looks)
        stage.candidate(args.key, params, folders, scores=args.scores, outputs=args.outputs, say=say)


if __name__ == "__main__":
    run(main)
