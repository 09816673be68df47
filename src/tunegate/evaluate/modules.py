"""Metrics as modules of the library `evaluate`: loaded by path, never by a hub's name unless params.yaml says so.

A module is evals/metrics/NAME/NAME.py with one class derived from `evaluate.Metric`. Its features name the columns that
it looks at, the further parameters of its `_compute` the settings it needs (docs/metrics.md).
"""

import atexit
import inspect
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tunegate.core.errors import DataError, SettingsError, TunegateError
from tunegate.core.files import digest_tree

Found = dict[str, Any]  # what a module's `_compute` returns


class Module:
    """A loaded metric module."""

    def __init__(self, name: str, loaded: Any, *, where: str, digest: str) -> None:
        """`where` names it for a person, `digest` its version."""
        self.name, self.where, self.digest = name, where, digest
        self._loaded = loaded
        self.columns = tuple(loaded.features)
        signature = inspect.signature(loaded._compute)  # noqa: SLF001 - how the library itself calls it
        self.options = tuple(name for name in signature.parameters if name not in self.columns)

    @property
    def paid(self) -> bool:
        """Whether a call costs money: then it is not tried out before the answers are there."""
        return bool(getattr(self._loaded, "paid", False))

    def compute(self, columns: Mapping[str, Sequence[Any]], options: Mapping[str, Any]) -> Found:
        """Call it.

        Raises:
            DataError: it failed, or returned no mapping; errors of our own family pass through.
        """
        given = {name: list(columns[name]) for name in self.columns}
        try:
            found = self._loaded.compute(**given, **options)
        except TunegateError:
            raise
        except Exception as fault:  # the module's author may raise anything
            raise DataError(
                f"{self.where}: {type(fault).__name__}: {fault}", next_step="correct the module, or its settings"
            ) from fault
        if not isinstance(found, dict):
            raise DataError(f"{self.where}: returned {type(found).__name__}", next_step="return a dictionary")
        return found


@cache
def _library() -> tuple[Any, Path]:
    """The library, and a folder of this process for its copies of modules.

    By default it copies them below the home folder, which may be read-only, and which two stages at once share.
    """
    import evaluate

    folder = Path(tempfile.mkdtemp(prefix="tunegate-metrics-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    evaluate.config.HF_MODULES_CACHE = folder / "modules"
    logging.getLogger("evaluate").setLevel(logging.ERROR)
    return evaluate, folder


def load_local(folder: Path, name: str) -> Module:
    """Load folder/NAME/NAME.py.

    Raises:
        DataError: it cannot be loaded, or asks for a column that there is not.
    """
    library, scratch = _library()
    path = folder / name / f"{name}.py"
    try:
        loaded = library.load(str(path), module_type="metric", keep_in_memory=True, cache_dir=str(scratch / "data"))
    except Exception as fault:  # whatever the module does when it is imported
        raise DataError(
            f"{path}: {type(fault).__name__}: {fault}",
            next_step="it has to define a class derived from evaluate.Metric",
        ) from fault
    return Module(name, loaded, where=str(path), digest=digest_tree(path.parent)[:16])


def load_hub(name: str, identifier: str, revision: str) -> Module:
    """Load a metric of a hub, by the opt-in of params.yaml: its code runs on this machine.

    Raises:
        SettingsError: the hub does not give it.
    """
    library, scratch = _library()
    try:
        loaded = library.load(
            identifier, module_type="metric", revision=revision, keep_in_memory=True, cache_dir=str(scratch / "data")
        )
    except Exception as fault:  # noqa: BLE001 - errors of the hub, of the network, of the module's code
        said = str(fault).strip().splitlines() or [""]
        raise SettingsError(
            f"params.yaml: evaluate.hub.{name}: {identifier} at {revision}: {type(fault).__name__}: {said[0]}",
            next_step="check the name, the network and HF_HUB_OFFLINE, or copy the module to evals/metrics",
        ) from None
    return Module(name, loaded, where=f"{identifier} at {revision}", digest=revision[:16])
