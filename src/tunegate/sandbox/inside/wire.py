"""Plain values as bytes, and back: all that ever passes between a candidate and its judge.

None, bool, int, float (nan and infinities too), str, bytes, list, tuple, dict, set, frozenset; what comes back has
exactly these types, so no method of the sender's making. An object of a subclass travels as its base (a Counter as a
dict). No pickle, no JSON: the reader makes nothing but these values, whatever the bytes are.
"""

from __future__ import annotations

import os
import struct

TYPE_CHECKING = False  # the module `typing` costs a third of a start
if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 100
# What tests wrap around an answer when they pass it on: then it still fits.
NESTED = 50
CONSTANTS = {b"N": None, b"T": True, b"F": False}
MANY: dict[bytes, Any] = {b"l": list, b"t": tuple, b"e": set, b"z": frozenset}


class NotPlain(ValueError):  # noqa: N818 - what the value is, not an error of ours
    """The value is not made of plain types, or the bytes are no value."""


def _length(size: int) -> bytes:
    return struct.pack(">I", size)


def _put_scalar(value: Any, out: list[bytes]) -> bool:
    if value is None or value is True or value is False:
        out.append(b"N" if value is None else b"T" if value else b"F")
    elif isinstance(value, int):
        number = int.__index__(value)
        out += [b"i", _length(size := number.bit_length() // 8 + 1), number.to_bytes(size, "big", signed=True)]
    elif isinstance(value, float):
        out += [b"f", struct.pack(">d", float.__float__(value))]
    elif isinstance(value, str):
        text = str.encode(value, "utf-8", "surrogatepass")
        out += [b"s", _length(len(text)), text]
    elif isinstance(value, bytes):
        content = bytes.__getitem__(value, slice(None))
        out += [b"b", _length(len(content)), content]
    else:
        return False
    return True


def _put(value: Any, out: list[bytes], depth: int) -> None:
    if depth > MAX_DEPTH:
        message = f"nested deeper than {MAX_DEPTH}"
        raise NotPlain(message)
    if _put_scalar(value, out):
        return
    if isinstance(value, dict):
        pairs = list(dict.items(value))
        out += [b"d", _length(len(pairs))]
        items = [part for pair in pairs for part in pair]
    else:
        for tag, kind in MANY.items():
            if isinstance(value, kind):
                items = list(kind.__iter__(value))
                out += [tag, _length(len(items))]
                break
        else:
            message = f"a value of type {type(value).__name__}"
            raise NotPlain(message)
    for item in items:
        _put(item, out, depth + 1)


def pack(value: Any, more: int = 0) -> bytes:
    """Write a value as bytes, nested up to MAX_DEPTH, and `more` levels.

    Raises:
        NotPlain: a type other than those above, or lists in lists deeper than MAX_DEPTH (so also cycles).
    """
    out: list[bytes] = []
    _put(value, out, -more)
    return b"".join(out)


class _Reader:
    """Takes bytes from the front."""

    def __init__(self, content: bytes) -> None:
        self._content, self.at = content, 0

    def take(self, size: int) -> bytes:
        piece = self._content[self.at : self.at + size]
        if len(piece) != size:
            message = "cut off"
            raise NotPlain(message)
        self.at += size
        return piece

    def size(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH}"
            raise NotPlain(message)
        tag = self.take(1)
        if tag in CONSTANTS:
            return CONSTANTS[tag]
        if tag == b"f":
            return struct.unpack(">d", self.take(8))[0]
        if tag in {b"i", b"s", b"b"}:
            return self._sized(tag, self.take(self.size()))
        return self._many(tag, self.size(), depth + 1)

    @staticmethod
    def _sized(tag: bytes, content: bytes) -> int | str | bytes:
        if tag == b"i":
            return int.from_bytes(content, "big", signed=True)
        return content if tag == b"b" else content.decode("utf-8", "surrogatepass")

    def _many(self, tag: bytes, size: int, depth: int) -> Any:
        if tag == b"d":
            return dict([(self.value(depth), self.value(depth)) for _ in range(size)])  # noqa: C404 - key first
        if tag not in MANY:
            message = f"unknown tag {tag!r}"
            raise NotPlain(message)
        return MANY[tag]([self.value(depth) for _ in range(size)])


def unpack(content: bytes, more: int = 0) -> Any:
    """Read the value that `pack` wrote, nested up to MAX_DEPTH, and `more` levels.

    Raises:
        NotPlain: the bytes are anything else.
    """
    reader = _Reader(content)
    try:
        value = reader.value(-more)
    except (TypeError, UnicodeDecodeError) as fault:  # a list as a key; no UTF-8
        raise NotPlain(str(fault)) from None
    if reader.at != len(content):
        message = "more bytes than one value"
        raise NotPlain(message)
    return value


class TooLong(ValueError):  # noqa: N818 - what the message is
    """A message is longer than the reader takes."""


def send(handle: int, content: bytes) -> None:
    """Write one message: its length in four bytes, then `content`."""
    rest = memoryview(_length(len(content)) + content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _read(handle: int, size: int) -> bytes:
    pieces = []
    while size:
        piece = os.read(handle, min(size, 1 << 16))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def receive(handle: int, most: int) -> bytes:
    """Read one message of at most `most` bytes.

    Raises:
        EOFError: the other side is gone.
        TooLong: it announces more; none of it is read.
    """
    (size,) = struct.unpack(">I", _read(handle, 4))
    if size > most:
        message = f"{size} bytes"
        raise TooLong(message)
    return _read(handle, size)
