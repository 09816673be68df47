"""Seconds of rendering the serving files for 1, 10 and 200 adapters: `python benchmarks/rendering.py`.

Each adapter has five versions, three of them wanted. Start-up of the command is included. The file for 200 adapters is
handed to vLLM's own parser where its environment is there (`make serve` makes it).
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import ROOT, publish

SIZES, RUNS, VERSIONS = (1, 10, 200), 5, 5
PARSE = """
import sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
args = make_arg_parser(FlexibleArgumentParser()).parse_args(["--config", sys.argv[1]])
print(len(args.lora_modules), args.max_loras, args.max_cpu_loras, args.max_lora_rank)
"""


def repository(root: Path, adapters: int) -> None:
    """A repository with `adapters` adapters of five versions each, made by one `git fast-import`."""
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    lines, mark = [], 0
    who = "Ada <ada@example.com> 1700000000 +0000"
    for number in range(VERSIONS):
        for at in range(adapters):
            mark += 1
            key = f"adapter-{at}"
            lines += [f"commit refs/heads/main\nmark :{mark}\ncommitter {who}\ndata 1\nx"]
            facts = (
                f"released\n\nmethod: lora\nrank: {8 + at % 24}\nadapter: {mark:064x}\nbase: examples/support/base\n"
            )
            tags = {f"{key}@v1.{number}.0": facts}
            if number:
                stage = "canary" if number == VERSIONS - 1 else "prod"
                tags[f"{key}#{stage}#{number}"] = "assigned"
            for name, text in tags.items():
                lines.append(f"tag {name}\nfrom :{mark}\ntagger {who}\ndata {len(text)}\n{text}")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input="\n".join(lines) + "\n", text=True, check=True)
    (root / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    text = (root / "params.yaml").read_text(encoding="utf-8")
    more = "  port: 8000\n  repository: https://git.example.com/a.git\n  base_gib: 0.5\n"
    (root / "params.yaml").write_text(text.replace("  port: 8000\n", more), encoding="utf-8")


def seconds(root: Path, *words: str) -> float:
    """The median of some runs of a command, start-up included."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tunegate.cli", *words], cwd=root, check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[RUNS // 2]


def parsed(config: Path) -> str:
    """What vLLM's parser makes of a file."""
    python = ROOT / ".venv-serve" / "bin" / "python"
    if not python.is_file():
        return "not run: no .venv-serve"
    words = [str(python.absolute()), "-c", PARSE, str(config)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = (done.stdout or done.stderr).strip().splitlines()[-1]
    return f"accepted: adapters, max-loras, max-cpu-loras, max-lora-rank = {said}" if done.returncode == 0 else said


def main() -> None:
    """Measure and publish."""
    rows: list[list[str]] = []
    verdict = ""
    with tempfile.TemporaryDirectory() as folder:
        rows.append(["`tunegate --help`", "", "", f"{seconds(Path(folder), '--help'):.2f}", ""])
        for size in SIZES:
            home = Path(folder) / str(size)
            home.mkdir()
            repository(home, size)
            taken = seconds(home, "serve", "render")
            config = home / "serving" / "vllm.yaml"
            served = config.read_text(encoding="utf-8").count("base_model_name")
            size_kib = f"{config.stat().st_size / 1024:.0f}"
            rows.append(["`tunegate serve render`", str(size), str(served), f"{taken:.2f}", size_kib])
            verdict = parsed(config)
    header = ["", "adapters", "versions served", "seconds", "vllm.yaml, KiB"]
    end = f"vLLM's own parser on the file for {SIZES[-1]} adapters: {verdict}."
    title = f"Rendering the serving files, median of {RUNS} runs, start-up included"
    publish("rendering", title, header, rows, "", end)


if __name__ == "__main__":
    main()
