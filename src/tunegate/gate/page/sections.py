"""The sections that tell the verdict: what it is, the effects, what to try, the gates, power, waivers, provenance."""

from collections.abc import Sequence

from tunegate.core.files import dump_json
from tunegate.gate.page.facts import Facts
from tunegate.gate.page.forest import forest
from tunegate.gate.page.markup import Markup, fill, joined
from tunegate.judge.remedies import summary
from tunegate.judge.wording import MEANINGS, cells, confidence, fell_short, next_step, result
from tunegate.records.verdict import GateResult, Verdict


def section(name: str, title: str, lead: str, inside: Markup) -> Markup:
    """One card of the page."""
    told = fill('<p class="lead">{}</p>\n', lead) if lead else Markup()
    return fill('<section id="{}">\n<h2>{}</h2>\n{}{}</section>\n', name, title, told, inside)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()) -> Markup:
    """A table; the first cell of a row is its head, columns in `numbers` are aligned to the right."""

    def cell(at: int, value: object, tag: str) -> Markup:
        kind = Markup(' class="n"') if at in numbers else Markup()
        return fill("<{}{}>{}</{}>", tag, kind, value, tag)

    head = joined(cell(at, name, "th") for at, name in enumerate(heads))
    body = joined(
        fill("<tr>{}</tr>\n", joined(cell(at, value, "td" if at else "th") for at, value in enumerate(row)))
        for row in rows
    )
    pattern = '<div class="scroll"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n'
    return fill(pattern, head, body)


def header(verdict: Verdict) -> Markup:
    """The verdict, what it means in one sentence, and what fell short."""
    short = fell_short(verdict)
    items = joined(
        fill('<li class="v-{}"><b>{}</b> <code>{}</code><span>{}</span></li>\n', *_reason(gate)) for gate in short
    )
    listed = fill('<ul class="short">\n{}</ul>\n', items) if short else Markup()
    pattern = (
        '<header>\n<p class="kicker">Gate report</p>\n<h1>{}: <span class="outcome">{}</span></h1>\n'
        '<p class="meaning">{}</p>\n{}<p class="next"><b>Next:</b> {}</p>\n</header>\n'
    )
    step = next_step(verdict).replace("`", "")
    return fill(pattern, verdict.key, verdict.outcome, MEANINGS[verdict.outcome], listed, step)


def _reason(gate: GateResult) -> tuple[str, str, str, str]:
    return gate.outcome.lower(), result(gate), gate.id, gate.reason


def effects(verdict: Verdict) -> Markup:
    """The pictures."""
    drawn = forest(verdict)
    lead = (
        f"Each dot is the effect, the band its {confidence(verdict)} % interval, the upright line the bound: a gate "
        "passes where the whole band is to the right of its line (a leak: unless the whole band is)."
    )
    return section("effects", "Effects against their bounds", lead if drawn else "No gate could be judged.", drawn)


def tries(facts: Facts) -> Markup:
    """What to try against forgetting; nothing where there is nothing to try."""
    if not facts.tries:
        return Markup()
    pattern = '<li><p class="set"><code>{}</code> {} <b>to {}</b></p><p>{}</p><p><code>{}</code></p></li>\n'
    key = facts.verdict.key
    items = joined(fill(pattern, one.setting, one.now, one.proposed, one.why, one.command(key)) for one in facts.tries)
    found = fill('<ol class="tries">\n{}</ol>\n', items)
    lead = f"{summary(facts.verdict)}. One change at a time, best first:"
    return section("tries", "What to try against forgetting", lead[:1].upper() + lead[1:], found)


def gates(verdict: Verdict) -> Markup:
    """Every gate."""
    heads = ["gate", "result", "base", "candidate", f"effect ({confidence(verdict)} % interval)", "bound"]
    rows: list[list[object]] = [[gate.id, _coloured(gate), *cells(gate)[1:5]] for gate in verdict.gates]
    lead = "Means of base and candidate on the same documents. What has no veto informs; the macro decides for it."
    if any(gate.above_chance for gate in verdict.gates):
        lead += " Above chance: what of the room that guessing leaves is reached, base to candidate."
        heads.insert(4, "above chance")
        for row, gate in zip(rows, verdict.gates, strict=True):
            row.insert(4, "{:.3f} to {:.3f}".format(*gate.above_chance) if gate.above_chance else "")
    return section("gates", "Gates", lead, table(heads, rows, range(2, len(heads))))


def _coloured(gate: GateResult) -> Markup:
    return fill('<b class="v-{}">{}</b>', gate.outcome.lower(), result(gate))


def power(verdict: Verdict) -> Markup:
    """How each was tested, on how many documents, and how many would decide."""
    heads = ("gate", "documents", "families", "better", "worse", "p", "80 % power at", "test")
    rows = [
        (
            gate.id,
            *map(_count, (gate.n, gate.clusters, gate.better, gate.worse)),
            _p(gate),
            _count(gate.min_n_80),
            gate.test,
        )
        for gate in verdict.gates
        if gate.test
    ]
    lead = (
        "Documents that are alike form a family and count as less. Where a gate is inconclusive: how many would decide."
    )
    return section("power", "Evidence and power", lead, table(heads, rows, range(1, 7))) if rows else Markup()


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _p(gate: GateResult) -> str:
    value = gate.p if gate.p_adjusted is None else gate.p_adjusted
    return "" if value is None else f"{value:.2g}" if value >= 1e-4 else "< 0.0001"


def waivers(verdict: Verdict) -> Markup:
    """Waivers with their last day, and what else a reader should know."""
    rows = [(one.gate, one.expires, one.by, one.reason, "yes" if one.used else "no") for one in verdict.waivers]
    found = table(("gate", "until", "by", "reason", "needed"), rows) if rows else Markup()
    notes = joined(fill("<li>{}</li>\n", line) for line in verdict.warnings)
    told = fill("<ul>\n{}</ul>\n", notes) if notes else Markup()
    if not rows and not notes:
        return section("waivers", "Waivers and warnings", "None.", Markup())
    return section("waivers", "Waivers and warnings", "" if rows else "No waiver.", joined((found, told)))


def provenance(verdict: Verdict) -> Markup:
    """What was measured, with what, and by which policy."""
    facts: list[tuple[str, object]] = []
    if verdict.base is not None:
        facts += [("base", verdict.base.base), ("base, SHA-256", _digest(verdict.base.base_digest))]
    if verdict.candidate is not None:
        facts += [("adapter, SHA-256", _digest(verdict.candidate.adapter or "none"))]
        packages = sorted(verdict.candidate.environment.items())
        facts += [("measured with", ", ".join(f"{name} {version}" for name, version in packages))]
    if verdict.looks is not None:
        facts += [("candidates judged on this test split", f"{verdict.looks:,}")]
    facts += [(f"scores: {name}, SHA-256", _digest(digest)) for name, digest in sorted(verdict.inputs.items())]
    policy = fill(
        "<details><summary>The policy</summary><pre>{}</pre></details>\n", dump_json(verdict.policy, indent=2)
    )
    return section("provenance", "Provenance", "", joined((table(("", ""), facts), policy)))


def _digest(text: str) -> Markup:
    return fill('<code class="digest">{}</code>', text)
