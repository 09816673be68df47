"""What a person types: `tunegate serve ...`. Imports nothing before the command is known: `--help` is instant."""

import argparse
import math

from tunegate.cli.parsing import ROOT, Group, add, add_group

SYSTEMS = ("kserve", "production-stack", "llm-d", "tgi", "triton")


def add_serve(commands: Group) -> None:
    """Add `serve` and its commands to the command line."""
    group = add_group(commands, "serve", "serve the released adapters")
    fetch = add(group, "fetch", "bring the released adapters and check their digests", _fetch)
    fetch.add_argument(
        "tags", nargs="*", metavar="TAG", help="releases such as triage@v1.0.0; without it what is served"
    )
    fetch.add_argument("--from", dest="source", default="", metavar="URL", help="clone this repository here before")
    fetch.add_argument("--commit", default="HEAD", metavar="SHA", help="with --from: the commit to check out")
    render = add(group, "render", "write serving/ from the tags: vllm.yaml, routes, compose, Kubernetes", _render)
    render.add_argument("--for", dest="system", choices=SYSTEMS, help="write instead what another system reads")
    up = add(group, "up", "start vLLM on serving/vllm.yaml", _up)
    up.add_argument("--model", default="", metavar="NAME", help="instead a full fine-tune, such as triage-v2.0.0")
    text = "what the tags want against what the running server has; exits with 0 if they are in step, else 1"
    status = add(group, "status", text, _status)
    text = "load and unload until the running server is in step with the tags; exits with 1 if something Failed"
    reconcile = add(group, "reconcile", text, _reconcile)
    for verb in (status, reconcile):
        verb.add_argument("--url", default="", help="the server; without it the one of params.yaml")
    reconcile.add_argument("--watch", type=_seconds, metavar="SECONDS", help="look again and again, until Ctrl-C")
    reconcile.add_argument("--fetch-tags", action="store_true", help="`git fetch --tags` before each look")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _fetch(args: argparse.Namespace) -> int:
    from tunegate.serve.fetch import clone, fetch

    if args.source:
        clone(ROOT, args.source, args.commit)
    print("\n".join(fetch(ROOT, args.tags)))
    return 0


def _render(args: argparse.Namespace) -> int:
    from tunegate.serve.render import export, render

    print("\n".join(export(ROOT, args.system) if args.system else render(ROOT)))
    return 0


def _up(args: argparse.Namespace) -> int:
    from tunegate.serve.up import up

    return up(ROOT, args.model)


def _status(args: argparse.Namespace) -> int:
    from tunegate.serve.watch import status

    return status(ROOT, args.url)


def _reconcile(args: argparse.Namespace) -> int:
    from tunegate.serve.watch import reconcile

    return reconcile(ROOT, args.url, args.watch, fetch_tags=args.fetch_tags)
