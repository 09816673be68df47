"""What a person types: `tunegate publish|promote|rollback|mirror|releases|verify|keygen`. Imports late."""

import argparse
from pathlib import Path

from tunegate.cli.parsing import ROOT, Group, add


def add_release(commands: Group) -> None:
    """Add the commands of the release to the command line."""
    move = add(commands, "promote", "put a released version into a stage", _promote)
    move.add_argument("key", metavar="KEY", help="the adapter")
    move.add_argument("version", metavar="VERSION", help="a released one, such as 1.4.0")
    move.add_argument("--stage", choices=["canary", "prod"], required=True, help="where it goes")
    back = add(commands, "rollback", "put the production version before the present one back", _rollback)
    back.add_argument("key", metavar="KEY", help="the adapter")
    for verb in (move, back):
        verb.add_argument("--push", action="store_true", help="share it at once")
    text = "share what passed and is committed: preflight, data, tag, push; run again, it goes on where it was"
    out = add(commands, "publish", text, _publish)
    out.add_argument("keys", nargs="*", metavar="KEY", help="an adapter; all without it")
    out.add_argument("--dry-run", action="store_true", help="only look: what stands against it, what it would do")
    text = "bring an MLflow model registry in step with the tags: versions, their files, aliases for the stages"
    copy = add(commands, "mirror", text, _mirror)
    copy.add_argument("keys", nargs="*", metavar="KEY", help="an adapter; all without it")
    copy.add_argument("--mlflow", metavar="URL", help="the server; without it MLFLOW_TRACKING_URI names it")
    copy.add_argument("--prefix", default="", metavar="TEXT", help="begin the names of the models there with it")
    copy.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    listed = add(commands, "releases", "what is released, and who was in which stage when, from the tags", _releases)
    listed.add_argument("key", nargs="?", default="", metavar="KEY", help="one adapter; all without it")
    text = "is a release what was released? tag, signature, files, verdict; exits with 20 if not"
    check = add(commands, "verify", text, _verify)
    check.add_argument("tag", metavar="TAG", help="such as triage@v1.4.0")
    check.add_argument("--bundle", type=Path, metavar="DIR", help="the bundle; without it DVC brings it")
    check.add_argument("--json", action="store_true", help="the checks as JSON")
    check.add_argument("--signature", type=Path, metavar="FILE", help="only write the signature, for other tools")
    key = add(commands, "keygen", "make a pair of keys that releases are signed with", _keygen)
    key.add_argument("file", type=Path, metavar="FILE", help="a new file for the private half; FILE.pub is the public")


def _promote(args: argparse.Namespace) -> int:
    from tunegate.release.promote import promote

    print(promote(ROOT, args.key, args.version, args.stage, push=args.push))
    return 0


def _rollback(args: argparse.Namespace) -> int:
    from tunegate.release.promote import rollback

    print(rollback(ROOT, args.key, push=args.push))
    return 0


def _verify(args: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from tunegate.core.errors import ReleaseRefused
    from tunegate.verify.run import report, verify, write_signature

    if args.signature:
        print(write_signature(ROOT, args.tag, args.signature))
        return 0
    findings = verify(ROOT, args.tag, datetime.now(UTC).date(), args.bundle)
    print(report(args.tag, findings, as_json=args.json))
    if not all(finding.passed for finding in findings):
        step = "do not serve it: find out who changed it (docs/releasing.md)"
        raise ReleaseRefused(f"{args.tag}: a check does not hold", next_step=step)
    return 0


def _keygen(args: argparse.Namespace) -> int:
    from tunegate.records.release_keys import keygen

    print(keygen(args.file))
    return 0


def _publish(args: argparse.Namespace) -> int:
    from tunegate.publish.run import publish

    print(publish(ROOT, args.keys, lambda text: print(text, flush=True), dry_run=args.dry_run))
    return 0


def _mirror(args: argparse.Namespace) -> int:
    import functools
    import os

    from tunegate.mirror.run import mirror

    url = args.mlflow or os.environ.get("MLFLOW_TRACKING_URI", "")
    say = functools.partial(print, flush=True)
    print(mirror(ROOT, args.keys, url, say, prefix=args.prefix, dry_run=args.dry_run))
    return 0


def _releases(args: argparse.Namespace) -> int:
    from tunegate.release.history import releases

    print(releases(ROOT, args.key))
    return 0
