"""The sections on single documents and classes: what flipped, and how each class fared."""

from collections.abc import Sequence

from tunegate.gate.page.classes import ClassRow, Level, class_rows, unknown
from tunegate.gate.page.facts import Facts
from tunegate.gate.page.flips import Flip, Flips, all_flips
from tunegate.gate.page.markup import Markup, fill, joined
from tunegate.gate.page.sections import section, table
from tunegate.gate.page.texts import Text

MOST = 20  # documents shown in each direction of a metric
MOST_CLASSES = 100


def flips_section(facts: Facts) -> Markup:
    """Counts of all metrics, then the documents, folded."""
    if facts.evidence is None:
        lead = "The evidence cannot be read or compared, so no documents are shown."
        return section("flips", "Documents that flipped", lead, Markup())
    found = all_flips(facts.verdict.key, facts.evidence)
    rows = [(f"{one.task}: {one.metric}", f"{one.n:,}", f"{len(one.worse):,}", f"{len(one.better):,}") for one in found]
    counts = table(("task and metric", "documents", "right to wrong", "wrong to right"), rows, (1, 2, 3))
    shown = joined(_flips(one, facts.texts) for one in found if one.worse or one.better)
    lead = "Base against candidate on the same document. Scores that are no 0 or 1: worse and better instead."
    return section("flips", "Documents that flipped", lead, joined((counts, shown)))


def _flips(flips: Flips, texts: dict[str, Text]) -> Markup:
    """Both directions of one metric."""
    worse, better = flips.words
    title = f"{flips.task}: {flips.metric} ({len(flips.worse):,} {worse}, {len(flips.better):,} {better})"
    lists = joined(
        _direction(words, one, texts) for words, one in ((worse, flips.worse), (better, flips.better)) if one
    )
    return fill("<details>\n<summary>{}</summary>\n{}</details>\n", title, lists)


def _direction(words: str, flips: Sequence[Flip], texts: dict[str, Text]) -> Markup:
    more = len(flips) - MOST
    rest = fill('<p class="more">and {} more</p>\n', f"{more:,}") if more > 0 else Markup()
    bare = [flip for flip in flips[:MOST] if flip.doc not in texts]
    told = joined(_document(flip, texts[flip.doc]) for flip in flips[:MOST] if flip.doc in texts)
    ids = joined(fill("<code>{}</code> ", flip.doc) for flip in bare)
    names = fill('<p class="ids">{}</p>\n', ids) if bare else Markup()
    title = words[:1].upper() + words[1:]
    return fill("<h3>{}: {}</h3>\n{}{}{}", title, f"{len(flips):,}", told, names, rest)


def _document(flip: Flip, text: Text) -> Markup:
    parts = [("prompt", text.prompt), ("reference", text.reference), ("base", text.before), ("candidate", text.after)]
    lines = joined(fill("<dt>{}</dt><dd>{}</dd>\n", name, value) for name, value in parts if value)
    head = fill("<p><b>{}</b> <code>{}</code> {}</p>\n", text.name, flip.doc, f"{flip.before:.3g} to {flip.after:.3g}")
    return fill('<article class="doc">\n{}<dl>\n{}</dl>\n</article>\n', head, lines)


def classes_section(facts: Facts) -> Markup:
    """A table of the classes; nothing where the task has no labels."""
    rows = class_rows(facts.verdict.key, facts.evidence) if facts.evidence is not None else []
    if not rows or facts.evidence is None:
        return Markup()
    heads = ("class", "documents", "precision", "recall", "F1", "base's F1", "change")
    found = table(heads, [_class(row) for row in rows[:MOST_CLASSES]], range(1, 7))
    more = len(rows) - MOST_CLASSES
    rest = fill('<p class="more">and {} more classes</p>\n', f"{more:,}") if more > 0 else Markup()
    none = unknown(facts.verdict.key, facts.evidence)
    lead = f"Of the candidate; {none:,} of its answers name no class, and count as wrong."
    return section("classes", "Classes", lead, joined((found, rest)))


def _class(row: ClassRow) -> tuple[object, ...]:
    base = row.base.f1 if row.base else None
    change = "" if base is None else f"{row.candidate.f1 - base:+.3f}"
    own: Level = row.candidate
    return (row.label, f"{row.n:,}", _share(own.precision), _share(own.recall), _share(own.f1), _share(base), change)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
