"""The stage's words on the terminal: short whatever the data, aligned, and harmless to the terminal."""

from collections.abc import Callable
from pathlib import Path

import data_reports
import pytest
from data_reports import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.prepare.summary import MOST_LINES, WIDTH, summary_lines
from tunegate.records.data_report import DataReport

PAGE = Path("build/report/triage/data-report.html")


def check(report: DataReport) -> list[str]:
    lines = summary_lines(report, PAGE)
    assert len(lines) <= MOST_LINES
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert lines[-1] == "  look at build/report/triage/data-report.html"
    return lines


def test_the_summary_of_the_support_desk(golden: Callable[[str, str], None]) -> None:
    golden("prepare/summary.txt", "\n".join(check(data_reports.support().report)) + "\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_any_report_fits_a_screen_and_harms_no_terminal(name: str) -> None:
    assert check(SAMPLES[name]().report)[0].startswith(f"{SAMPLES[name]().report.key}: ")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=2, max_size=5, unique=True))
def test_any_text_harms_no_terminal(texts: list[str]) -> None:
    assert len(check(data_reports.hostile(texts).report)) > 5


def test_a_long_warning_is_cut_but_its_next_step_is_not() -> None:
    report = data_reports.spotless().report.model_copy(
        update={"warnings": (f"{'very ' * 60}different system prompts",)}
    )
    warning = report.model_copy(update={"warnings": (f"different system prompts {'very ' * 60}",)})
    (line,) = (line for line in check(warning) if "note:" in line)
    assert line.endswith("... -> use one (prepare.system)")


def test_the_numbers_are_aligned() -> None:
    lines = check(data_reports.support().report)
    ends = {
        line.index(number) + len(number) for line, number in zip(lines[1:5], ("774", "92", "92", "1,988"), strict=True)
    }
    assert len(ends) == 1
