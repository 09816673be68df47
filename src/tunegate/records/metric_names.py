"""Which module measures a metric: by the names of the folders under evals/metrics alone, nothing is loaded."""

from pathlib import Path

FIELD = "field"  # the module of every name that is no other module's: a field of the JSON answer


def module_of(folder: Path, metric: str) -> str | None:
    """The module that measures `metric`: of the same name, or the longest one whose name and `_` it begins with."""
    there = sorted(module_names(folder), key=len)
    return next((name for name in reversed(there) if metric == name or metric.startswith(f"{name}_")), None)


def module_names(folder: Path) -> list[str]:
    """The modules in `folder`: NAME/NAME.py each."""
    return sorted(path.parent.name for path in folder.glob("*/*.py") if path.stem == path.parent.name)
