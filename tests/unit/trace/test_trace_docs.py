"""The page about deletion requests shows lines of the real report, and the exit codes and splits of the code."""

from pathlib import Path

from tunegate.trace.outcome import Outcome
from tunegate.trace.places import FOLDERS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "deletion-requests.md").read_text(encoding="utf-8")
REPORT = ROOT / "tests" / "goldens" / "trace" / "report.txt"  # of the real command: tests/pipeline/test_trace.py


def test_the_report_on_the_page_is_that_of_the_command() -> None:
    shown = PAGE.split("```")[1].strip("\n").splitlines()
    assert len(shown) > 10
    assert [
        line for line in shown if line != "..." and line not in REPORT.read_text(encoding="utf-8").splitlines()
    ] == []


def test_the_exit_codes_on_the_page_are_those_of_the_code() -> None:
    nothing = Outcome("row x", (), (), (), (), (), 1)
    assert nothing.exit_code == 1
    assert nothing._replace(faults=("shallow",)).exit_code == 2
    assert "| 1 | found nowhere" in PAGE
    assert "| 2 | not everything could be searched" in PAGE


def test_every_folder_that_is_searched_is_on_the_page() -> None:
    for _, folder in FOLDERS:
        assert folder.removesuffix("/{key}") in PAGE
