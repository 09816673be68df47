"""A repository in which the real stage `release` makes versions, signed or not, for tests that then harm them."""

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from factories import evidence, write_evidence, write_params
from safetensors.numpy import save_file

from tunegate.core.dvc import dvc_digest
from tunegate.core.files import digest_tree, write_json, write_text
from tunegate.core.params import load_params
from tunegate.judge.decide import decide
from tunegate.records.evidence import evidence_digests
from tunegate.records.release_keys import VARIABLE, keygen
from tunegate.release.bundle import Sources
from tunegate.release.stage import release

KEY, TODAY = "triage", date(2026, 11, 25)
OUT = Path("build/release") / KEY
SOURCES = Sources(*(Path(name) for name in ("scores", "gate", "adapter", "training", "data", "report.json")))


def git(*words: str) -> str:
    """Run git in the current folder."""
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()


def start() -> None:
    """A repository in the current folder; the key that may sign is in `key`, its public half in Git."""
    git("init", "-q", "-b", "main")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@example.com")
    write_text(Path(".gitignore"), "/build/\n/key\n/kept-*/\n")
    keygen(Path("key"))
    write_params(Path("params.yaml"))
    demand("key.pub")
    git("add", "-A")
    git("commit", "-q", "-m", "project")


def demand(*signers: str) -> None:
    """Name the keys that may sign."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    write_text(Path("params.yaml"), yaml.safe_dump({**params, "release_signers": list(signers)}))


def waive(*waivers: dict[str, str]) -> None:
    """Name the gates that may fall short."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["adapters"][KEY]["gate"]["waivers"] = list(waivers)
    write_text(Path("params.yaml"), yaml.safe_dump(params))


def measure(seed: int, *, valid: float = 1.0) -> None:
    """What stands before `release`: an adapter, its scores, the verdict on them."""
    for name in ("adapter", "scores"):
        shutil.rmtree(name, ignore_errors=True)
    write_json(Path("adapter/adapter_config.json"), {"r": 8, "peft_type": "LORA"})
    save_file({"a": np.full((2, 3), seed, np.float32)}, Path("adapter/adapter_model.safetensors"))
    digest = digest_tree(Path("adapter"))
    found = evidence(KEY, valid=valid)
    measured = found.candidate.measured.model_copy(update={"adapter": digest})
    looks = tuple(look.model_copy(update={"candidate": digest}) for look in found.looks)
    found = found._replace(
        candidate=found.candidate.model_copy(update={"measured": measured}),
        probe=found.probe.model_copy(update={"adapter": digest}),
        looks=looks,
    )
    write_evidence(Path("scores"), KEY, found)
    params = load_params(Path("params.yaml"))
    policy, inputs = params.adapters[KEY].gate, evidence_digests(Path("scores"), KEY)
    decide(KEY, found, policy, TODAY, inputs, declared=params.general.tasks).write(Path("gate/verdict.json"))
    write_text(Path("gate/table.md"), "| table |\n")
    libraries = {"peft": "0.21.2", "python": "3.11.7", "torch": "2.13.0+cpu"}
    write_json(Path("training/record.json"), {"libraries": libraries, "settings": {"rank": 8}})
    write_text(Path("data/train.jsonl"), "{}\n")
    write_json(Path("report.json"), {"splits": {"train": {"kept": 800}}, "files": [{"rejected": {"duplicate": 3}}]})


def run() -> str:
    """Run the stage, as `dvc repro release` does."""
    return release(Path(), KEY, SOURCES, OUT, load_params(Path("params.yaml")), TODAY)


def make(seed: int = 1, *, signed: bool = True, valid: float = 1.0) -> str:
    """Measure, commit, release: what the stage says. The bundle is in OUT."""
    measure(seed, valid=valid)
    run()
    outs = [{"path": OUT.as_posix(), "md5": dvc_digest(OUT)}]
    write_text(Path("dvc.lock"), yaml.safe_dump({"stages": {f"release@{KEY}": {"outs": outs}}}))
    git("add", "-A")
    git("commit", "-q", "-m", f"seed {seed}")
    kept = os.environ.get(VARIABLE)
    try:
        os.environ.update({VARIABLE: "key"} if signed else {})
        return run()
    finally:
        os.environ.pop(VARIABLE, None)
        os.environ.update({VARIABLE: kept} if kept else {})
