"""The stage `prepare`: `python -m tunegate.prepare KEY RAW GENERAL TASKS DATA REPORT METRICS`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tunegate.core.errors import run
from tunegate.core.params import adapter_of, load_params
from tunegate.core.settings import Base
from tunegate.prepare.intake import Sources
from tunegate.prepare.stage import Outs, prepare
from tunegate.prepare.summary import summary_lines


def main() -> None:
    """Prepare the data of one adapter and say what was kept."""
    parser = argparse.ArgumentParser(prog="python -m tunegate.prepare", description=__doc__)
    parser.add_argument("key")
    for name in ("raw", "general", "tasks", "data", "report", "metrics"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    params = load_params(Path("params.yaml"))
    settings = adapter_of(params, args.key).prepare
    tokenizer = _tokenizer(params.base) if settings.max_tokens else None
    sources = Sources(args.raw, args.general, args.tasks, tokenizer)
    say = _progress()
    report = prepare(args.key, sources, Outs(args.data, args.report, args.metrics), settings, say)
    say("")
    print("\n".join(summary_lines(report, args.report / "data-report.html")))


def _tokenizer(base: Base) -> Path:
    """The folder with the base's tokenizer.json; of a base on the hub, the pinned revision's."""
    if base.path:
        return base.path
    from huggingface_hub import hf_hub_download

    return Path(hf_hub_download(base.model, "tokenizer.json", revision=base.revision)).parent


def _progress() -> Callable[[str], None]:
    """One line that changes, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda words: print(f"\r\x1b[2K{words}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
