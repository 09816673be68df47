"""`tunegate ci publish`: after a run of `gate`, post the report that it left. It has the right to comment, so it trusts
nothing of the pull request: code is never run, the number comes from GitHub, and the report is text.
"""

import io
import re
import zipfile
import zlib
from typing import Any, NamedTuple
from urllib.parse import quote

from tunegate.ci.comment import BOT, check_repo, put_comment
from tunegate.ci.github import GitHub, strange
from tunegate.ci.markdown import MARKER, code, cut, defuse, inert
from tunegate.ci.watched import watched
from tunegate.core.errors import MachineError

ARTIFACT, REPORT = "tunegate-report", "comment.md"
MOST_BYTES = 62_000
MOST_NAMED = 20


class Run(NamedTuple):
    """The run of `gate`, as GitHub has it."""

    number: int
    url: str
    conclusion: str
    sha: str
    pulls: tuple[int, ...]


def publish(github: GitHub, repo: str, run_id: int, *, author: str = BOT) -> list[str]:
    """Post the report on each open pull request that the run is about; a line each of what was done.

    Raises:
        MachineError: GitHub refuses or cannot be reached, or the report in the artifact is damaged.
    """
    check_repo(repo)
    try:
        return _publish(github, repo, run_id, author)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise strange(repr(fault)) from None


def _publish(github: GitHub, repo: str, run_id: int, author: str) -> list[str]:
    run = _run(github, repo, run_id)
    if not run.pulls:
        return [f"run {run_id} is about no open pull request whose newest commit is {run.sha[:7]}: nothing is posted"]
    found = _report(github, repo, run_id)
    return [
        f"#{pull}: {put_comment(github, repo, pull, _body(github, repo, pull, run, found), author=author)}"
        for pull in run.pulls
    ]


def _run(github: GitHub, repo: str, run_id: int) -> Run:
    found = github.get(f"/repos/{repo}/actions/runs/{run_id}")
    sha = str(found["head_sha"])
    pulls = _pulls(github, repo, found) if found.get("event") == "pull_request" else []
    current = tuple(sorted(int(pull["number"]) for pull in pulls if _is_of(pull, repo, sha)))
    return Run(run_id, str(found["html_url"]), str(found.get("conclusion")), sha, current)


def _pulls(github: GitHub, repo: str, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that GitHub names with the run; of a fork it names none, so they are looked up by the fork's branch."""
    if named := run.get("pull_requests"):
        return [github.get(f"/repos/{repo}/pulls/{int(pull['number'])}") for pull in named]
    head = run.get("head_repository") or {}
    owner, branch = (head.get("owner") or {}).get("login", ""), run.get("head_branch") or ""
    if not owner or not branch:
        return []
    pulls = github.pages(f"/repos/{repo}/pulls?state=open&head={quote(f'{owner}:{branch}', safe='')}")
    return [pull for pull in pulls if ((pull["head"].get("repo") or {}).get("full_name")) == head.get("full_name")]


def _is_of(pull: dict[str, Any], repo: str, sha: str) -> bool:
    """It is open, is into this repository, and has not moved on since the run: the newer run reports then."""
    here = str(pull["base"]["repo"]["full_name"]).lower() == repo.lower()
    return here and pull.get("state") == "open" and pull["head"]["sha"] == sha


def _report(github: GitHub, repo: str, run_id: int) -> str | None:
    """The report in the run's artifact, or None if it left none."""
    items = github.pages(f"/repos/{repo}/actions/runs/{run_id}/artifacts", within="artifacts")
    named = [item for item in items if item["name"] == ARTIFACT and not item.get("expired")]
    if not named:
        return None
    newest = max(named, key=lambda item: int(item["id"]))  # an attempt each
    return unpack(github.download(f"/repos/{repo}/actions/artifacts/{int(newest['id'])}/zip"))


def unpack(packed: bytes) -> str:
    """The report out of the ZIP: one member, read in memory, at most 64 kB of it; nothing is written to disk.

    Raises:
        MachineError: no ZIP, damaged, or without that member.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive, archive.open(REPORT) as stream:
            return stream.read(MOST_BYTES).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError) as fault:
        step = "read the run of the gate"
        raise MachineError(f"the artifact {ARTIFACT} has no readable {REPORT}: {fault}", next_step=step) from None


def _body(github: GitHub, repo: str, pull: int, run: Run, report: str | None) -> str:
    """A line of ours, what GitHub says was changed, then the report as text."""
    names = [str(item["filename"]) for item in github.pages(f"/repos/{repo}/pulls/{pull}/files")]
    loud = _loud(watched(names))
    source = f"<sub>[Run {run.number}]({_address(run.url)}) of {inert(run.sha[:7])}: {inert(run.conclusion)}. "
    source += "Posted by the base branch's code; what follows is text that the run wrote.</sub>\n\n"
    text = "## tunegate: ERROR\n\nThe run left no report: read its log.\n"
    if report is not None:
        text = defuse(report.replace(MARKER, "").lstrip("\n"))
    return cut(f"{MARKER}\n{source}{loud}{text}", MOST_BYTES)


def _loud(files: tuple[str, ...]) -> str:
    if not files:
        return ""
    names = ", ".join(code(name) for name in files[:MOST_NAMED])
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    told = "By GitHub's list this pull request changes what judges it, so the verdict below is its own word"
    return f"> [!CAUTION]\n> {told}: {names}{more}.\n\n"


def _address(url: str) -> str:
    """The run's page, if it is a plain address."""
    return url if re.fullmatch(r"https?://[\w.:/-]+", url) else "#"
