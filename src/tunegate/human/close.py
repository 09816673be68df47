"""`tunegate human close KEY`: write the evidence that the gate judges, without texts and names."""

from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.human.files import VOTES, files_of, read_pairs, read_plan
from tunegate.human.session import as_session
from tunegate.records.human import Vote, session_path
from tunegate.web.journal import Journal


def close(root: Path, key: str, *, partial: bool = False) -> str:
    """Close the session of adapter `key`; return what was done in words. Closing it again changes nothing.

    Raises:
        DataError: no session, no vote, or ratings are missing and not `partial`.
        BusyError: the page is being served.
    """
    files = files_of(root, key)
    plan, pairs = read_plan(files), read_pairs(files)
    if {pair.item for pair in pairs} != {side.item for side in plan.sides if side.kind != "same"}:
        raise DataError(
            f"{files.pairs} and {files.sides} are not of one session", next_step=f"run `tunegate human new {key}`"
        )
    with Journal(files.votes, Vote, next_step=VOTES) as journal:
        session = as_session(plan, tuple(journal.entries))
    if not session.ballots:
        raise DataError(f"{key}: nobody has rated anything", next_step=f"run `tunegate human serve {key}`")
    if session.missing and not partial:
        raise DataError(
            f"{key}: {session.missing} ratings are missing",
            next_step=f"`tunegate human serve {key}` goes on; --partial closes it as it is, and the gate is told",
        )
    path = session_path(root / "scores", key)
    session.write(path)
    raters = len({ballot.rater for ballot in session.ballots})
    return (
        f"{path.relative_to(root)}: {len(session.ballots)} ratings by {raters} rater(s), {session.missing} missing\n"
        f"next: commit it; with `human: {{}}` under adapters.{key}.gate, `dvc repro gate` judges it"
    )
