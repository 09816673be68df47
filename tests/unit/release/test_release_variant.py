"""A variant releases as a model of its own: what it was made of, what it saves and loses; verified like any other."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import signed_release as project
import yaml
from factories import evidence
from safetensors.numpy import save_file
from signed_release import TODAY, git

from tunegate.core.dvc import dvc_digest
from tunegate.core.files import digest_tree, write_json, write_text
from tunegate.core.params import adapter_of, load_params
from tunegate.judge.decide import decide
from tunegate.records.evidence import evidence_digests, evidence_paths, load_evidence
from tunegate.records.looks import Look, add_look
from tunegate.records.looks import test_set as set_of
from tunegate.records.manifest import Manifest
from tunegate.records.release_keys import VARIABLE
from tunegate.records.released import newest
from tunegate.release.bundle import Sources
from tunegate.release.stage import release
from tunegate.verify.run import verify

KEY, SCORES = "triage-int8", Path("scores")
OUT = Path("build/release") / KEY
SOURCES = Sources(SCORES, Path("small-gate"), Path("small"), Path("small-training"), Path("data"), Path("report.json"))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The adapter's evidence, and a variant of it with its own, before the stage `release-variant`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "key")
    project.start()
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    convert = {"method": "gptq", "scheme": "W8A8"}
    params["variants"] = {KEY: {"of": "triage", "convert": convert}}
    write_text(Path("params.yaml"), yaml.safe_dump(params))
    project.measure(1)
    measure(0.88)
    return tmp_path


def measure(score: float) -> None:
    save_file({"a": np.ones((2, 3), np.int8)}, _folder("small") / "model.safetensors")
    write_json(Path("small/config.json"), {"quantization_config": {"bits": 8}})
    digest, found = digest_tree(Path("small")), evidence(gain=(0.3, score))
    paths = evidence_paths(SCORES, KEY, "triage")
    own = found.candidate.measured.model_copy(update={"adapter": digest})
    found.candidate.model_copy(update={"measured": own}).save(paths["candidate"])
    found.probe.model_copy(update={"adapter": digest}).write(paths["probe"])
    paths["looks"].unlink(missing_ok=True)
    add_look(paths["looks"], Look(test=set_of(found.candidate.tasks[0]), candidate=digest))
    before = {"libraries": {"torch": "2.13.0"}, "settings": {"rank": 8}}
    made = {
        "made_of": digest_tree(Path("adapter")),
        "bytes": {"before": 9_062_104, "after": 2_311_968},
        "settings": {"convert": {"method": "gptq"}, "train": {"rank": 8}},
        "environment": {"llmcompressor": "0.14.0.1", "torch": "2.13.0"},
    }
    write_json(Path("small-training/record.json"), {**before, **made, "training": before})
    params = load_params(Path("params.yaml"))
    policy = adapter_of(params, KEY).gate
    found = load_evidence(SCORES, KEY, policy.task)
    inputs = evidence_digests(SCORES, KEY, policy.task)
    decide(KEY, found, policy, TODAY, inputs, declared=params.general.tasks).write(Path("small-gate/verdict.json"))
    write_text(Path("small-gate/table.md"), "| table |\n")


def _folder(name: str) -> Path:
    Path(name).mkdir(exist_ok=True)
    return Path(name)


def run() -> str:
    return release(Path(), KEY, SOURCES, OUT, load_params(Path("params.yaml")), TODAY)


def tag() -> str:
    run()
    outs = [{"path": OUT.as_posix(), "md5": dvc_digest(OUT)}]
    write_text(Path("dvc.lock"), yaml.safe_dump({"stages": {f"release-variant@{KEY}": {"outs": outs}}}))
    git("add", "-A")
    git("commit", "-q", "-m", "variant")
    return run()


def faults() -> dict[str, str]:
    return {one.check: one.detail for one in verify(Path(), f"{KEY}@v1.0.0", TODAY, OUT) if not one.passed}


def test_it_is_tagged_signed_and_verified(root: Path) -> None:
    del root
    assert f"released {KEY}@v1.0.0, signed (the first release)" in tag()
    found = newest(Path(), KEY)
    assert found is not None
    said = {name: found.facts[name] for name in ("method", "variant-of", "form", "dtype")}
    assert said == {"method": "full", "variant-of": "triage", "form": "gptq W8A8, bfloat16", "dtype": "bfloat16"}
    assert faults() == {}


def test_its_card_shows_what_it_saves_and_loses(root: Path, golden: Callable[[str, str], None]) -> None:
    del root
    run()
    golden("release/variant.md", (OUT / "README.md").read_text(encoding="utf-8"))
    golden("release/variant-provenance.json", (OUT / "provenance.json").read_text(encoding="utf-8"))
    manifest = Manifest.read(OUT / "manifest.json", AssertionError, next_step="")  # type: ignore[arg-type]
    assert manifest.variant is not None
    assert manifest.variant.made_of == digest_tree(Path("adapter"))
    assert (manifest.variant.scores["exact_match"], manifest.scores["exact_match"]) == (0.9, 0.88)


def test_before_the_commit_it_names_its_own_stage(root: Path) -> None:
    del root
    assert "commit, then `dvc repro release-variant` tags it" in run()


def test_one_that_lost_too_much_is_refused(root: Path) -> None:
    del root
    measure(0.7)
    with pytest.raises(Exception, match=f"the verdict on {KEY} is FAIL"):
        run()


def test_the_adapters_scores_are_part_of_the_evidence(root: Path) -> None:
    del root
    tag()
    other = OUT / "scores" / "triage" / "candidate.jsonl"
    assert other.is_file()
    text = other.read_text(encoding="utf-8")
    write_text(other, text.replace('"exact_match":1.0', '"exact_match":0.0', 1))
    assert text != other.read_text(encoding="utf-8")
    assert {"files", "verdict"} <= set(faults())


def test_a_variant_of_bytes_that_were_not_measured_is_refused(root: Path) -> None:
    del root
    save_file({"a": np.zeros((2, 3), np.int8)}, Path("small/model.safetensors"))
    with pytest.raises(Exception, match="not the adapter that the scores measured"):
        run()


def test_the_adapter_and_its_variant_release_side_by_side(root: Path) -> None:
    del root
    tag()
    assert "triage@v1.0.0" in project.make(2)
    shutil.rmtree("small")
    measure(0.88)
    found = newest(Path(), KEY)
    assert found is not None
    assert found.version == "1.0.0"
