"""The stage `probe`: `python -m tunegate.probe KEY DATA ADAPTER OUTPUTS REPORT`; it reports and exits 0."""

import argparse
from pathlib import Path

from tunegate.core.errors import run
from tunegate.core.params import adapter_of, load_params


def main() -> None:
    """Probe one candidate and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tunegate.probe", description=__doc__)
    parser.add_argument("key")
    for name in ("data", "adapter", "outputs", "report"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    params = load_params(Path("params.yaml"))
    adapter, room = adapter_of(params, args.key), params.serve.max_model_len

    from tunegate.models.runtime import set_up

    set_up(offline=params.base.path is not None)

    from tunegate.probe.stage import probe

    found = probe(
        args.data,
        args.adapter,
        args.outputs,
        base=params.base_of(args.key),
        settings=adapter.evaluate,
        room=room,
        served=adapter.gate.served,
    )
    found.write(args.report)
    for check in found.checks:
        print(f"{args.key} {check.name}: {'ok' if check.passed else 'NOT OK'}: {check.detail}")


if __name__ == "__main__":
    run(main)
