"""Whether the packages that the pages stand on are here: asked before anything is opened."""

from importlib.util import find_spec

from tunegate.core.errors import MachineError


def require_packages() -> None:
    """Do nothing if they are here.

    Raises:
        MachineError: one is not installed.
    """
    if missing := [name for name in ("starlette", "uvicorn", "jinja2") if find_spec(name) is None]:
        raise MachineError(f"the page needs {', '.join(missing)}: not installed", next_step="run `make setup`")
