"""What a person must know of a data report: the verdict in one sentence; what needs a look, each with its next step.

Page and terminal both say what stands here. Whether the stage fails is the stage's business (max_reject_rate, empty
splits); whether the data is worth a fine-tune is said by `tunegate advise`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tunegate.prepare.labels import RARE, Balance, balance
from tunegate.prepare.tally import all_splits, contaminated, tally
from tunegate.prepare.wording import counted, listed, number, plural
from tunegate.records.data_report import DataReport

# What stayed out, in the order in which it matters.
STAYED_OUT = {
    "that repeated test": ("leaked_test",),
    "that repeated validation": ("leaked_validation",),
    "that repeated general tasks": ("contaminated_general",),
    "with private data": ("private_data",),
    "that repeated other rows": ("duplicate", "near_duplicate", "semantic_duplicate"),
}
KINDS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "iban": "bank accounts (IBAN)",
    "card": "payment cards",
    "ip": "IP addresses",
    "secret": "keys and other secrets",
}
# Next steps for the stage's warnings, by words that a warning holds; any other warning speaks for itself.
NEXT_STEPS = {
    "conflicting_answers": "keep the right answer",
    "different system prompts": "use one (prepare.system)",
    ": no rows": "fill the file or take it out",
    ": rows of ": "name the format (prepare.formats) if detection errs",
    "ids stand more than once": "give each row its own: reviews follow it",
    "families are also in": "keep a family in one split",
    "left for replay": "fill datasets/general/train, or set train.replay to 0",
    "documents of general tasks": "put the tasks' documents under evals/tasks",
}


class Finding(NamedTuple):
    """One thing to know. `grave`: look at it before anything is trained on this data."""

    grave: bool
    text: str
    next_step: str = ""


def verdict(report: DataReport) -> str:
    """The report in one sentence: how much is clean, and the most important of what stayed out."""
    total = tally(report)
    if not total.rows:
        return "There are no rows."
    if not total.rejected:
        return f"All {counted(total.rows, 'row')} are clean." if total.rows > 1 else "The only row is clean."
    out = [
        f"{number(count)} {what}"
        for what, codes in STAYED_OUT.items()
        if (count := sum(total.codes.get(code, 0) for code in codes))
    ]
    code, count = next(iter(total.codes.items()))
    said = f"{' and '.join(out[:2])} stayed out" if out else f"{number(count)} stayed out as {code}"
    return f"{number(total.kept)} of {counted(total.rows, 'row')} {plural(total.kept, 'is')} clean; {said}."


def findings(report: DataReport) -> list[Finding]:
    """All there is to know, the grave first; the same order each time."""
    labels = balance(report)
    found = [*_counts(report), *_private(report), *_leaks(report), *(_labels(labels) if labels else ())]
    found += [*_doubles(report), *_reviews(report), *_warnings(report)]
    return sorted(found, key=lambda finding: not finding.grave)


def _counts(report: DataReport) -> Iterator[Finding]:
    if not tally(report).rows:
        yield Finding(True, "no rows at all", "put data into datasets/KEY/train (docs/data.md)")
    wrong = [file.name for file in report.files if file.rows != file.kept + sum(file.rejected.values())]
    if wrong:
        yield Finding(True, f"rows in are not rows kept and rejected: {listed(wrong)}", "report it: rows were lost")
    if empty := [name for name, split in all_splits(report).items() if not split.kept and name != "replay"]:
        yield Finding(True, f"no clean rows in {listed(empty)}", "read the rejects, or add rows")


def _private(report: DataReport) -> Iterator[Finding]:
    if secrets := report.private["secret"].rows if "secret" in report.private else 0:
        text = f"{counted(secrets, 'row')} {plural(secrets, 'holds')} keys or other secrets"
        yield Finding(True, text, "revoke them: the raw files hold them still")
    kinds = {kind: found.rows for kind, found in sorted(report.private.items()) if found.action == "report"}
    if stay := [f"{KINDS.get(kind, kind)} ({number(rows)})" for kind, rows in kinds.items() if rows]:
        yield Finding(False, f"rows with {listed(stay, 6)} stay in the data", "prepare.private.action: mask or drop")


def _leaks(report: DataReport) -> Iterator[Finding]:
    met = {name: rows for name, rows in contaminated(report).items() if rows}
    if met:
        named = listed([f"{name} ({number(rows)})" for name, rows in met.items()], 4)
        yield Finding(False, f"rows that met {named} stayed out", "ask where they come from")


def _labels(found: Balance) -> Iterator[Finding]:
    if lacking := found.names("lacking"):
        text = f"train lacks {counted(len(lacking), 'label')}: {listed(lacking)}"
        yield Finding(True, text, "add such rows: nothing else teaches them")
    if rare := found.names("rare"):
        text = f"{counted(len(rare), 'label')} with fewer than {RARE} rows in train: {listed(rare)}"
        yield Finding(False, text, "add rows, or merge labels")
    if unmeasured := found.names("unmeasured"):
        text = f"test lacks {counted(len(unmeasured), 'label')}: {listed(unmeasured)}"
        yield Finding(False, text, "add such rows: the gate does not see them")


def _doubles(report: DataReport) -> Iterator[Finding]:
    found = report.duplicates
    count = found.exact + found.near + found.semantic
    if count and found.action == "report":
        text = f"{counted(count, 'duplicate')} {plural(count, 'stays')} in the data"
        yield Finding(False, text, "prepare.duplicates.action: drop")


def _reviews(report: DataReport) -> Iterator[Finding]:
    review, step = report.review, f"tunegate review serve {report.key}"
    if count := review.pending_synthetic:
        yield Finding(False, f"{counted(count, 'synthetic row')} {plural(count, 'waits')} for a reviewer", step)
    if review.required and (count := review.pending_real):
        text = f"{counted(count, 'real row')} {plural(count, 'waits')} for the review that params.yaml requires"
        yield Finding(True, text, step)


def _warnings(report: DataReport) -> Iterator[Finding]:
    for warning in report.warnings:
        step = next((step for words, step in NEXT_STEPS.items() if words in warning), "")
        yield Finding(False, warning, step)
