"""What to do so that a row is gone: the steps of docs/deletion-requests.md, with the names that a search found."""

from collections.abc import Iterator

from tunegate.trace.outcome import DERIVED, HERE, LEARNED, MEASURED, REPLAYED, UNKNOWN, Outcome, Seen

AFFECTED = (LEARNED, DERIVED, REPLAYED)
RAW = "datasets/"
MOST = 5


def steps(outcome: Outcome) -> list[str]:
    """The steps, in order. None where nothing was found."""
    return list(_steps(outcome)) if outcome.found else []


def _steps(outcome: Outcome) -> Iterator[str]:
    here = [seen for seen in (*outcome.seen, *outcome.derived) if seen.version == HERE]
    raw = [seen for seen in here if seen.file.startswith(RAW)]
    built = [seen for seen in here if seen.file.startswith("build/")]
    if raw:
        yield f"take these rows out: {_places(raw)}; then `dvc add datasets`"
    elif built:
        sources = dict.fromkeys(source for seen in built for source in seen.sources)
        yield f"take it out of the raw data: {', '.join(sources) or 'see build/report'}; then `dvc add datasets`"
    if here:
        yield "`dvc repro` trains without it; commit, then `dvc repro release` makes the versions that follow"
    if any(seen.file.startswith(".cache/synth/") for seen in here):
        yield "delete .cache/synth/KEY: a teacher was shown it; whoever runs the teacher may have kept it"
    if gone := [release.tag for release in outcome.releases if release.says in AFFECTED]:
        yield f"withdraw {', '.join(gone)}: `git push --delete origin TAG`, `git tag -d TAG`, then `make serve`"
    if unknown := [release.tag for release in outcome.releases if release.says == UNKNOWN]:
        yield f"find out about {', '.join(unknown)} (--fetch, or a machine that has the data), or withdraw them too"
    if measured := [release.tag for release in outcome.releases if release.says == MEASURED]:
        yield f"the stored data of {', '.join(measured)} holds it, though the model did not learn it: withdraw them too"
    names = {name for seen in (*outcome.seen, *outcome.derived) for name in seen.names.experiments}
    if named := sorted(name for name in names if not name.startswith("(")):
        yield f"`dvc exp remove {' '.join(named)}`"
    yield "delete .cache/training: checkpoints of models that learned it"
    if any(seen.version != HERE for seen in (*outcome.seen, *outcome.derived)):
        yield "`dvc gc --workspace --all-tags --cloud` removes from cache and remote what no tag that is left needs"
    yield "trace it again: it should be found nowhere, and what is not searched should be what you removed"


def _places(seen: list[Seen]) -> str:
    """Files with their lines; the whole list is in the table above."""
    found = [f"{each.file}:{','.join(map(str, each.lines[:MOST]))}{'...' * (len(each.lines) > MOST)}" for each in seen]
    return ", ".join(found)
