"""What a pull request is told, as Markdown: a table first, then what fell short, then everything, folded.

Names and reasons come from files of the pull request, so all of them are written `inert`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tunegate.ci.markdown import MARKER, code, fit, inert, ticked
from tunegate.ci.policy import Change
from tunegate.core.errors import TunegateError
from tunegate.judge.remedies import Remedy, summary
from tunegate.judge.rows import MACRO
from tunegate.judge.wording import MEANINGS, cells, confidence, effect, fell_short, gravest, next_step, result, to_know
from tunegate.records.verdict import GateResult, Outcome, Verdict

MOST_NAMED = 4  # gates named in a cell
MOST_FILES = 20
COMMENT_BYTES = 56_000  # GitHub takes 65,536 signs; `tunegate ci publish` adds a few lines
SUMMARY_BYTES = 1_000_000  # of a step: GitHub drops all of it above 1024 KiB


class Judged(NamedTuple):
    """One adapter: the verdict that counts, and the one by the policy that the pull request proposes, if it differs."""

    key: str
    verdict: Verdict
    proposed: Verdict | None = None
    new: bool = False
    tries: tuple[Remedy, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The graver of both: neither a looser policy nor a stricter one lets a candidate through."""
        return gravest([self.verdict.outcome, *([self.proposed.outcome] if self.proposed else [])])


class Report(NamedTuple):
    """All adapters; what changes the way they are judged, where a base branch is known; the commit, if it is known."""

    judged: tuple[Judged, ...]
    change: Change | None = None
    commit: str = ""

    @property
    def outcome(self) -> Outcome:
        """The gravest of all."""
        return gravest([one.outcome for one in self.judged])


def render(report: Report, limit: int) -> str:
    """The report in at most `limit` bytes."""
    head = f"{MARKER}\n## tunegate: {report.outcome}\n\n{_loud(report)}{_table(report)}\n{_source(report)}"
    short = [_section(one) for one in report.judged if one.outcome is not Outcome.PASS]
    return fit(head, [*short, *(_everything(one) for one in report.judged)], limit)


def render_fault(fault: TunegateError) -> str:
    """The report where nothing could be judged at all."""
    lines = "".join(f"- {inert(line)}\n" for line in fault.message.splitlines()[:50])
    return f"{MARKER}\n## tunegate: ERROR\n\nNothing was judged:\n\n{lines}\nNext: {inert(fault.next_step)}\n"


def _loud(report: Report) -> str:
    lines = list(_changes(report))
    if not lines:
        return ""
    quoted = "".join(f"> - {line}\n" for line in lines)
    return f"> [!CAUTION]\n> **This pull request changes how it is judged. Review that first.**\n>\n{quoted}\n"


def _changes(report: Report) -> Iterator[str]:
    change = report.change
    if change is None:
        return
    if change.files:
        names = ", ".join(code(name) for name in change.files[:MOST_FILES])
        more = f" and {len(change.files) - MOST_FILES} more" if len(change.files) > MOST_FILES else ""
        yield f"It changes the code or settings that judge: {names}{more}."
    if change.measured:
        names = ", ".join(code(name) for name in change.measured[:MOST_FILES])
        yield f"It changes what is measured, or on what: {names}. Compare the gates with those of the base branch."
    for one in report.judged:
        if one.proposed is not None:
            yield (
                f"It changes the policy of {inert(one.key)}: {one.verdict.outcome} by the base branch's, "
                f"{one.proposed.outcome} by the proposed one{_differing(one)}. The graver counts."
            )
        if one.new:
            yield f"{inert(one.key)} is not on the base branch: it is judged by the policy that it brings."
    yield from (f"It takes {inert(key)} out: this adapter is no longer judged." for key in change.gone)


def _differing(one: Judged) -> str:
    """The sections of the policy that are not the same."""
    proposed = one.proposed.policy if one.proposed else {}
    names = [name for name, value in proposed.items() if one.verdict.policy.get(name) != value]
    return f" (changed: {', '.join(code(name) for name in names)})" if names else ""


