"""The command line: instant help, usage errors with their own code, errors without a traceback."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunegate import __version__, cli

ROOT = Path(__file__).parents[2]


def tunegate(*words: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tunegate.cli", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = "import sys, tunegate.cli as c; c.parser().format_help(); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("torch", "numpy", "pydantic", "yaml", "dvc"):
        assert f"'{heavy}'" not in done.stdout
    said = tunegate("--help").stdout
    assert all(name in said for name in ("check", "data", "advise", "trace", "gate", "serve"))


def helps(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    yield parser.prog, parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from helps(below)


def test_every_command_has_a_help_page() -> None:
    """A lone per cent sign in a text once broke `tunegate gate --help`."""
    pages = dict(helps(cli.parser()))
    assert len(pages) > 30
    assert all("usage:" in text for text in pages.values())
    assert "80 % power" in " ".join(pages["tunegate gate"].split())


def test_it_says_its_version() -> None:
    done = tunegate("--version")
    assert (done.returncode, done.stdout) == (0, f"tunegate {__version__}\n")


@pytest.mark.parametrize("words", [[], ["gate"], ["gate", "check", "--today", "soon"], ["nonsense"]])
def test_a_wrong_command_line_exits_64(words: list[str]) -> None:
    done = tunegate(*words)
    assert done.returncode == 64
    assert "Traceback" not in done.stderr


def test_check_says_what_it_checked(tmp_path: Path) -> None:
    assert "adapters: triage, reply" in tunegate("check").stdout
    done = tunegate("check", cwd=tmp_path)
    assert (done.returncode, done.stderr.split("\n")[0]) == (10, "error: params.yaml: no such file")
