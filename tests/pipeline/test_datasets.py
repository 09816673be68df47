"""`tunegate data` in clones: the example's data comes without a remote, and a team's own data is never touched."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tunegate.core.errors import DataError
from tunegate.prepare.fetch import DIFFERS, STILL_EXAMPLE, fetch_data

SOURCE = Path("examples/support/datasets")
ROW = Path("datasets/triage/train/chat.jsonl")


def call(where: Path, *words: str) -> str:
    return subprocess.run([*words], cwd=where, capture_output=True, text=True, check=True).stdout.strip()


def dvc(where: Path, *words: str) -> str:
    return call(where, sys.executable, "-m", "dvc", *words)


def commit(where: Path) -> None:
    call(where, "git", "add", "--all")
    call(where, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "t")


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose datasets.dvc imports a committed folder, as ours does."""
    root = tmp_path_factory.mktemp("upstream")
    call(root, "git", "init", "--quiet", "--initial-branch", "main")
    dvc(root, "init", "--quiet")
    dvc(root, "config", "core.analytics", "false")
    (root / SOURCE / "triage/train").mkdir(parents=True)
    (root / SOURCE / "triage/train/chat.jsonl").write_text("{}\n")
    dvc(root, "import-url", "--quiet", str(SOURCE), "datasets")
    commit(root)
    return root


@pytest.fixture
def clone(upstream: Path, tmp_path: Path) -> Path:
    call(tmp_path, "git", "clone", "--quiet", str(upstream), "clone")
    return tmp_path / "clone"


def test_a_fresh_clone_has_its_data_and_a_clean_status(clone: Path) -> None:
    assert fetch_data(clone) == "datasets/ came from examples/support/datasets"
    assert (clone / ROW).read_text() == "{}\n"
    assert "up to date" in dvc(clone, "status")
    assert call(clone, "git", "status", "--porcelain") == ""


def test_twice_changes_nothing(clone: Path) -> None:
    fetch_data(clone)
    before = (clone / ROW).stat().st_mtime_ns
    assert fetch_data(clone) == "datasets/ is there"
    assert (clone / ROW).stat().st_mtime_ns == before


def test_what_the_cache_holds_is_checked_out(clone: Path) -> None:
    fetch_data(clone)
    shutil.rmtree(clone / "datasets")
    shutil.rmtree(clone / "examples")
    assert fetch_data(clone) == "datasets/ came by `dvc checkout`"


def test_an_edited_folder_is_left_as_it_is(clone: Path) -> None:
    fetch_data(clone)
    (clone / ROW).write_text("own\n")
    assert fetch_data(clone) == DIFFERS
    assert (clone / ROW).read_text() == "own\n"


def test_own_data_in_place_of_the_example(clone: Path, tmp_path: Path) -> None:
    fetch_data(clone)
    (clone / ROW).write_text("own\n")
    (clone / "datasets.dvc").unlink()
    assert "no datasets.dvc" in fetch_data(clone)
    dvc(clone, "add", "--quiet", "datasets")
    assert fetch_data(clone) == "datasets/ is there"
    assert "up to date" in dvc(clone, "status")
    dvc(clone, "remote", "add", "--quiet", "--default", "ours", str(tmp_path / "remote"))
    dvc(clone, "push", "--quiet")
    commit(clone)
    call(tmp_path, "git", "clone", "--quiet", str(clone), "colleague")
    assert fetch_data(tmp_path / "colleague") == "datasets/ came by `dvc pull`"
    assert (tmp_path / "colleague" / ROW).read_text() == "own\n"


def test_own_data_added_over_the_import_is_not_replaced_by_the_example(clone: Path, tmp_path: Path) -> None:
    fetch_data(clone)
    (clone / ROW).write_text("own\n")
    dvc(clone, "add", "--quiet", "datasets")
    assert fetch_data(clone) == STILL_EXAMPLE
    assert (clone / ROW).read_text() == "own\n"
    commit(clone)
    call(tmp_path, "git", "clone", "--quiet", str(clone), "colleague")
    with pytest.raises(DataError, match="no DVC remote has it"):
        fetch_data(tmp_path / "colleague")
    assert not (tmp_path / "colleague" / "datasets").exists()


def test_a_source_that_changed_is_said_and_nothing_is_left_behind(clone: Path) -> None:
    (clone / SOURCE / "triage/train/chat.jsonl").write_text("changed\n")
    before = (clone / "datasets.dvc").read_bytes()
    with pytest.raises(DataError, match="another digest"):
        fetch_data(clone)
    assert not (clone / "datasets").exists()
    assert (clone / "datasets.dvc").read_bytes() == before


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\nouts: {\n", "", "[]", "outs: []"])
def test_a_broken_pointer_is_one_clear_error(clone: Path, text: str) -> None:
    (clone / "datasets.dvc").write_text(text)
    with pytest.raises(DataError, match="not a DVC file"):
        fetch_data(clone)


def test_no_pointer_and_no_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file, and no datasets"):
        fetch_data(tmp_path)
