"""`data-report.html`: one file that shows a person what `prepare` found; opens anywhere, loads nothing, runs nothing.

render_page(report, examples) -> the page as text; the same input gives the same bytes.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunegate.prepare.page.flow import tone
from tunegate.prepare.page.view import view
from tunegate.prepare.wording import breakable, counted, cut, listed, number, percent, plural, visible
from tunegate.records.data_report import DataExamples, DataReport

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"


def render_page(report: DataReport, examples: DataExamples) -> str:
    """The page. Everything from the data is escaped, and signs that one does not see are shown as such."""
    return _template().render(view=view(report, examples)) + "\n"


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": percent, "counted": counted, "listed": listed}
    environment.filters |= {"tone": tone, "plural": plural, "breakable": breakable, "cut": cut}
    return environment.get_template("page.html")


def _seen(value: Any) -> Any:
    """What an expression of the template gives: text from data is made visible; markup and numbers are as they are."""
    return visible(value) if type(value) is str else value


__all__ = ["render_page"]