def _table(report: Report) -> str:
    both = any(one.proposed for one in report.judged)
    heads = (
        "adapter",
        "verdict",
        *(["by the proposed policy"] if both else []),
        "gain",
        "general skills",
        "fell short",
    )
    lines = [f"| {' | '.join(heads)} |\n", "|---" * len(heads) + "|\n"]
    for one in report.judged:
        proposed = [str(one.proposed.outcome) if one.proposed else "the same"] if both else []
        row = (one.key, str(one.verdict.outcome), *proposed, _gain(one.verdict), _kept(one.verdict), _short(one))
        lines.append(f"| {' | '.join(inert(cell) for cell in row)} |\n")
    return "".join(lines)


def _gain(verdict: Verdict) -> str:
    first = next((gate for gate in verdict.gates if gate.kind == "superiority"), None)
    return f"{first.metric} {effect(first)}" if first and first.effect is not None else "not judged"


def _kept(verdict: Verdict) -> str:
    macro = next((gate for gate in verdict.gates if gate.id == MACRO), None)
    return effect(macro) if macro and macro.effect is not None else "not judged"


def _short(one: Judged) -> str:
    names = list(dict.fromkeys(gate.id for verdict in _verdicts(one) for gate in fell_short(verdict)))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _verdicts(one: Judged) -> list[Verdict]:
    return [one.verdict, *([one.proposed] if one.proposed else [])]


def _source(report: Report) -> str:
    ref = f", by the policy of the base branch ({report.change.ref[:7]})" if report.change else ""
    commit = f" of {inert(report.commit[:7])}" if report.commit else ""
    return f"Judged anew from the recorded scores{commit}{ref}; a committed verdict is not believed.\n"


def _section(one: Judged) -> str:
    """What fell short, by the policy that counts most, and what to do."""
    verdict = next(found for found in _verdicts(one) if found.outcome is one.outcome)
    which = " by the proposed policy" if verdict is one.proposed else ""
    lines = "".join(_reason(gate) for gate in fell_short(verdict))
    tries = "".join(f"- {one_try.why}: {code(one_try.command(one.key))} (now {one_try.now})\n" for one_try in one.tries)
    why = f"\nWhat to try against forgetting ({inert(summary(verdict))}):\n\n{tries}" if tries else ""
    title = f"### {inert(one.key)}: {one.outcome}{which}\n\n{MEANINGS[one.outcome]}\n\n"
    return f"\n{title}{lines}{why}\nNext: {ticked(next_step(verdict))}\n"


def _reason(gate: GateResult) -> str:
    return f"- {code(gate.id)} {result(gate)}: {inert(gate.reason)}\n"


def _everything(one: Judged) -> str:
    """All gates of one adapter, folded."""
    verdict = one.verdict
    heads = ("gate", "base", "candidate", f"effect ({confidence(verdict)} % interval)", "bound", "result")
    rows = "".join(f"| {' | '.join(inert(cell) for cell in cells(gate))} |\n" for gate in verdict.gates)
    table = f"| {' | '.join(heads)} |\n|---|---:|---:|---:|---:|---|\n{rows}"
    notes = "".join(f"- {inert(line)}\n" for line in (*to_know(verdict), *_provenance(verdict)))
    title = f"<summary>{inert(one.key)}: all {len(verdict.gates)} gates, and what was judged</summary>"
    return f"\n<details>\n{title}\n\n{table}\n{notes}\n</details>\n"


def _provenance(verdict: Verdict) -> Sequence[str]:
    lines = []
    if verdict.base is not None:
        lines.append(f"Base: {verdict.base.base}, SHA-256 {verdict.base.base_digest[:12]}")
    if verdict.candidate is not None:
        lines.append(f"Adapter: SHA-256 {(verdict.candidate.adapter or 'none')[:12]}")
    files = ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(verdict.inputs.items()))
    return [*lines, *([f"Scores: {files}"] if files else [])]
