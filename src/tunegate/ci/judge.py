"""`tunegate ci judge`: judge all adapters of a pull request anew, and say so where its reader looks.

Writes the step summary, annotations on params.yaml, and the body of a comment. The exit code is the gravest verdict.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tunegate.ci.annotations import annotations, silenced
from tunegate.ci.policy import Change, change_since
from tunegate.ci.report import COMMENT_BYTES, SUMMARY_BYTES, Judged, Report, render, render_fault
from tunegate.core.errors import TunegateError
from tunegate.core.files import write_text
from tunegate.core.params import load_params
from tunegate.core.settings import Gate, Params
from tunegate.judge.tries import tries_of
from tunegate.records.verdict import Verdict

SUMMARY = "GITHUB_STEP_SUMMARY"
Judge = Callable[[str, Gate], Verdict]  # an adapter and the policy to judge it by


class Ask(NamedTuple):
    """What to judge and where to write: `policy_from` and `commit` may be empty, `comment` and `summary` None."""

    root: Path
    params: Path
    policy_from: str
    commit: str
    comment: Path | None
    summary: Path | None


def ask_of(root: Path, params: Path, *, policy_from: str, commit: str, comment: Path | None) -> Ask:
    """With the step summary where GitHub Actions wants it."""
    summary = os.environ.get(SUMMARY)
    return Ask(root, params, policy_from, commit, comment, Path(summary) if summary else None)


def judge_pull_request(ask: Ask, judge: Judge) -> int:
    """Judge, write, print; 0, 1, 2, 3: the gravest verdict.

    Raises:
        TunegateError: settings or commits cannot be read; summary and comment say so before.
    """
    try:
        params = load_params(ask.root / ask.params)
        change = change_since(ask.root, ask.policy_from, params, ask.params) if ask.policy_from else None
    except TunegateError as fault:
        _write(ask, render_fault(fault), render_fault(fault))
        raise
    report = Report(tuple(_judged(params, change, judge)), change, ask.commit)
    _write(ask, render(report, _room(ask.summary)), render(report, COMMENT_BYTES))
    text = (ask.root / ask.params).read_text(encoding="utf-8")
    _say(render(report, SUMMARY_BYTES), annotations(report.judged, params, text, ask.params.as_posix()))
    return report.outcome.exit_code


def _judged(params: Params, change: Change | None, judge: Judge) -> Iterator[Judged]:
    for key, adapter in params.releases.items():
        policy = change.policy(key, adapter.gate) if change else adapter.gate
        verdict = judge(key, policy)
        proposed = judge(key, adapter.gate) if policy != adapter.gate else None
        graver = verdict if proposed is None or not tries_of(proposed, params) else proposed
        new = change is not None and key not in change.policies
        yield Judged(key, verdict, proposed, new, tries_of(graver, params))


def _write(ask: Ask, summary: str, comment: str) -> None:
    if ask.summary is not None:
        with ask.summary.open("a", encoding="utf-8") as stream:
            stream.write(f"{summary}\n")
    if ask.comment is not None:
        write_text(ask.comment, comment)


def _room(summary: Path | None) -> int:
    """What is left of the summary: other commands of the step may have written to it."""
    used = summary.stat().st_size if summary is not None and summary.exists() else 0
    return max(2_000, SUMMARY_BYTES - used)


def _say(text: str, commands: list[str]) -> None:
    if os.environ.get("GITHUB_ACTIONS") == "true":
        sys.stdout.write("".join(f"{line}\n" for line in commands) + silenced(text))
    else:
        sys.stdout.write(f"{text}\n")
