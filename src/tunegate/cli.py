"""What a person types: `tunegate ...`. No logic, and no import before the command is known: `--help` is instant."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from tunegate.human.commands import add_human
from tunegate.release.commands import add_release
from tunegate.serve.commands import add_serve

ROOT = Path()
PARAMS = Path("params.yaml")
USAGE_ERROR = 64


class _Parser(argparse.ArgumentParser):
    """A parser whose usage errors exit with their own code."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def _check(args: argparse.Namespace) -> int:
    from tunegate.core.params import load_params

    params = load_params(args.params)
    print(f"{args.params}: no faults; adapters: {', '.join(params.adapters)}")
    return 0


def _data(args: argparse.Namespace) -> int:
    from tunegate.prepare.fetch import fetch_data

    del args
    print(fetch_data(ROOT))
    return 0


def _synth(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.synth.stage import dry_run, synth

    adapter = adapter_of(load_params(args.params), args.key)
    (dry_run if args.dry_run else synth)(ROOT, args.key, adapter, print)
    return 0


def _advise(args: argparse.Namespace) -> int:
    from tunegate.advise.report import report
    from tunegate.core.params import load_params

    report(args.keys, load_params(args.params), data=args.data, scores=args.scores, as_json=args.json)
    return 0


def _trace(args: argparse.Namespace) -> int:
    from tunegate.trace.ask import Ask
    from tunegate.trace.run import run

    ask = Ask(args.id, args.contains, args.row, key=args.key, ignore_case=args.ignore_case, fetch=args.fetch)
    return run(ROOT, ask, json=args.json)


def _review_serve(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.review.serve import Options, review

    options = Options(args.host, args.port, tuple(args.reviewer), args.rows, args.new_links)
    return review(ROOT, args.key, adapter_of(load_params(args.params), args.key).prepare, options)


def _review_status(args: argparse.Namespace) -> int:
    from tunegate.review.status import status

    print(status(ROOT, args.key))
    return 0


def _review_export(args: argparse.Namespace) -> int:
    from tunegate.review.label_studio import export

    print(export(ROOT, args.key, args.rows, args.file))
    return 0


def _review_import(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.review.label_studio_import import import_decisions

    settings = adapter_of(load_params(args.params), args.key).prepare
    print(import_decisions(ROOT, args.key, settings, args.file, args.reviewer))
    return 0


def _gate_check(args: argparse.Namespace) -> int:
    from tunegate.core.params import load_params
    from tunegate.gate.check import check_all

    params, today = load_params(args.params), args.today or datetime.now(UTC).date()
    return check_all(args.keys or tuple(params.adapters), args.scores, args.data, params, today)


def _ci_judge(args: argparse.Namespace) -> int:
    from tunegate.ci.judge import ask_of, judge_pull_request
    from tunegate.gate.recorded import judge_recorded

    today: date = args.today or datetime.now(UTC).date()
    ask = ask_of(ROOT, args.params, policy_from=args.policy_from, commit=args.commit, comment=args.comment)
    return judge_pull_request(ask, lambda key, policy: judge_recorded(key, args.scores, policy, today))


def _ci_comment(args: argparse.Namespace) -> int:
    from tunegate.ci.comment import put_comment
    from tunegate.ci.github import connect

    print(put_comment(connect(), args.repo, args.pr, args.body.read_text("utf-8", "replace"), author=args.author))
    return 0


def _ci_publish(args: argparse.Namespace) -> int:
    from tunegate.ci.github import connect
    from tunegate.ci.publish import publish

    print("\n".join(publish(connect(), args.repo, args.run, author=args.author)))
    return 0


def _gate_plan(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.gate.plan import plan_gates, render_plan

    params = load_params(args.params)
    for key in args.keys or params.adapters:
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


def _sandbox_check(args: argparse.Namespace) -> int:
    from tunegate.sandbox.command import check

    del args
    return check(print)


def _sandbox_run(args: argparse.Namespace) -> int:
    from tunegate.sandbox.command import run
    from tunegate.sandbox.limits import Limits

    limits = Limits(seconds=args.seconds, memory_mib=args.memory)
    print("\n".join(run(args.samples, args.problems, args.out, args.k, limits)))
    return 0


Command = Callable[[argparse.Namespace], int]


def _add(group: "argparse._SubParsersAction[_Parser]", name: str, text: str, command: Command) -> _Parser:
    parser = group.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command)
    return parser


def _add_trace(commands: "argparse._SubParsersAction[_Parser]") -> None:
    text = "name the splits, runs and releases that contain a row; exits with 0 found, 1 nowhere, 2 not all searched"
    trace = _add(commands, "trace", text, _trace)
    trace.add_argument("id", nargs="?", default="", metavar="ROW", help="the row's id")
    trace.add_argument("--contains", default="", metavar="TEXT", help="instead: all rows that contain this text")
    trace.add_argument("--row", default="", metavar="FILE:LINE", help="instead: the row at this place of datasets/KEY")
    trace.add_argument("--key", default="", metavar="KEY", help="of this adapter only; of all without it")
    trace.add_argument("--ignore-case", action="store_true", help="with --contains: whatever the case")
    trace.add_argument("--fetch", action="store_true", help="read from DVC's remote what is not in the cache")
    trace.add_argument("--json", action="store_true", help="all of it as JSON")


def _add_measured(parser: _Parser) -> None:
    parser.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    parser.add_argument("--data", type=Path, default=Path("metrics/data"), help="the folder of the data's metrics")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(prog="tunegate", description="Releases a fine-tuned LLM adapter only when the evidence says so.")
    top.add_argument("--params", type=Path, default=PARAMS, help="the settings (params.yaml)")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add(commands, "check", "check params.yaml: all faults at once", _check)
    _add(commands, "data", "bring the data that datasets.dvc names", _data)
    synth = _add(commands, "synth", "let a stronger model write variations of real rows, for people to review", _synth)
    synth.add_argument("key", metavar="KEY", help="the adapter, as params.yaml names it")
    synth.add_argument("--dry-run", action="store_true", help="show one request and what the whole would cost")
    advise = _add(commands, "advise", "should this be fine-tuned at all? says why, with the numbers", _advise)
    advise.add_argument("keys", nargs="*", metavar="KEY", help="an adapter, as params.yaml names it")
    _add_measured(advise)
    advise.add_argument("--json", action="store_true", help="the advice and its facts as JSON")
    _add_trace(commands)
    _add_review(commands)
    _add_sandbox(commands)
    add_human(commands)
    add_release(commands)
    gate = commands.add_parser("gate", help="judge recorded scores").add_subparsers(required=True, metavar="COMMAND")
    check = _add(
        gate,
        "check",
        "judge the named adapters, or all; exits with the worst: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR",
        _gate_check,
    )
    check.add_argument("keys", nargs="*", metavar="KEY", help="an adapter, as params.yaml names it")
    _add_measured(check)
    check.add_argument(
        "--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the date that waivers are held against"
    )
    plan = _add(gate, "plan", "how many documents each gate needs for 80 % power, from the base's scores", _gate_plan)
    plan.add_argument("keys", nargs="*", metavar="KEY", help="an adapter, as params.yaml names it")
    plan.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    text = "take a released version's scores from its tag, to compare the next candidate with"
    released = _add(gate, "released", text, _gate_released)
    released.add_argument("key", metavar="KEY", help="an adapter, as params.yaml names it")
    released.add_argument("version", nargs="?", default="", metavar="VERSION", help="the newest without it")
    released.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    keygen = _add(gate, "keygen", "make a key that signs scores", _gate_keygen)
    keygen.add_argument("file", type=Path, metavar="FILE", help="where the private key goes")
    simulate = _add(gate, "simulate", "simulate how often the gate errs; writes a page", _gate_simulate)
    simulate.add_argument("--out", type=Path, default=Path("docs/operating-characteristics.md"))
    schema = _add(gate, "schema", "write the JSON Schema of verdict.json", _gate_schema)
    schema.add_argument("--out", type=Path, default=Path("docs/reference/verdict.schema.json"))
    _add_ci(commands)
    add_serve(commands)
    return top


def _add_ci(commands: "argparse._SubParsersAction[_Parser]") -> None:
    group = commands.add_parser("ci", help="judge a pull request and report on it").add_subparsers(
        required=True, metavar="COMMAND"
    )
    text = "judge all adapters; exits with the gravest: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR"
    judge = _add(group, "judge", text, _ci_judge)
    judge.add_argument("--policy-from", default="", metavar="REF", help="the commit whose params.yaml has the policy")
    judge.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    judge.add_argument("--commit", default="", metavar="SHA", help="the commit that the report names")
    judge.add_argument("--comment", type=Path, metavar="FILE", help="where the text of a comment goes")
    judge.add_argument("--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="for waivers")
    comment = _add(group, "comment", "write or update the one comment on a pull request", _ci_comment)
    comment.add_argument("--pr", type=int, required=True, metavar="N", help="its number")
    comment.add_argument("body", type=Path, metavar="BODY", help="the file that `ci judge --comment` wrote")
    publish = _add(
        group, "publish", "post the report that a run of the workflow gate left, also of a fork", _ci_publish
    )
    publish.add_argument("--run", type=int, required=True, metavar="ID", help="the run, as GitHub numbers it")
    for verb in (comment, publish):
        verb.add_argument("--repo", required=True, metavar="OWNER/NAME", help="the repository")
        verb.add_argument("--author", default="github-actions[bot]", metavar="LOGIN", help="whose comment is ours")


def _add_sandbox(commands: "argparse._SubParsersAction[_Parser]") -> None:
    group = commands.add_parser("sandbox", help="run programs that a model wrote, and judge them").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _add(group, "check", "what isolates programs here; tries it on built-in exploits; exits with 1 if one wins",
         _sandbox_check)  # fmt: skip
    run = _add(group, "run", "pass@k of completions in HumanEval's format; a killed run goes on", _sandbox_run)
    run.add_argument("samples", type=Path, metavar="SAMPLES", help="JSONL (or gzip) of task_id and completion")
    run.add_argument("problems", type=Path, metavar="PROBLEMS", help="JSONL (or gzip) of HumanEval's problems")
    run.add_argument("--k", type=int, nargs="+", default=[1], metavar="K", help="which pass@k (default: 1)")
    run.add_argument("--out", type=Path, default=Path("results.jsonl"), help="a line for each completion")
    run.add_argument("--seconds", type=float, default=5.0, help="the time of one completion (default: 5)")
    run.add_argument("--memory", type=int, default=512, metavar="MIB", help="the memory of one (default: 512)")


def _add_review(commands: "argparse._SubParsersAction[_Parser]") -> None:
    group = commands.add_parser("review", help="experts approve, edit or reject rows").add_subparsers(
        required=True, metavar="COMMAND"
    )
    serve = _add(group, "serve", "open a local page; prints a personal link for each reviewer", _review_serve)
    status = _add(group, "status", "how far the review is, and where reviewers disagree", _review_status)
    export = _add(group, "export", "write rows and decisions as Label Studio tasks", _review_export)
    bring = _add(group, "import", "take decisions from a Label Studio export: all, or none", _review_import)
    for verb in (serve, status, export, bring):
        verb.add_argument("key", metavar="KEY", help="the adapter, as params.yaml names it")
    for verb in (serve, export):
        verb.add_argument(
            "--rows",
            choices=["synthetic", "sample", "all"],
            default="default",
            help="which rows; without it synthetic ones, then the sample",
        )
    serve.add_argument("--host", default="127.0.0.1", help="the address that reviewers type (127.0.0.1: this machine)")
    serve.add_argument("--port", type=int, default=8321, help="0 takes a free one")
    serve.add_argument(
        "--reviewer", action="append", default=[], metavar="NAME", help="once for each; without it git user.name"
    )
    serve.add_argument("--new-links", action="store_true", help="make new links: earlier ones end")
    export.add_argument(
        "file", type=Path, metavar="FILE", help="the tasks; the labelling set-up goes beside it as .xml"
    )
    bring.add_argument("file", type=Path, metavar="FILE", help="the JSON export")
    bring.add_argument("--reviewer", metavar="NAME", help="who decided, where the export has only a number")


def main() -> NoReturn:
    """Parse and run; errors of the family become one message and their exit code."""
    args = parser().parse_args()
    from tunegate.core.errors import run

    run(lambda: args.command(args))


if __name__ == "__main__":
    main()
