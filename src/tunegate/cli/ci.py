"""`tunegate ci ...`: pull requests."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from tunegate.cli.parsing import ROOT, Group, add, add_group, day


def add_ci(commands: Group) -> None:
    """Add the group."""
    group = add_group(commands, "ci", "judge a pull request and report on it")
    text = "judge all adapters; exits with the gravest: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 ERROR"
    judge = add(group, "judge", text, _ci_judge)
    judge.add_argument("--policy-from", default="", metavar="REF", help="the commit whose params.yaml has the policy")
    judge.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    judge.add_argument("--commit", default="", metavar="SHA", help="the commit that the report names")
    judge.add_argument("--comment", type=Path, metavar="FILE", help="where the text of a comment goes")
    judge.add_argument("--today", type=day, metavar="YYYY-MM-DD", help="for waivers")
    comment = add(group, "comment", "write or update the one comment on a pull request", _ci_comment)
    comment.add_argument("--pr", type=int, required=True, metavar="N", help="its number")
    comment.add_argument("body", type=Path, metavar="BODY", help="the file that `ci judge --comment` wrote")
    publish = add(group, "publish", "post the report that a run of the workflow gate left, also of a fork", _ci_publish)
    publish.add_argument("--run", type=int, required=True, metavar="ID", help="the run, as GitHub numbers it")
    for verb in (comment, publish):
        verb.add_argument("--repo", required=True, metavar="OWNER/NAME", help="the repository")
        verb.add_argument("--author", default="github-actions[bot]", metavar="LOGIN", help="whose comment is ours")


def _ci_judge(args: argparse.Namespace) -> int:
    from tunegate.ci.judge import ask_of, judge_pull_request
    from tunegate.core.params import load_params
    from tunegate.core.settings import Gate
    from tunegate.gate.recorded import judge_recorded
    from tunegate.records.verdict import Verdict

    def judge(key: str, policy: Gate) -> Verdict:
        return judge_recorded(key, args.scores, policy, today, load_params(args.params).general.tasks)

    today: date = args.today or datetime.now(UTC).date()
    ask = ask_of(ROOT, args.params, policy_from=args.policy_from, commit=args.commit, comment=args.comment)
    return judge_pull_request(ask, judge)


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
