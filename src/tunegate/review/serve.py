"""`tunegate review serve KEY`: the page, one personal link a reviewer, until Ctrl-C."""

import sys
from pathlib import Path
from typing import NamedTuple

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError, MachineError, UsageError
from tunegate.core.git import git
from tunegate.records.review import NEXT_STEP, PLACE, Decision
from tunegate.review.board import Board
from tunegate.review.edits import Rules
from tunegate.review.queue import Rows, open_queue
from tunegate.web.journal import Journal
from tunegate.web.links import Links, load_links
from tunegate.web.packages import require_packages

LINKS = Path(".cache") / "tunegate" / "review"


class Options(NamedTuple):
    """What the command line says. `fresh`: earlier links are not valid any more."""

    host: str = "127.0.0.1"
    port: int = 8321
    reviewers: tuple[str, ...] = ()
    rows: Rows = "default"
    fresh: bool = False


def review(root: Path, key: str, settings: Prepare, options: Options) -> int:
    """Serve the review of adapter `key` until Ctrl-C; then say how to record it.

    Raises:
        DataError: no data, no queue, a bad decision or schema.
        BusyError: another server has the decisions open, or the port is taken.
        UsageError: the host is a wildcard, or no reviewer is known.
        MachineError: the web packages are not installed.
    """
    require_packages()
    folder = root / "datasets" / key
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder", next_step="run `tunegate data`")
    reviewers = tuple(dict.fromkeys(options.reviewers)) or (_git_name(root),)
    rules = Rules.load(settings, folder)
    rows: Rows = "required" if options.rows == "default" and settings.review.required else options.rows
    queue = open_queue(root, key, rows)
    with Journal(folder / PLACE, Decision, next_step=NEXT_STEP) as journal:
        before = len(journal.entries)
        if journal.cut:
            _say(f"{journal.path}: its last line was cut short by a kill; it is kept in {journal.cut}")
        board = Board(queue, journal)
        links = load_links(root / LINKS / f"{key}.json", reviewers, fresh=options.fresh)
        _serve(key, board, rules, links, options)
        _say(_closing(board, len(journal.entries) - before, journal.path))
    queue.close()
    return 0


def _serve(key: str, board: Board, rules: Rules, links: Links, options: Options) -> None:
    from tunegate.review.page import ReviewPage
    from tunegate.web.pages import make_app
    from tunegate.web.server import Listener, serve

    listener = Listener(options.host, options.port)
    page = ReviewPage(key, board, rules, tuple(links.secrets)).page()
    # Cookies of one host are shared by all its ports: two reviews at once must not overwrite each other's.
    app = make_app(page, links, cookie=f"tunegate-review-{listener.port}", hosts=listener.hosts)
    for name in links.secrets:
        _say(f"{name}: {links.link(listener.base, name)}")
    if not listener.local:
        _say("Others can reach this page, and what it sends is not encrypted: docs/reviewing.md shows a tunnel.")
    _say(f"{_standing(board)} Stop with Ctrl-C.")
    serve(app, listener)


def _git_name(root: Path) -> str:
    try:
        name = git(root, "config", "user.name").strip()
    except MachineError:
        name = ""
    if not name:
        raise UsageError(
            "who reviews? Git knows no user.name here", next_step="add --reviewer NAME, once for each reviewer"
        )
    return name


def _standing(board: Board) -> str:
    left = board.progress().states["pending"]
    return f"{left} of {len(board.queue)} rows to review."


def _closing(board: Board, made: int, path: Path) -> str:
    if not made:
        return f"Nothing was decided. {_standing(board)}"
    words = f"{made} decision{'s' * (made > 1)} added to {path}. {_standing(board)}"
    return f"{words}\nnext: `dvc add datasets` records them, `dvc repro prepare` applies them"


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
