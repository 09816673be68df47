"""The base of all records: frozen, unknown keys refused, NaN refused; read with one clear error."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from tunegate.core.errors import TunegateError
from tunegate.core.files import dump_json, read_json, write_json


def explain(error: ValidationError, limit: int = 5) -> str:
    """Say in one line what a record lacks: at most `limit` faults, and how many more there are."""
    faults = [f"{'.'.join(str(p) for p in f['loc']) or '(whole)'}: {f['msg']}" for f in error.errors()]
    more = f" (and {len(faults) - limit} more)" if len(faults) > limit else ""
    return "; ".join(faults[:limit]) + more


class Record(BaseModel):
    """A value that crosses a stage border as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def read(cls, path: Path, error: type[TunegateError], *, next_step: str) -> Self:
        """Read one record from a JSON file; raise `error`, naming file and field, if it is not one."""
        content = read_json(path, error, next_step=next_step)
        try:
            return cls.model_validate(content)
        except ValidationError as fault:
            raise error(f"{path}: not a {cls.__name__}: {explain(fault)}", next_step=next_step) from None

    def write(self, path: Path) -> None:
        """Write the record as JSON, whole or not at all, the same bytes each time."""
        write_json(path, self.model_dump(mode="json"))

    def to_line(self) -> str:
        """The record as one compact JSON line, newline included."""
        return dump_json(self.model_dump(mode="json")) + "\n"
