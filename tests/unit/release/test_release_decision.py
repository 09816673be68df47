"""What a release run does, case by case: the contract of docs/releasing.md."""

from typing import Any

import pytest

from tunegate.core.errors import SettingsError
from tunegate.core.settings import Compared
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released
from tunegate.release.bump import asked, next_version
from tunegate.release.decision import Action, Facts, decide_release

MANIFEST = Manifest.model_validate(
    {
        "key": "triage", "method": "lora", "rank": 16, "base": "b", "base_revision": None, "base_digest": "B",
        "adapter": "A", "data": "D", "outcome": "PASS", "scores": {}, "baseline_scores": {}, "policy": {}, "files": {},
    }
)  # fmt: skip
COMPARED = Compared(version="1.0.0", scores="0" * 64)
SAME = {"base-digest": "B", "adapter": "A", "data": "D", "bundle": "old.dir"}
READY = Facts(
    key="triage",
    experiment="",
    refusals=(),
    branch="main",
    release_branch="main",
    changed=(),
    bundle="new.dir",
    committed_bundle="new.dir",
    manifest=MANIFEST,
    newest=None,
    head="HEAD",
)


def released(version: str = "1.0.0", commit: str = "before", **facts: str) -> Released:
    return Released("triage", version, commit, {**SAME, **{name.replace("_", "-"): v for name, v in facts.items()}})


@pytest.mark.parametrize(
    ("change", "action", "says"),
    [
        ({}, Action.TAG, "passed and committed"),
        ({"experiment": "loud-cat", "refusals": ("the verdict is FAIL",)}, Action.RENDER, "nothing is released"),
        ({"refusals": ("the verdict is FAIL", "edited")}, Action.REFUSE, "the verdict is FAIL; edited"),
        ({"refusals": ("FAIL",), "branch": "feature"}, Action.REFUSE, "FAIL"),
        (
            {"newest": released(bundle="new.dir"), "changed": ("x",)},
            Action.NOTHING,
            "triage@v1.0.0 is this very bundle",
        ),
        ({"branch": "feature"}, Action.RENDER, "on branch feature: tags are made on main"),
        ({"branch": ""}, Action.RENDER, "detached HEAD"),
        ({"changed": ("dvc.lock",)}, Action.RENDER, "the tree has changes (dvc.lock)"),
        ({"committed_bundle": "older.dir"}, Action.RENDER, "HEAD's dvc.lock names another bundle"),
        ({"committed_bundle": ""}, Action.RENDER, "HEAD's dvc.lock names another bundle"),
        ({"newest": released(commit="HEAD")}, Action.RENDER, "a commit carries one version"),
        ({"newest": released()}, Action.TAG, "passed and committed"),
        ({"newest": released(), "compared": COMPARED}, Action.TAG, "passed and committed"),
        ({"newest": released("1.1.0"), "compared": COMPARED}, Action.REFUSE, "with version 1.0.0, the newest is 1.1.0"),
        ({"newest": released("1.1.0", bundle="new.dir"), "compared": COMPARED}, Action.NOTHING, "nothing to release"),
    ],
)
def test_the_action_follows_from_the_facts(change: dict[str, Any], action: Action, says: str) -> None:
    decision = decide_release(READY._replace(**change))
    assert decision.action is action
    assert says in decision.why


@pytest.mark.parametrize(
    ("newest", "version", "why"),
    [
        (None, "1.0.0", "the first release"),
        (released("1.4.9"), "1.4.10", "patch: only packaging changed since 1.4.9"),
        (released("1.4.9", adapter="other"), "1.5.0", "minor: changed since 1.4.9: the trained weights"),
        (released("1.4.9", data="other"), "1.5.0", "minor: changed since 1.4.9: the data"),
        (released("1.4.9", template="other"), "2.0.0", "major: changed since 1.4.9: the chat template"),
        (released("1.4.9", schema="other"), "2.0.0", "major: changed since 1.4.9: the answer schema"),
        (
            released("1.4.9", adapter="other", base_digest="other"),
            "2.0.0",
            "major: changed since 1.4.9: the base model",
        ),
    ],
)
def test_the_version_says_what_changed(newest: Released | None, version: str, why: str) -> None:
    assert next_version(newest, MANIFEST) == (version, why)


def test_a_person_may_say_otherwise_and_the_reason_is_kept() -> None:
    bump = next_version(released("1.4.9"), MANIFEST, asked({"TUNEGATE_BUMP": "major: priorities\n mean more now"}))
    assert bump.version == "2.0.0"
    assert bump.why == "major as said: priorities mean more now (only packaging changed since 1.4.9)"
    assert asked({}) == ""


@pytest.mark.parametrize("said", ["huge: for a good reason", "major", "major: short", "2.0.0"])
def test_a_wish_without_a_reason_is_a_clear_error(said: str) -> None:
    with pytest.raises(SettingsError, match="TUNEGATE_BUMP should be"):
        asked({"TUNEGATE_BUMP": said})
