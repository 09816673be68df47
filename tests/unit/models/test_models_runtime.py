"""What libraries force on standard error: bars are dropped where nobody watches, words are kept."""

import sys

import pytest
from tqdm import tqdm

from tunegate.models.runtime import environment, without_bars


def test_bars_are_dropped_and_words_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with without_bars():
        for number in tqdm(range(3), desc="Applying", disable=False):
            sys.stderr.write(f"\nlayer {number} looks odd\n")
    assert capsys.readouterr().err.splitlines() == [f"layer {number} looks odd" for number in range(3)]


def test_words_are_kept_when_the_block_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        sys.stderr.write("why\n")
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"), without_bars():
        fail()
    assert capsys.readouterr().err == "why\n"


def test_the_environment_is_what_is_installed() -> None:
    found = environment()
    assert found["torch"].startswith("2.")
    assert len(found) > 50
    assert list(found) == sorted(found, key=str.lower)
