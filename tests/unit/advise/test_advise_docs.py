"""The page about when to fine-tune shows what the command says of this repository's own scores."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "when-to-fine-tune.md"
BLOCK = re.compile(r"```\n\$ tunegate (advise triage)\n(.*?)```\n", re.DOTALL)


def test_the_page_shows_what_the_command_says_of_the_committed_scores(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = BLOCK.search(text)
    assert found, "the page has no block that opens with `$ tunegate advise triage`"
    command = [sys.executable, "-m", "tunegate.cli", *found[1].split()]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(text[: found.start(2)] + said + text[found.end(2) :], encoding="utf-8")
    else:
        assert found[2] == said, "other scores or data: run `make goldens` and read the diff"


def test_the_page_names_the_thresholds_of_the_code() -> None:
    from tunegate.judge.advice import ALIKE, CLOSE, FEW_FAMILIES, SAFE
    from tunegate.judge.questions import FAST, FEWEST

    text = PAGE.read_text(encoding="utf-8")
    assert f"fewer than {FEWEST}" in text
    assert f"{FEWEST} to {SAFE - 1} rows" in text
    assert f"fewer than {FEW_FAMILIES} families" in text
    assert " or ".join(FAST) in text
    assert (CLOSE, ALIKE) == (0.5, 0.1)
    assert "above half of what is allowed; a tenth or more near-duplicates" in text
