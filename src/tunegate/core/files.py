"""Files that are whole or absent: atomic writes, strict JSON, digests of files and folders."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tunegate.core.errors import TunegateError

CHUNK = 1 << 20


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; on success flush it to disk and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        if error.filename is None:
            error.filename = str(path)
        raise
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` as a whole or not at all."""
    with atomic(path) as stream:
        stream.write(content)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 `text` to `path` as a whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def dump_json(value: Any, *, indent: int | None = None) -> str:
    """Render JSON the same way each time: sorted keys, UTF-8 as it is; NaN and infinity are refused."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, sorted keys, closing newline."""
    write_text(path, dump_json(value, indent=2) + "\n")


def _no_constant(name: str) -> float:
    message = f"{name} is not a number"
    raise ValueError(message)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        message = "the same key stands twice in one object"
        raise ValueError(message)
    return keys


DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_no_duplicates)


def parse_json(text: str) -> Any:
    """Parse JSON strictly.

    Raises:
        ValueError: not JSON, NaN or infinity, a key given twice, or nested too deep.
    """
    try:
        return DECODER.decode(text)
    except RecursionError:
        message = "nested too deep"
        raise ValueError(message) from None


def read_json(path: Path, error: type[TunegateError], *, next_step: str) -> Any:
    """Read one JSON file; raise `error` with the file's name if it is missing or not JSON."""
    try:
        return parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise error(f"{path}: no such file", next_step=next_step) from None
    except ValueError as fault:
        raise error(f"{path}: not valid JSON: {fault}", next_step=next_step) from None


def digest_bytes(content: bytes) -> str:
    """SHA-256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_tree(root: Path, *, keep: Callable[[str], bool] = bool) -> str:
    """SHA-256 over the sorted lines `path NUL sha256` of the files below `root` whose relative path `keep` accepts.

    Bytecode folders do not count. A file instead of a folder: the digest of that file's bytes.
    """
    if root.is_file():
        return digest_file(root)
    lines = (f"{name}\0{digest_file(root / name)}\n" for name in list_files(root) if keep(name))
    return digest_bytes("".join(lines).encode("utf-8"))


def list_files(root: Path) -> list[str]:
    """Relative POSIX paths of all files below `root`, sorted, without bytecode."""
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def file_digests(root: Path) -> dict[str, str]:
    """SHA-256 of every file below `root`, in hex, by relative path."""
    return {name: digest_file(root / name) for name in list_files(root)}
