"""Tracing a row through a real history: Git, DVC, two branches, releases, an experiment, objects that are not here."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from release_project import ENV, commit, run
from trace_project import ALICE, make_project, objects, row, version, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("trace") / "project")


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage; its remote is that of the first."""
    root = Path(shutil.copytree(built, tmp_path / "project", symlinks=True))
    run(root, "dvc", "remote", "modify", "--local", "store", "url", str(built.parent / "store"))
    return root


def trace(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tunegate.cli", "trace", *words]
    return subprocess.run(command, cwd=root, env=ENV, capture_output=True, text=True, check=False)


def told(root: Path, *words: str, code: int = 0) -> Any:
    done = trace(root, *words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def where(rows: list[Any], version: str = "") -> set[tuple[str, tuple[int, ...]]]:
    """Files and lines of a part of the report; `version` "here" or "stored"."""
    kept = [one for one in rows if not version or (one["version"] == "working tree") == (version == "here")]
    return {(one["file"], tuple(one["lines"])) for one in kept}


def known(rows: list[Any], file: str, kind: str) -> set[str]:
    return {name for one in rows if one["file"] == file for name in one["names"][kind]}


def commit_of(root: Path, name: str) -> str:
    return run(root, "git", "rev-parse", f"{name}^{{commit}}").stdout.strip()


def test_a_row_is_named_in_every_split_run_and_release_that_has_it(built: Path) -> None:
    found = told(built, "a")
    assert (found["found"], found["complete"], found["ids"]) == (True, True, ["a"])
    train, test = "build/data/triage/train.jsonl", "build/data/triage/test.jsonl"
    assert known(found["seen"], train, "releases") == {"triage@v1.0.0"}
    assert known(found["seen"], train, "experiments") == {"try-b"}
    assert known(found["seen"], test, "branches") == {"feature"}
    raw = {("datasets/triage/train/chat.jsonl", (2,)), ("datasets/triage/review/decisions.jsonl", (1,))}
    assert where(found["seen"], "here") == raw  # dropped by params.yaml, so in no split of the working tree
    assert raw < where(found["seen"], "stored")
    assert {commit for one in found["seen"] if one["file"] == test for commit in one["commits"]} == {
        commit_of(built, "feature")
    }
    first = next(one for one in found["seen"] if one["file"] == train and "triage@v1.0.0" in one["names"]["releases"])
    assert first["commits"] == [commit_of(built, "triage@v1.0.0"), commit_of(built, "main~1")]
    assert first["sources"] == ["train/chat.jsonl:2"]


def test_a_release_that_learned_it_is_told_from_one_that_learned_a_derived_row(built: Path) -> None:
    found = told(built, "a")
    assert found["derived_ids"] == ["synth-1"]
    assert found["releases"] == {
        "triage@v1.0.0": "learned it (train)",
        "triage@v1.1.0": "learned rows derived from it (train)",
    }
    assert told(built, "c")["releases"] == dict.fromkeys(found["releases"], "was measured on it, did not learn it")
    assert told(built, "r")["releases"] == dict.fromkeys(found["releases"], "without it")


def test_outputs_of_runs_that_showed_the_row_to_the_base_are_named(built: Path) -> None:
    shown = "build/outputs/triage/baseline/task.jsonl"
    assert known(told(built, "a")["seen"], shown, "releases") == {"triage@v1.0.0"}
    assert known(told(built, "--contains", ALICE)["seen"], shown, "experiments") == {"try-b"}


def test_a_text_is_found_in_rejected_rows_too_and_is_not_repeated(built: Path) -> None:
    done = trace(built, "--contains", "alice MÜLLER", "--ignore-case")
    assert done.returncode == 0
    assert "build/report/triage/rejects.jsonl:1" in done.stdout
    assert "datasets/triage/train/chat.jsonl:2, 4" in done.stdout
    assert "alice" not in done.stdout.lower()
    assert trace(built, "--contains", "alice MÜLLER").returncode == 1


@pytest.mark.parametrize("place", ["datasets/triage/train/chat.jsonl:4", "train/chat.jsonl:4"])
def test_a_place_of_the_raw_data_is_followed_even_where_the_row_was_rejected(built: Path, place: str) -> None:
    found = told(built, "--row", place, "--key", "triage")
    assert found["ids"] == []
    assert ("build/report/triage/rejects.jsonl", (1,)) in where(found["seen"], "stored")
    assert ("datasets/triage/train/chat.jsonl", (4,)) in where(found["seen"], "here")
    assert set(found["releases"].values()) == {"without it"}


def test_a_place_whose_row_moved_is_followed_by_its_id(project: Path) -> None:
    rows = [row("new", "In front of all.", "train"), row("b", "Where is my bill?", "train")]
    write(project / "datasets" / "triage" / "train" / "chat.jsonl", rows)
    shutil.rmtree(project / "build" / "data" / "triage")
    shutil.rmtree(project / "build" / "report" / "triage")
    run(project, sys.executable, "trace_stage.py", "prepare", "triage")
    found = told(project, "--row", "train/chat.jsonl:2", "--key", "triage")
    assert found["ids"] == ["b"]
    lines = {tuple(one["lines"]) for one in found["seen"] if one["file"] == "datasets/triage/train/chat.jsonl"}
    assert lines == {(1,), (2,)}


def test_what_is_not_here_is_named_and_the_exit_code_says_so(project: Path) -> None:
    lose(project, "build/data/triage/train.jsonl", "triage@v1.0.0")
    done = trace(project, "a")
    assert done.returncode == 2
    assert "NOT EVERYTHING could be searched" in done.stdout
    lost = told(project, "a", code=2)
    assert [one["file"] for one in lost["not_searched"]] == ["build/data/triage/train.jsonl"]
    assert lost["not_searched"][0]["names"]["releases"] == ["triage@v1.0.0"]
    assert lost["releases"]["triage@v1.0.0"].startswith("unknown")
    assert told(project, "nobody", code=2)["found"] is False


def test_a_lost_listing_is_named_as_a_whole(project: Path) -> None:
    lock = run(project, "git", "show", "triage@v1.0.0:dvc.lock").stdout
    digest = lock[lock.index("path: build/data/triage\n") :].split("md5: ")[1].split()[0]
    (objects(project) / digest[:2] / digest[2:]).unlink()
    lost = told(project, "a", code=2)["not_searched"]
    assert [(one["file"], one["digest"]) for one in lost] == [("build/data/triage", digest)]
    found = told(project, "a", "--fetch")
    assert known(found["seen"], "build/data/triage/train.jsonl", "releases") == {"triage@v1.0.0"}


def test_fetch_reads_the_remote_and_stores_nothing(project: Path) -> None:
    shutil.rmtree(objects(project))
    assert told(project, "a", code=2)["not_searched"] != []
    found = told(project, "a", "--fetch")
    assert found["releases"]["triage@v1.0.0"] == "learned it (train)"
    assert not objects(project).exists() or not any(objects(project).iterdir())


def test_what_the_remote_has_lost_too_stays_named(project: Path, tmp_path: Path) -> None:
    run(project, "dvc", "remote", "modify", "--local", "store", "url", str(tmp_path / "empty"))
    lose(project, "build/data/triage/train.jsonl", "triage@v1.0.0")
    lost = told(project, "a", "--fetch", code=2)["not_searched"]
    assert [one["file"] for one in lost] == ["build/data/triage/train.jsonl"]
    assert "not in the remote" in lost[0]["reason"]


def test_another_cache_folder_is_followed(project: Path, tmp_path: Path) -> None:
    shutil.move(project / ".dvc" / "cache", tmp_path / "shared")
    run(project, "dvc", "cache", "dir", "--local", str(tmp_path / "shared"))
    assert told(project, "a")["complete"] is True


def test_data_that_was_prepared_and_not_committed_is_searched(project: Path) -> None:
    write(project / "datasets" / "triage" / "train" / "more.jsonl", [row("late", "I came late.", "train")])
    run(project, "dvc", "add", "-q", "datasets")
    run(project, "dvc", "repro", "-q")
    (project / "build" / "data" / "triage" / "train.jsonl").unlink()
    found = told(project, "late")
    assert ("build/data/triage/train.jsonl", (3,)) in where(found["seen"], "stored")
    assert {commit for one in found["seen"] for commit in one["commits"]} == {"(not committed)"}


def test_a_shallow_clone_says_that_its_history_is_cut(project: Path, tmp_path: Path) -> None:
    run(tmp_path, "git", "clone", "-q", "--depth", "1", f"file://{project}", "clone")
    found = told(tmp_path / "clone", "a", "--fetch", code=2)
    assert "shallow" in found["faults"][0]


def test_a_lock_that_was_committed_broken_is_a_fault(project: Path) -> None:
    good = (project / "dvc.lock").read_text(encoding="utf-8")
    (project / "dvc.lock").write_text("<<<<<<< HEAD\nschema: '2.0'\n=======\n", encoding="utf-8")
    commit(project, "a merge gone wrong")
    (project / "dvc.lock").write_text(good, encoding="utf-8")
    commit(project, "mended")
    found = told(project, "a", code=2)
    assert [fault[:20] for fault in found["faults"]] == ["dvc.lock in commit " + commit_of(project, "main~1")[0]]
    assert found["releases"]["triage@v1.0.0"] == "learned it (train)"


def test_after_the_steps_the_row_is_nowhere(project: Path) -> None:
    for line in told(project, "a")["steps"]:
        assert "Alice" not in line
    (project / "datasets" / "triage" / "synthetic" / "t.jsonl").unlink()
    (project / "datasets" / "triage" / "review" / "decisions.jsonl").unlink()
    chat = project / "datasets" / "triage" / "train" / "chat.jsonl"
    kept = [line for line in chat.read_text(encoding="utf-8").splitlines() if "Alice" not in line]
    chat.chmod(0o644)
    chat.unlink()
    chat.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
    run(project, "dvc", "add", "-q", "datasets")
    run(project, "dvc", "repro", "-q")
    commit(project, "without a")
    run(project, "git", "tag", "-d", "triage@v1.0.0", "triage@v1.1.0")
    run(project, "dvc", "exp", "remove", "try-b")
    run(project, "dvc", "gc", "-q", "-f", "--workspace", "--all-tags")
    left = told(project, "a", code=2)
    assert (left["found"], left["faults"]) == (False, [])
    head = commit_of(project, "HEAD")
    assert all(head not in one["commits"] for one in left["not_searched"])
    assert told(project, "--contains", "Alice", code=2)["found"] is False


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 64, "name one row"),
        (["a", "--contains", "b"], 64, "name one row"),
        (["a", "--key", "typo"], 64, "no adapter 'typo' ever had data here; there are: reply, triage"),
        (["--row", "train/chat.jsonl"], 64, "expected FILE:LINE"),
        (["--row", "train/nothing.jsonl:1"], 11, "in none of datasets/reply, datasets/triage, datasets/general"),
        (["--row", "train/chat.jsonl:1"], 11, "in datasets/reply, datasets/triage"),
        (["--row", "train/chat.jsonl:99", "--key", "triage"], 11, "no row at 99"),
        (["nobody"], 1, ""),
    ],
)
def test_a_wrong_question_is_one_clear_error(built: Path, words: list[str], code: int, said: str) -> None:
    done = trace(built, *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    done = trace(tmp_path, "a")
    assert done.returncode == 13
    assert "not a git repository" in done.stderr


def test_the_report_for_people(built: Path, golden: Callable[[str, str], None]) -> None:
    said = trace(built, "a").stdout
    for name in ("main", "feature", "main~1", "triage@v1.0.0"):
        said = said.replace(commit_of(built, name)[:8], f"<{name}>".ljust(8)[:8])
    experiment = run(built, "git", "for-each-ref", "--format=%(objectname:short=8)", "refs/exps").stdout.split()
    for short in experiment:
        said = said.replace(short, "<exp>   ")
    golden("trace/report.txt", said)


def lose(root: Path, file: str, revision: str) -> None:
    """Remove the object of a file in one version from the cache, and nothing that another version shares."""
    import dvc.api

    digest = dvc.api.DVCFileSystem(str(root), rev=revision).info(f"/{file}")["md5"]
    path = objects(root) / digest[:2] / digest[2:]
    path.chmod(0o644)
    os.unlink(path)  # noqa: PTH108 - pathlib would do; the object is read-only on purpose


def test_versions_are_counted_once_however_many_commits_have_them(project: Path) -> None:
    searched = told(project, "a")["searched"]
    for number in range(5):
        (project / "README.md").write_text(f"words {number}\n", encoding="utf-8")
        commit(project, "more words")
    assert told(project, "a")["searched"] == searched
    version(project, "and new data", "validation")
    assert told(project, "a")["searched"] > searched
