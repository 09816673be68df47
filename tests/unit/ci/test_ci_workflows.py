"""The workflows themselves: pinned actions, least rights, one required check that always runs, commands that exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tunegate.cli import parser

ROOT = Path(__file__).parents[3]
WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}


def load(name: str) -> Any:
    return yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))


def steps(name: str) -> list[Any]:
    return [step for job in load(name)["jobs"].values() for step in job["steps"]]


def triggers(name: str) -> Any:
    return load(name)[True]  # YAML 1.1 reads `on` as a truth value


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_and_no_job_has_rights_that_it_does_not_name(name: str) -> None:
    for step in steps(name):
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step.get("uses", "actions/x@" + "0" * 40))
    assert load(name)["permissions"] == {}
    assert all("permissions" in job and "timeout-minutes" in job for job in load(name)["jobs"].values())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_from_an_event_is_put_into_a_shell(name: str) -> None:
    assert not [step["run"] for step in steps(name) if "${{" in step.get("run", "")]


@pytest.mark.parametrize(("name", "verb"), [("gate", "judge"), ("comment", "publish")])
def test_the_commands_exist(name: str, verb: str) -> None:
    lines = [step["run"] for step in steps(name) if f" ci {verb} " in step.get("run", "")]
    (words,) = [shlex.split(line.replace("$RUN", "7")) for line in lines]
    args = parser().parse_args(words[words.index("ci") :])
    assert args.command.__name__ == f"_ci_{verb}"


def test_the_required_check_always_runs_also_in_a_merge_queue() -> None:
    jobs = load("gate")["jobs"]
    required = jobs["required"]
    assert set(triggers("gate")) == {"pull_request", "merge_group"}
    assert triggers("gate")["pull_request"] is None  # no path filter: a skipped workflow leaves its check pending
    assert required["if"] == "always()"
    assert [required["needs"]] == [name for name in jobs if name != "required"]
    assert required["permissions"] == {}


def test_what_may_comment_runs_nothing_of_the_pull_request() -> None:
    assert list(triggers("comment")) == ["workflow_run"]
    (job,) = load("comment")["jobs"].values()
    assert job["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}
    (checkout,) = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"] == {"ref": "${{ github.event.repository.default_branch }}", "persist-credentials": False}
    assert not [step for step in job["steps"] if "pip" in step.get("run", "") or "make" in step.get("run", "")]


def test_the_gpu_is_never_for_forks() -> None:
    (job,) = load("gpu")["jobs"].values()
    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    assert triggers("gpu") == {"pull_request": {"types": ["labeled"]}}
