"""One line of rejects.jsonl."""

from tunegate.core.files import dump_json


def reject_line(file: str, line: int, code: str, reason: str, content: str) -> bytes:
    """A line of rejects.jsonl; `content` is JSON text already."""
    head = dump_json({"code": code, "file": file, "line": line, "reason": reason})
    return f'{head[:-1]},"row":{content}}}\n'.encode()
