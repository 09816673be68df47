"""`tunegate ci comment`: the one comment of a pull request, written anew each time.

Ours carries the marker and is by our author: anybody may copy the marker. Two runs at once both find none and both
write one; so each looks again afterwards, the oldest stays, and the others go.
"""

import re
from typing import NamedTuple

from tunegate.ci.github import GitHub, strange
from tunegate.ci.markdown import MARKER, cut
from tunegate.core.errors import UsageError

BOT = "github-actions[bot]"  # whose token GitHub gives to a workflow
MOST_BYTES = 64_000  # GitHub takes 65,536 signs
REPO = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class Comment(NamedTuple):
    """One comment as it stands."""

    number: int
    body: str
    url: str


def put_comment(github: GitHub, repo: str, pull: int, body: str, *, author: str = BOT) -> str:
    """Write or update the comment; its address.

    Raises:
        UsageError: the repository's name is none.
        MachineError: GitHub refuses, or cannot be reached.
    """
    check_repo(repo)
    try:
        return _put(github, repo, pull, body, author)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise strange(repr(fault)) from None


def _put(github: GitHub, repo: str, pull: int, body: str, author: str) -> str:
    text = cut(body if MARKER in body else f"{MARKER}\n{body}", MOST_BYTES)
    written = _write(github, repo, pull, text, author)
    ours = _ours(github, repo, pull, author) or [written]
    oldest = ours[0]
    if oldest.body.strip() != text.strip():
        oldest = _update(github, repo, oldest.number, text)
    for other in ours[1:]:
        github.delete(f"/repos/{repo}/issues/comments/{other.number}")
    return oldest.url


def check_repo(repo: str) -> None:
    """Refuse what is not OWNER/NAME: it becomes part of an address."""
    if not REPO.fullmatch(repo) or ".." in repo:
        raise UsageError(f"{repo!r} is no repository", next_step="name it as OWNER/NAME")


def _write(github: GitHub, repo: str, pull: int, text: str, author: str) -> Comment:
    if ours := _ours(github, repo, pull, author):
        return ours[0] if ours[0].body.strip() == text.strip() else _update(github, repo, ours[0].number, text)
    return _comment(github.send("POST", f"/repos/{repo}/issues/{pull}/comments", {"body": text}))


def _update(github: GitHub, repo: str, number: int, text: str) -> Comment:
    return _comment(github.send("PATCH", f"/repos/{repo}/issues/comments/{number}", {"body": text}))


def _ours(github: GitHub, repo: str, pull: int, author: str) -> list[Comment]:
    """All of ours, the oldest first."""
    items = github.pages(f"/repos/{repo}/issues/{pull}/comments")
    ours = [item for item in items if MARKER in (item.get("body") or "") and _author(item) == author]
    return sorted(map(_comment, ours))


def _author(item: dict[str, dict[str, str] | None]) -> str:
    """Who wrote it; of an account that is gone nobody."""
    return (item.get("user") or {}).get("login", "")


def _comment(item: dict[str, object]) -> Comment:
    return Comment(int(str(item["id"])), str(item.get("body") or ""), str(item.get("html_url") or ""))
