"""`tunegate human serve KEY`: the page, one personal link a rater, until Ctrl-C. Opens no file that tells the sides."""

import sys
from pathlib import Path
from typing import NamedTuple

from tunegate.human.board import Board
from tunegate.human.files import VOTES, files_of, read_pairs
from tunegate.records.human import Vote
from tunegate.web.journal import Journal
from tunegate.web.links import Links, load_links
from tunegate.web.packages import require_packages

LINKS = Path(".cache") / "tunegate" / "human"


class Options(NamedTuple):
    """What the command line says. `fresh`: earlier links are not valid any more."""

    host: str = "127.0.0.1"
    port: int = 8322
    reviewers: tuple[str, ...] = ()
    fresh: bool = False


def compare(root: Path, key: str, options: Options) -> int:
    """Serve the session of adapter `key` until Ctrl-C; then say what is left.

    Raises:
        DataError: no session, a broken vote, no rater.
        BusyError: another server has the votes open, or the port is taken.
        UsageError: the host is a wildcard.
        MachineError: the web packages are not installed.
    """
    require_packages()
    files = files_of(root, key)
    pairs, raters = read_pairs(files), tuple(dict.fromkeys(options.reviewers))
    links = load_links(root / LINKS / f"{key}.json", raters, fresh=options.fresh)
    with Journal(files.votes, Vote, next_step=VOTES) as journal:
        if journal.cut:
            _say(f"{journal.path}: its last line was cut short by a kill; it is kept in {journal.cut}")
        board = Board(pairs, journal, raters)
        _serve(key, board, links, options)
        left = board.progress(raters[0]).left
    _say(f"{left} ratings left." if left else f"All is rated.\nnext: `tunegate human close {key}`")
    return 0


def _serve(key: str, board: Board, links: Links, options: Options) -> None:
    from tunegate.human.page import HumanPage
    from tunegate.web.pages import make_app
    from tunegate.web.server import Listener, serve

    listener = Listener(options.host, options.port)
    app = make_app(HumanPage(key, board).page(), links, cookie=f"tunegate-human-{listener.port}", hosts=listener.hosts)
    for name in links.secrets:
        _say(f"{name}: {links.link(listener.base, name)}")
    if not listener.local:
        _say("Others can reach this page, and what it sends is not encrypted: docs/reviewing.md shows a tunnel.")
    _say(f"{board.progress(next(iter(links.secrets))).left} ratings left. Stop with Ctrl-C.")
    serve(app, listener)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
