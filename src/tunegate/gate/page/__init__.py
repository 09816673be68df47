"""`report.html`: one file that shows a person the verdict and why; opens anywhere, loads nothing, runs nothing.

render_page(facts) -> the page as text; the same input gives the same bytes.
"""

from functools import cache
from pathlib import Path

from tunegate.gate.page.differences import classes_section, flips_section
from tunegate.gate.page.facts import Facts, read_facts
from tunegate.gate.page.markup import Markup, fill, joined
from tunegate.gate.page.sections import effects, gates, header, power, provenance, tries, waivers

PATTERN = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta name="referrer" content="no-referrer" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
<title>Gate report: {} {}</title>
<style>
{}</style>
</head>
<body class="v-{}">
{}<main>
{}</main>
<footer>
<p>Written by <code>gate</code> of tunegate, the same bytes for the same evidence, policy and date. The verdict itself
is <code>verdict.json</code>. Where texts are shown, this page holds your data: treat it as you treat the data.</p>
</footer>
</body>
</html>
"""


def render_page(facts: Facts) -> str:
    """The page. Everything from evidence, settings and data is escaped."""
    verdict = facts.verdict
    parts = (
        effects(verdict),
        tries(facts),
        gates(verdict),
        flips_section(facts),
        classes_section(facts),
        power(verdict),
        waivers(verdict),
        provenance(verdict),
    )
    outcome = str(verdict.outcome)
    return fill(PATTERN, verdict.key, outcome, _style(), outcome.lower(), header(verdict), joined(parts))


@cache
def _style() -> Markup:
    return Markup((Path(__file__).parent / "style.css").read_text(encoding="utf-8"))


__all__ = ["Facts", "read_facts", "render_page"]
