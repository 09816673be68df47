"""Signed score files: the same bytes each time, and no changed byte goes unseen."""

from pathlib import Path

import pytest
from factories import evidence

from tunegate.core.errors import EvidenceError, SettingsError
from tunegate.records.scores import ScoreFile
from tunegate.records.signature import new_key, public_key, signer

KEY = bytes(range(32))


def test_a_signed_file_names_its_signer_and_holds_the_same_scores(tmp_path: Path) -> None:
    plain, signed = tmp_path / "plain.jsonl", tmp_path / "signed.jsonl"
    evidence().candidate.save(plain)
    evidence().candidate.save(signed, KEY)
    assert ScoreFile.load(plain).signed_by is None
    assert ScoreFile.load(signed).signed_by == public_key(KEY)
    assert ScoreFile.load(signed).tasks == ScoreFile.load(plain).tasks
    before = signed.read_bytes()
    evidence().candidate.save(signed, KEY)
    assert signed.read_bytes() == before


def test_a_changed_score_or_signature_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "candidate.jsonl"
    evidence().candidate.save(path, KEY)
    text = path.read_text(encoding="utf-8")
    for changed in (text.replace('"exact_match":0.0', '"exact_match":1.0', 1), text.replace('"key":"', '"key":"0', 1)):
        path.write_text(changed, encoding="utf-8")
        with pytest.raises(EvidenceError, match="signature does not fit"):
            ScoreFile.load(path)


def test_a_signature_of_another_key_names_that_key(tmp_path: Path) -> None:
    other, path = new_key(), tmp_path / "candidate.jsonl"
    evidence().candidate.save(path, other)
    assert ScoreFile.load(path).signed_by == public_key(other) != public_key(KEY)


def test_the_key_comes_from_the_environment_and_is_never_shown() -> None:
    assert signer({}) is None
    assert signer({"TUNEGATE_SIGNING_KEY": KEY.hex()}) == KEY
    with pytest.raises(SettingsError) as fault:
        signer({"TUNEGATE_SIGNING_KEY": "secret-but-no-key"})
    assert "secret" not in fault.value.message


def test_a_line_separator_inside_a_text_is_no_end_of_a_line(tmp_path: Path) -> None:
    """U+2028 and U+0085 end a line for `str.splitlines`, not in JSON Lines: such a file could not be read again."""
    found = evidence().baseline
    task = found.tasks[0].model_copy(update={"declared": {"prompt": "one\u2028two\u0085three"}})
    file = found.model_copy(update={"tasks": (task, *found.tasks[1:])})
    path = tmp_path / "baseline.jsonl"
    file.save(path, KEY)
    assert ScoreFile.load(path).tasks[0].declared == {"prompt": "one\u2028two\u0085three"}
