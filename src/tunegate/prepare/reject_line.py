"""One line of rejects.jsonl."""

from tunegate.core.files import dump_json
from tunegate.prepare.facts import REPLAY

GENERAL = "general/"  # the folder of the general rows, as rejects and report name it


def reject_line(file: str, line: int, code: str, reason: str, content: str) -> bytes:
    """A line of rejects.jsonl; `content` is JSON text already."""
    head = dump_json({"code": code, "file": file, "line": line, "reason": reason})
    return f'{head[:-1]},"row":{content}}}\n'.encode()


def file_name(name: str, split: int) -> str:
    """How report and rejects name a file: general rows by their folder too."""
    return GENERAL + name if split == REPLAY else name
