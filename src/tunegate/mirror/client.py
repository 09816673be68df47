"""MLflow's own client, imported late and kept quiet; its errors in words."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tunegate.core.errors import MachineError

QUIET = {  # nothing is sent home, no line with a picture in it, and a server that is down is said in seconds
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}


def connect(uri: str) -> Any:
    """A client of the server at `uri`; nothing is asked yet.

    Raises:
        MachineError: it is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if not sys.stderr.isatty():
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    try:
        from mlflow import MlflowClient
    except ImportError:
        step = "run `make .venv/mlflow`, or install tunegate[mlflow]"
        raise MachineError("the client of MLflow is not installed", next_step=step) from None
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


@contextmanager
def unless_there() -> Iterator[None]:
    """For making what somebody else may have made first: that is well."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as fault:
        if fault.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


@contextmanager
def spoken() -> Iterator[None]:
    """MLflow's errors in one line.

    Raises:
        MachineError: instead of them.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as fault:
        silent = isinstance(
            fault.__cause__ or fault.__context__, OSError
        )  # MLflow's own words are a URL and a traceback
        said = "the server does not answer" if silent else " ".join(str(fault).split())[:300]
        raise MachineError(f"MLflow: {said}", next_step="mend it and run this again: it goes on from here") from None
