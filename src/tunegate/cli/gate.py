"""`tunegate gate ...`: judge recorded scores."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from tunegate.cli.parsing import ROOT, Group, add, add_group, add_measured, day


def add_gate(commands: Group) -> None:
    """Add the group."""
    gate = add_group(commands, "gate", "judge recorded scores")
    check = add(
        gate,
        "check",
        "judge the named adapters, or all; exits with the worst: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR",
        _gate_check,
    )
    check.add_argument("keys", nargs="*", metavar="KEY", help="an adapter, as params.yaml names it")
    add_measured(check)
    check.add_argument("--today", type=day, metavar="YYYY-MM-DD", help="the date that waivers are held against")
    plan = add(gate, "plan", "how many documents each gate needs for 80 %% power, from the base's scores", _gate_plan)
    plan.add_argument("keys", nargs="*", metavar="KEY", help="an adapter, as params.yaml names it")
    plan.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    text = "take a released version's scores from its tag, to compare the next candidate with"
    released = add(gate, "released", text, _gate_released)
    released.add_argument("key", metavar="KEY", help="an adapter, as params.yaml names it")
    released.add_argument("version", nargs="?", default="", metavar="VERSION", help="the newest without it")
    released.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    keygen = add(gate, "keygen", "make a key that signs scores", _gate_keygen)
    keygen.add_argument("file", type=Path, metavar="FILE", help="where the private key goes")
    simulate = add(gate, "simulate", "simulate how often the gate errs; writes a page", _gate_simulate)
    simulate.add_argument("--out", type=Path, default=Path("docs/operating-characteristics.md"))
    schema = add(gate, "schema", "write the JSON Schema of verdict.json", _gate_schema)
    schema.add_argument("--out", type=Path, default=Path("docs/reference/verdict.schema.json"))


def _gate_check(args: argparse.Namespace) -> int:
    from tunegate.core.params import load_params
    from tunegate.gate.check import check_all

    params, today = load_params(args.params), args.today or datetime.now(UTC).date()
    return check_all(args.keys or tuple(params.releases), args.scores, args.data, params, today)


def _gate_plan(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.gate.plan import plan_gates, render_plan

    params = load_params(args.params)
    for key in args.keys or params.releases:
        print(render_plan(key, plan_gates(key, args.scores, adapter_of(params, key))))
    return 0


def _gate_released(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.gate.released import take_released

    adapter_of(load_params(args.params), args.key)
    print(take_released(ROOT, args.key, args.scores, args.version))
    return 0


def _gate_keygen(args: argparse.Namespace) -> int:
    from tunegate.gate.keygen import keygen

    print(keygen(args.file))
    return 0


def _gate_simulate(args: argparse.Namespace) -> int:
    from tunegate.gate.simulate import write_page

    write_page(args.out)
    return 0


def _gate_schema(args: argparse.Namespace) -> int:
    from tunegate.gate.schema import write_schema

    write_schema(args.out)
    return 0
