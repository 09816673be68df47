"""What the README and the docs show is real: tables come out of the command, commands and links exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md"),
                *ROOT.glob("benchmarks/**/*.md")])  # fmt: skip
TUNEGATE = [sys.executable, "-m", "tunegate.cli"]
FORGETS = ROOT / "examples" / "support" / "forgets"


def blocks() -> list[list[str]]:
    """The two verdicts of the first screen: refused, passed."""
    return [found.splitlines() for found in re.findall(r"```\n(\$ tunegate gate check.*?)\n```", README, re.DOTALL)]


def judged(scores: Path) -> tuple[int, set[str]]:
    done = subprocess.run([*TUNEGATE, "gate", "check", "triage", "--scores", str(scores)], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    return done.returncode, set(done.stdout.splitlines())


def test_the_passed_verdict_is_what_the_command_says_of_the_committed_scores() -> None:
    code, lines = judged(ROOT / "scores")
    assert code == 0
    assert set(blocks()[1][1:]) - {"..."} <= lines


def test_the_refused_verdict_is_what_the_command_says_of_a_model_that_forgot(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scores", tmp_path / "scores")
    for path in FORGETS.glob("*.json*"):
        shutil.copy(path, tmp_path / "scores" / "triage")
    code, lines = judged(tmp_path / "scores")
    assert code == 1
    assert set(blocks()[0][1:]) - {"..."} <= lines


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere_and_nothing_waits_to_be_filled_in(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert re.findall(r"@[A-Z]+@", text) == []


def commands() -> list[str]:
    """Every `tunegate ...` and `make ...` that a page tells a reader to type."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    typed = re.findall(
        r"^(?:    |\$ )((?:tunegate|make) [^#\n]+)|`((?:tunegate|make) [a-z][^`\n]*)`", text, re.MULTILINE
    )
    return sorted({(one or two).strip() for one, two in typed})


@pytest.mark.parametrize("command", commands())
def test_a_command_that_a_page_names_exists(command: str) -> None:
    program, *words = command.split()
    if program == "make":
        targets = [word for word in words if "=" not in word]
        subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, check=True)
        return
    verbs = [word for word in words if re.fullmatch(r"[a-z]+", word)]
    known = [verbs[:1]] if words[0] in {"check", "data"} else [verbs[:2]]
    done = subprocess.run([*TUNEGATE, *known[0], "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option.partition("=")[0] in done.stdout
