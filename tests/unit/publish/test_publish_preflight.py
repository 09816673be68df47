"""All reasons against publishing, at once; what is only absent in a fresh clone is none."""

from typing import Any

from tunegate.publish.preflight import Facts, faults, stale

STATUS: dict[str, Any] = {"release@a": [{"changed outs": {"x": "modified"}}, "always changed"]}
FINE = Facts("main", "main", (), (), "origin", ahead=False, dvc_remote=True, status=STATUS)


def test_nothing_against_it() -> None:
    assert faults(FINE) == []


def test_everything_against_it() -> None:
    status: dict[str, Any] = {"train@a": [{"changed deps": {"params.yaml": {"adapters.a.train": "modified"}}}]}
    changed = ("x", "y", "z", "w")
    facts = Facts("work", "main", ("a@v1.1.0",), changed, "", ahead=True, dvc_remote=False, status=status)
    found = faults(facts)
    assert found == [
        "on branch work; releases are made on main",
        "the tree has changes (x, y, z and 1 more): commit them",
        "Git has no remote to share tags with: `git remote add origin URL`",
        "HEAD is older than a@v1.1.0: `git pull`",
        "DVC has no remote to share bundles with: `dvc remote add --default NAME URL`, commit",
        "train@a is not as in dvc.lock (params.yaml modified): `dvc repro`, commit",
    ]
    assert faults(FINE._replace(ahead=True)) == ["HEAD is not on origin/main: `git push origin HEAD`"]
    assert "no branch (detached HEAD)" in faults(FINE._replace(branch=""))[0]


def test_a_fresh_clone_is_not_stale_and_a_changed_command_is() -> None:
    absent = [{"changed outs": {"build/a": "not in cache"}}, {"changed deps": {"build/b": "deleted"}}]
    assert stale({"train@a": absent, "release@a": [*absent, "always changed"]}) == []
    assert stale({"train@a": [*absent, "changed command"]}) == [("train@a", "changed command")]
    assert stale({"release-variant@a": ["changed command"]}) == []
    assert stale({"gate@a": [{"changed outs": {"build/gate/a": "modified"}}]}) == [("gate@a", "build/gate/a modified")]
