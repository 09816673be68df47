"""The release as people meet it: commits, branches, clones, experiments, refusals, kills. Real DVC, Git and GTO."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from release_project import ENV, commit, make_project, run, set_params, tags

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("release") / "project")


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A copy of a project after its first `dvc repro`, not committed."""
    return Path(shutil.copytree(built, tmp_path / "project", symlinks=True))


@pytest.fixture
def released(project: Path) -> Path:
    """A project with both adapters released."""
    commit(project, "first")
    run(project, "dvc", "repro", "release")
    return project


def test_a_run_renders_and_a_commit_makes_the_tags(project: Path) -> None:
    assert tags(project) == []
    again = run(project, "dvc", "repro", "release")
    assert "passed; not tagged, since the tree has changes" in again.stdout
    commit(project, "first")
    done = run(project, "dvc", "repro", "release")
    assert tags(project) == ["reply@v1.0.0", "triage@v1.0.0"]
    assert "released triage@v1.0.0" in done.stdout
    subject = run(project, "git", "tag", "-n1", "-l", "triage*").stdout
    assert "data " in subject
    assert "exact_match 0.900 schema_valid 1.000" in subject
    assert run(project, "git", "status", "--porcelain").stdout == ""
    assert "triage" in run(project, "gto", "show").stdout


def test_once_more_changes_nothing_and_a_readme_is_no_release(released: Path) -> None:
    lock = (released / "dvc.lock").read_bytes()
    done = run(released, "dvc", "repro")
    assert "triage@v1.0.0 is this very bundle: nothing to release" in done.stdout
    (released / "README.md").write_text("words\n", encoding="utf-8")
    commit(released, "readme")
    run(released, "dvc", "repro")
    assert tags(released) == ["reply@v1.0.0", "triage@v1.0.0"]
    assert (released / "dvc.lock").read_bytes() == lock
    assert run(released, "git", "status", "--porcelain").stdout == ""
    assert run(released, "dvc", "status").stdout.count("always changed") == 2


def test_a_changed_adapter_is_a_minor_version_and_the_other_stays(released: Path) -> None:
    set_params(released, "triage", seed=2)
    run(released, "dvc", "repro")
    assert tags(released) == ["reply@v1.0.0", "triage@v1.0.0"]
    commit(released, "another seed")
    run(released, "dvc", "repro", "release")
    assert tags(released) == ["reply@v1.0.0", "triage@v1.0.0", "triage@v1.1.0"]


def test_a_model_that_forgets_is_refused_with_the_table_however_it_is_tried(released: Path) -> None:
    set_params(released, "triage", replay=0)
    done = run(released, "dvc", "repro", check=False)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "triage is not released: the verdict on triage is FAIL" in said
    assert "forgetting/macro" in said
    commit(released, "try to release it all the same")
    assert run(released, "dvc", "repro", "-s", "release", check=False).returncode != 0
    verdict = released / "build" / "gate" / "triage" / "verdict.json"
    content = json.loads(verdict.read_text())
    verdict.chmod(0o644)
    verdict.write_text(json.dumps({**content, "outcome": "PASS"}))
    done = run(released, "dvc", "repro", "-s", "release@triage", check=False)
    assert done.returncode != 0
    assert "the verdict on triage is FAIL" in done.stdout + done.stderr
    assert tags(released) == ["reply@v1.0.0", "triage@v1.0.0"]


def test_swapped_bytes_are_refused(project: Path) -> None:
    commit(project, "first")
    weights = project / "build" / "adapters" / "triage" / "adapter_model.safetensors"
    weights.unlink()
    weights.write_text("other weights")
    done = run(project, "dvc", "repro", "-s", "release@triage", check=False)
    assert done.returncode != 0
    assert "is not the adapter that the scores measured (other bytes)" in done.stdout + done.stderr
    assert tags(project) == []


def test_one_adapters_refusal_does_not_release_an_older_adapter_of_the_other(released: Path) -> None:
    set_params(released, "triage", replay=0)
    set_params(released, "reply", seed=2)
    assert run(released, "dvc", "repro", check=False).returncode != 0
    commit(released, "half of it passed")
    assert run(released, "dvc", "repro", "release", check=False).returncode != 0
    # reply passed: it is tagged only as the bundle that HEAD records.
    for tag in set(tags(released)) - {"reply@v1.0.0", "triage@v1.0.0"}:
        assert tag == "reply@v1.1.0"
        assert "bundle: " in run(released, "git", "tag", "-n20", "-l", tag).stdout


def test_a_feature_branch_is_judged_and_released_after_the_merge(project: Path) -> None:
    run(project, "git", "switch", "-q", "-c", "feature")
    commit(project, "work")
    done = run(project, "dvc", "repro", "release")
    assert "on branch feature: tags are made on main" in done.stdout
    assert tags(project) == []
    run(project, "git", "switch", "-q", "main")
    run(project, "git", "merge", "-q", "--ff-only", "feature")
    run(project, "dvc", "repro", "release")
    assert tags(project) == ["reply@v1.0.0", "triage@v1.0.0"]


def test_a_fresh_clone_releases_from_the_remote_alone(project: Path, tmp_path: Path) -> None:
    run(project, "dvc", "remote", "add", "-d", "store", str(tmp_path / "store"))
    commit(project, "first")
    run(project, "dvc", "push")
    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "-q", str(project), str(clone))
    run(clone, "dvc", "repro", "--pull", "--allow-missing", "release")
    assert tags(clone) == ["reply@v1.0.0", "triage@v1.0.0"]
    assert run(clone, "git", "status", "--porcelain").stdout == ""
    run(clone, "dvc", "artifacts", "get", ".", "triage", "--rev", "v1.0.0", "-o", "got")
    assert (clone / "got" / "manifest.json").is_file()


def test_a_failed_experiment_stays_in_the_table_beside_a_passed_one(released: Path) -> None:
    for number, replay in enumerate(("0", "0.7")):
        run(released, "dvc", "exp", "run", "-n", f"try-{number}", "-S", f"adapters.triage.train.replay={replay}")
    rows = run(released, "dvc", "exp", "show", "--csv").stdout.splitlines()
    assert any("try-0" in row and "FAIL" in row for row in rows)
    assert any("try-1" in row and "PASS" in row and "FAIL" not in row for row in rows)
    assert tags(released) == ["reply@v1.0.0", "triage@v1.0.0"]


def test_a_killed_release_is_made_whole_by_the_next(project: Path) -> None:
    commit(project, "first")
    process = subprocess.Popen(["dvc", "repro", "release"], cwd=project, env=ENV, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    time.sleep(2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    run(project, "dvc", "repro", "release")
    assert tags(project) == ["reply@v1.0.0", "triage@v1.0.0"]
    assert run(project, "git", "status", "--porcelain").stdout == ""
