"""Layout of an Arrow IPC file: its blocks, and the bytes that they unpack to.

PyArrow allocates what a compressed buffer says that it unpacks to, and reads a block as
often as the footer names it. So both are checked before, in the few tables of the
format that say so (Footer, Message and RecordBatch of Apache Arrow's File.fbs and
Message.fbs, as FlatBuffers). Nothing else is decoded here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_MAGIC = b"ARROW1"
_CONTINUATION = 0xFFFFFFFF  # before the length of a message, since Arrow 0.15
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3  # types of a message


class _FlatTable(NamedTuple):
    """FlatBuffers table: bytes, and its position in them."""

    data: memoryview
    at: int

    def field(self, number: int) -> int | None:
        """Return the position of a field's value, or None if it has its default."""
        vtable = self.at - self._int("<i", self.at)
        place = 4 + 2 * number
        if vtable < 0 or place + 2 > self._int("<H", vtable):
            return None
        offset = self._int("<H", vtable + place)
        return self.at + offset if offset else None

    def number(self, field: int, kind: str) -> int:
        """Return an integer field; 0 by default."""
        at = self.field(field)
        return 0 if at is None else self._int(kind, at)

    def table(self, field: int) -> _FlatTable | None:
        """Return the table that a field refers to."""
        at = self.field(field)
        return None if at is None else _FlatTable(self.data, at + self._int("<I", at))

    def structs(self, field: int, kind: str) -> list[tuple[int, ...]]:
        """Return the elements of a field that is a vector of structs."""
        vector = self.table(field)
        if vector is None:
            return []
        start, count = vector.at + 4, self._int("<I", vector.at)
        return list(
            struct.iter_unpack(kind, self.data[start:][: count * struct.calcsize(kind)])
        )

    def _int(self, kind: str, at: int) -> int:
        found: int = struct.unpack_from(kind, self.data, at)[0]
        return found


def unpacked_bytes(file: memoryview) -> int:
    """Return the number of bytes that the compressed buffers of a file unpack to.

    Raises:
        ValueError: the file is damaged, its blocks overlap, or a size is negative.
    """
    try:
        return sum(map(_unpacked, _messages(file)))
    except struct.error as error:
        raise ValueError("a table is cut off") from error


def _messages(file: memoryview) -> Iterator[tuple[memoryview, memoryview]]:
    """Yield the metadata and the body of each block that the footer names."""
    tail = len(file) - len(_MAGIC) - 4
    if tail < 0 or file[-len(_MAGIC) :] != _MAGIC:
        raise ValueError("no Arrow footer")
    end = tail - struct.unpack_from("<I", file, tail)[0]
    if end < 0:
        raise ValueError("the footer is cut off")
    footer = _root(file[end:tail])
    blocks = [
        block
        for field in (_DICTIONARY_BATCH, _RECORD_BATCH)
        for block in footer.structs(field, "<qi4xq")
    ]
    free = 0  # end of the block before
    for offset, head, body in sorted(blocks):
        if offset < free or head < 8 or body < 0 or offset + head + body > end:
            raise ValueError("blocks overlap, or are cut off")
        free = offset + head + body
        yield file[offset : offset + head], file[offset + head : free]


def _unpacked(block: tuple[memoryview, memoryview]) -> int:
    """Return the number of bytes that a block's buffers unpack to."""
    head, body = block
    start = 8 if struct.unpack_from("<I", head)[0] == _CONTINUATION else 4
    message = _root(head[start:])
    batch = message.table(2)
    if batch is not None and message.number(1, "<B") == _DICTIONARY_BATCH:
        batch = batch.table(1)
    if batch is None or batch.field(3) is None:  # not compressed
        return 0
    total = 0
    for offset, length in batch.structs(2, "<qq"):
        if offset < 0 or length < 0 or offset + length > len(body):
            raise ValueError("a buffer is cut off")
        if length:
            size: int = struct.unpack_from("<q", body[offset : offset + length])[0]
            if size < -1:  # -1: stored as it is
                raise ValueError("a buffer of a negative size")
            total += max(size, 0)
    return total


def _root(data: memoryview) -> _FlatTable:
    return _FlatTable(data, struct.unpack_from("<I", data)[0])
