"""What the release asks of Git."""

import subprocess
from pathlib import Path

from tunegate.core.git import changed_files


def test_names_of_changed_files_are_whole(tmp_path: Path) -> None:
    """Regression: the first name lost its first letter, since the output's leading space was stripped."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "dvc.lock").write_text("a", encoding="utf-8")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "-m", "first"], cwd=tmp_path, check=True)
    (tmp_path / "dvc.lock").write_text("b", encoding="utf-8")
    (tmp_path / "new").write_text("c", encoding="utf-8")
    assert changed_files(tmp_path) == ["dvc.lock", "new"]
