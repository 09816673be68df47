"""`tunegate trace ROW`: name the splits, runs and releases that contain a row, for a deletion request."""

import sys
from contextlib import suppress
from pathlib import Path

from tunegate.core.errors import UsageError
from tunegate.core.files import dump_json
from tunegate.trace.ask import Ask, query_of, what
from tunegate.trace.outcome import Outcome, outcome
from tunegate.trace.places import GENERAL, Lost, here, stored
from tunegate.trace.refs import names_by_commit
from tunegate.trace.report import as_json, text
from tunegate.trace.search import search
from tunegate.trace.store import Store, cache_folder
from tunegate.trace.versions import RAW, history


def run(root: Path, ask: Ask, *, json: bool) -> int:
    """Search, print, and return the exit code: 0 found, 1 nowhere, 2 not everything could be searched.

    Raises:
        UsageError: not exactly one thing to look for, or no such adapter.
        DataError: the place of the raw data is not there.
        MachineError: no Git repository, or no DVC.
    """
    found = trace(root, ask)
    sys.stdout.write(dump_json(as_json(found), indent=2) + "\n" if json else text(found))
    return found.exit_code


def trace(root: Path, ask: Ask) -> Outcome:
    """Search everything; see `run`."""
    ask.check()
    past = history(root)
    known = sorted({*past.keys, *_folders(root)})
    if ask.key and ask.key not in known:
        raise UsageError(f"no adapter '{ask.key}' ever had data here; there are: {', '.join(known) or 'none'}",
                         next_step="name one of them, or leave --key out")  # fmt: skip
    keys = [ask.key] if ask.key else known
    query = query_of(root, ask, keys)
    lost: list[Lost] = []
    store = Store(root, cache_folder(root), fetch=ask.fetch)
    places = [*here(root, keys), *stored(store, past.versions, keys, lost)]
    result = search(places, query, lost)
    return outcome(what(ask), result, past.versions, names_by_commit(root), past.faults)


def _folders(root: Path) -> list[str]:
    """Adapters that have raw data, whether or not a stage ever ran."""
    with suppress(FileNotFoundError):
        return [path.name for path in (root / RAW).iterdir() if path.is_dir() and path.name != GENERAL]
    return []
