"""All forms of the example's `triage`: size, seconds to make, scores, verdict, beside the adapter they are made of.

Runs the stages of the pipeline in a clone of HEAD (after `make repro` and `make quantize`); writes results/variants.md.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "variants.md"
FORMS = {
    "triage-merged": {"method": "merge"},
    "triage-int8": {"method": "gptq", "scheme": "W8A8"},
    "triage-gptq": {"method": "gptq", "group_size": 64},
    "triage-awq": {"method": "awq", "group_size": 64},
}
ENV = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "CI": "1"}


def main() -> None:
    """Make them, measure them, write the table."""
    with tempfile.TemporaryDirectory(prefix="tunegate-variants-") as place:
        root = Path(place) / "clone"
        prepare(root)
        for key in FORMS:
            run(root, "dvc", "repro", "--quiet", f"gate-variant@{key}")
            print(row(root, key), flush=True)
        RESULTS.write_text(page(root), encoding="utf-8")
    print(f"wrote {RESULTS.relative_to(ROOT)}")


def prepare(root: Path) -> None:
    """A clone of HEAD with the cache of this one, and the variants in its settings."""
    run(ROOT, "git", "clone", "--quiet", str(ROOT), str(root))
    run(root, "dvc", "cache", "dir", "--local", str(ROOT / ".dvc" / "cache"))
    run(root, "dvc", "checkout", "--quiet")
    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    params["variants"] = {key: {"of": "triage", "convert": convert} for key, convert in FORMS.items()}
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def run(root: Path, *command: str) -> None:
    """Run a command; what it wrote is shown where it fails."""
    done = subprocess.run(command, cwd=root, env=ENV, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


def page(root: Path) -> str:
    """The whole file."""
    said = json.loads((root / "build" / "training" / "triage-merged" / "record.json").read_text(encoding="utf-8"))
    machine = f"{said['hardware']['threads']} threads of {said['hardware']['cpu']}"
    head = "| form | weights, MB | made in, s | exact match | macro-F1 | general macro | retained | verdict |\n"
    lines = [adapter_row(root), *(row(root, key) for key in FORMS)]
    return (
        "# Variants of the example's `triage`\n\n"
        f"`python benchmarks/variants.py`, {machine}; 320 test rows, 9 general tasks of 500 documents. `retained`: of\n"
        "the base's general macro. The adapter stands with its base in 32 bits, which a server loads besides.\n\n"
        f"{head}|---|---:|---:|---:|---:|---:|---:|---|\n" + "".join(f"{line}\n" for line in lines)
    )


def adapter_row(root: Path) -> str:
    """The adapter itself."""
    record = json.loads((root / "build" / "training" / "triage-merged" / "record.json").read_text(encoding="utf-8"))
    return cells("LoRA on its base", record["bytes"]["before"], "-", metrics(root, "triage"))


def row(root: Path, key: str) -> str:
    """One variant."""
    record = json.loads((root / "build" / "training" / key / "record.json").read_text(encoding="utf-8"))
    convert = record["settings"]["convert"]
    form = "merged" if convert["method"] == "merge" else f"{convert['method']} {convert['scheme']}"
    return cells(f"{form}, {convert['dtype']}", record["bytes"]["after"], record["seconds"], metrics(root, key))


def metrics(root: Path, key: str) -> dict[str, object]:
    """The columns of `dvc exp show`."""
    found: dict[str, object] = json.loads((root / "metrics" / f"{key}.json").read_text(encoding="utf-8"))[key]
    return found


def cells(form: str, size: int, seconds: object, found: dict[str, object]) -> str:
    """A line of the table."""
    scores = [f"{found[name]:.3f}" for name in ("exact_match", "macro_f1", "general", "retained")]
    return f"| {form} | {size / 1e6:.1f} | {seconds} | {' | '.join(scores)} | {found['verdict']} |"


if __name__ == "__main__":
    main()
