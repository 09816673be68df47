"""How torch runs here: one pool of threads, quiet libraries, no hub where none is needed, one seed for everything.

Two processes that both use all cores slow each other tenfold, so a stage takes the cores it may use and no more.
"""

import io
import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from importlib.metadata import distributions, version
from pathlib import Path

# Read when torch is imported. An idle OpenMP thread that spins long takes the core away from a process that works;
# one that sleeps at once costs a fifth of the speed of a small model. So: spin for some microseconds, then sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "5000")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic products on a GPU


M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of glibc's malloc.h
KEPT_BYTES = 2**30
BAR = re.compile(r"\d+%\|")  # as tqdm draws it


def on_terminal() -> bool:
    """Whether a person watches: standard error is a terminal, and this is no CI job."""
    return sys.stderr.isatty() and not os.environ.get("CI")


if not on_terminal():
    os.environ.setdefault("TQDM_DISABLE", "1")  # read when tqdm is imported, which torch does

import torch  # noqa: E402 - reads the environment set above


def set_up(*, offline: bool) -> None:
    """Set the number of threads; call it before transformers is imported. `offline`: never ask a model hub."""
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    torch.set_num_threads(cores())
    _keep_memory()


def _keep_memory() -> None:
    """Tell glibc to keep freed memory: by default it maps and unmaps each larger tensor, and on a CPU the page faults
    then cost as much time as the arithmetic.
    """
    import ctypes

    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def free_memory() -> None:
    """Give back what torch keeps of models that nobody holds any more: another process wants the accelerator."""
    import gc

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def quiet_bars() -> None:
    """No progress bars of transformers where nobody watches; call it before a model is loaded or saved."""
    import transformers

    if not on_terminal():
        transformers.utils.logging.disable_progress_bar()


@contextmanager
def without_bars() -> Iterator[None]:
    """Run the block without the progress bars that libraries force on standard error, where nobody watches."""
    if on_terminal():
        yield
        return
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            yield
    finally:
        lines = [line for line in re.split(r"[\r\n]+", said.getvalue()) if line and not BAR.search(line)]
        sys.stderr.write("".join(f"{line}\n" for line in lines))


def cores() -> int:
    """The number of threads to use: OMP_NUM_THREADS if set, else the cores this process may use."""
    if (asked := os.environ.get("OMP_NUM_THREADS", "")).isdigit():
        return max(1, int(asked))
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_seed(seed: int) -> None:
    """Seed Python, numpy and torch, and ask torch for deterministic kernels."""
    import transformers

    transformers.set_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling new tensors with NaN costs 8 % of the time, to find bugs that are not ours.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def device() -> str:
    """Where the model runs: the first GPU, else the CPU."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def versions(*packages: str) -> dict[str, str]:
    """Python's and the named packages' versions, as installed."""
    return {"python": platform.python_version(), **{package: version(package) for package in packages}}


def environment() -> dict[str, str]:
    """Every package that is installed here, with its version: what a lock file should say, as it is."""
    found = {one.metadata["Name"]: one.version for one in distributions() if one.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def hardware() -> dict[str, str | int]:
    """What it ran on, without the machine's name."""
    found: dict[str, str | int] = {"cpu": _cpu_name(), "threads": torch.get_num_threads(), "device": device()}
    if torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name()
    return found


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def peak_memory_mib() -> int:
    """The most memory this process has held, in MiB: of the GPU where there is one, else of the machine."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated() // 2**20)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak // 2**20) if sys.platform == "darwin" else int(peak // 2**10)
