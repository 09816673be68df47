"""Personal links: secret, kept for the owner only, valid after a restart, ended on demand."""

from pathlib import Path

import pytest

from tunegate.core.errors import DataError
from tunegate.web.links import Links, load_links


def test_a_link_is_secret_and_works_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / ".cache" / "triage.json"
    first = load_links(path, ["Ann", "Ben"])
    secret = first.secrets["Ann"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(secret) >= 43
    assert secret != first.secrets["Ben"]
    again = load_links(path, ["Ann"])
    assert again.name_of(secret) == "Ann"
    assert again.link("http://127.0.0.1:1", "Ann") == f"http://127.0.0.1:1/enter/{secret}"
    assert list(path.parent.iterdir()) == [path]


def test_only_the_reviewers_of_this_session_get_in_but_others_keep_their_links(tmp_path: Path) -> None:
    path = tmp_path / "l.json"
    ben = load_links(path, ["Ann", "Ben"]).secrets["Ben"]
    assert load_links(path, ["Ann"]).name_of(ben) is None
    assert load_links(path, ["Ben"]).name_of(ben) == "Ben"


def test_new_links_end_the_old_ones_of_everybody(tmp_path: Path) -> None:
    path = tmp_path / "l.json"
    old = load_links(path, ["Ann", "Ben"])
    new = load_links(path, ["Ann"], fresh=True)
    assert new.name_of(old.secrets["Ann"]) is None
    assert load_links(path, ["Ben"]).name_of(old.secrets["Ben"]) is None


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "é" * 1000])
def test_a_wrong_secret_is_nobody(secret: str) -> None:
    assert Links({"Ann": "right"}).name_of(secret) is None


@pytest.mark.parametrize("names", [[], [""], ["  "], ["a\nb"], ["x" * 101], ["Ann", "\x07"]])
def test_a_name_must_be_one(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(DataError, match="not the name of a reviewer"):
        load_links(tmp_path / "l.json", names)
    assert not (tmp_path / "l.json").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"Ann": 1}', '{"Ann": ""}', "\x00"])
def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path, content: str) -> None:
    path = tmp_path / "l.json"
    path.write_text(content)
    with pytest.raises(DataError, match="not a file of links") as raised:
        load_links(path, ["Ann"])
    assert f"rm {path}" in raised.value.next_step
    assert load_links(path, ["Ann"], fresh=True).secrets.keys() == {"Ann"}
