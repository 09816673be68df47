"""params.yaml: every fault at once, each with its line."""

from pathlib import Path

import pytest

from tunegate.core.errors import SettingsError
from tunegate.core.params import adapter_of, load_params

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "params.yaml").read_text(encoding="utf-8")


def load(tmp_path: Path, text: str) -> str:
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_params(path)
    return caught.value.message


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def test_the_repositorys_own_file_has_no_faults() -> None:
    assert set(load_params(ROOT / "params.yaml").adapters) == {"triage", "reply"}


def test_all_faults_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    text = TEXT.replace("rank: 16 ", "rnak: 16 ", 1).replace("alpha: 0.05", "alpha: lots", 1)
    text = text.replace("  triage:\n", "  tri/age:\n", 1)
    said = load(tmp_path, text)
    for part in ("rnak", "alpha: lots", "tri/age"):
        assert f"params.yaml:{line_of(text, part)}:" in said
    assert "3 fault(s)" in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("release_branch: main", "release_branch: main\nextra: 1", "extra"),
        ("documents: 500", "documents: 0", "general.documents"),
        ("documents: 500", "documents: .nan", "general.documents"),
        ("documents: 500", "documents: 500\n  documents: 400", "twice"),
        ("revision: null", "revision: main", "base.revision"),
        ("metric: exact_match   ", "metric: exact_macht   ", "not measured: add exact_macht"),
        ("waivers: []", "waivers: [{gate: a, reason: short, by: x, expires: 2026-13-01}]", "month must be in 1..12"),
    ],
)
def test_a_fault_names_its_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TEXT
    assert says in load(tmp_path, TEXT.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "[]", "a: [", "adapters: &a [*a]", "\t"])
def test_what_is_no_settings_file_is_one_clear_error(tmp_path: Path, text: str) -> None:
    assert "params.yaml" in load(tmp_path, text)


def test_a_missing_file_and_a_missing_adapter_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_params(tmp_path / "params.yaml")
    with pytest.raises(SettingsError, match="no adapter 'tirage'; there are: reply, triage"):
        adapter_of(load_params(ROOT / "params.yaml"), "tirage")
