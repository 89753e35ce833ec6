"""Split the table `nodestore_node` of a self-hosted Sentry, exported as CSV or TSV.

    id,data,timestamp
    3a2b…,eJyNU…,2026-11-20 10:00:00+00

`data` is base64 of zlib or zstd data: lines with the event's JSON, then named parts that the event
no longer needs (Sentry, services/nodestore/django/backend.py and base.py). Very old rows are
pickles, which can execute code when they are loaded; they are rejected.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace

from archive.exports.budget import SourceFault
from archive.exports.buffer import Buffer, Line
from archive.exports.compression import PIECE, decompress
from archive.exports.limits import Limits
from archive.exports.records import Item, Record, Reject
from archive.exports.shapes import Hints, Shape
from archive.exports.values import split_values

_COLUMNS = [b"id", b"data", b"timestamp"]
_ID = re.compile(rb'"?[0-9a-f]{32}"?[,\t](?!\{|null\b)')  # else it is the key of a message
_PICKLE = re.compile(rb"\x80[\x02-\x05]|\(d|\}q")
_ZSTD = b"\x28\xb5\x2f\xfd"

# A row. Its values are digits and letters, a date, or base64 (with line breaks in older rows).
_VALUE = rb'(?:"[^",\t]*+"|[^",\t\r\n]*+)'
_ROW = re.compile(rb"(?:%b[,\t])*+%b(?=\r?(?:\n|\Z))" % (_VALUE, _VALUE))
_OPEN_ROW = re.compile(rb'(?:%b[,\t])*+"[^",\t]*+\Z' % _VALUE)
_ROW_LINE = Line(re.compile(rb"\n(?=[^,\t\n]*+[,\t])"), re.compile(rb"\n[^,\t\n]{0,65536}+\Z"))


def is_nodestore(head: bytes) -> bool:
    """Whether a text begins like an export of the table, with or without a header line."""
    values = _split_row(head.partition(b"\n")[0])
    return {b"id", b"data"} <= set(values) <= set(_COLUMNS) or bool(_ID.match(head))


def split_nodestore(buffer: Buffer, limits: Limits) -> Iterator[Item]:
    """Yield the events of the rows, each with the place of its row."""
    columns = _COLUMNS
    while buffer.skip_separators() is not None:
        end = _find_row_end(buffer, limits)
        if end is None:
            yield buffer.reject_to(_ROW_LINE, "not a whole row of nodestore_node")
            continue
        values = _split_row(buffer.text[buffer.at : end])
        if b"data" in values:
            columns, buffer.at = values, end
            continue
        data = dict(zip(columns, values, strict=False)).get(b"data")
        yield from split_row(buffer, end, data, limits)


def split_row(buffer: Buffer, end: int, data: bytes | None, limits: Limits) -> Iterator[Item]:
    """Yield the event in the data of a row, which ends at `end`, with the place of the row."""
    place, head = buffer.mark()
    buffer.at = end
    for item in _read_data(data, limits):
        if isinstance(item, Record):
            yield replace(item, place=place, hints=Hints(shape=Shape.STORE))
        elif isinstance(item, Reject):
            reason = f"in a row of nodestore_node: {item.reason}"
            yield buffer.reject_through(place, head, reason)
        else:
            yield item


def _split_row(row: bytes) -> list[bytes]:
    return [value.strip(b'"\r') for value in re.split(rb"[,\t]", row)]


def _find_row_end(buffer: Buffer, limits: Limits) -> int | None:
    """Find the end of the row that begins here; None if it is invalid, truncated or too large."""
    while True:
        row = _ROW.match(buffer.text, buffer.at)
        if row and row.end() < len(buffer.text):
            return row.end()
        is_open = row or _OPEN_ROW.match(buffer.text, buffer.at)
        if not is_open or len(buffer.text) - buffer.at > limits.event_bytes:
            return None
        if not buffer.more():
            return row.end() if row else None


def _read_data(data: bytes | None, limits: Limits) -> Iterator[Item]:
    """Yield the event in a row's data."""
    buffer = Buffer(_unpack(data or b"", limits), "", None, 0)
    if buffer.skip_separators() is None:
        yield buffer.reject(str(buffer.fault or "there is no data"))
        return
    buffer.hold(4)
    if _PICKLE.match(buffer.text):
        yield buffer.reject("a pickle, which is never loaded")
        return
    yield from split_values(buffer, limits)
    if buffer.fault and not buffer.is_fault_reported:
        yield buffer.reject(str(buffer.fault))


def _unpack(data: bytes, limits: Limits) -> Iterator[bytes]:
    """Decode and decompress a row's data, in pieces. Raises SourceFault."""
    if data == rb"\N":
        return
    try:
        packed = base64.b64decode(b"".join(data.replace(rb"\n", b"").split()), validate=True)
    except binascii.Error as error:
        raise SourceFault(f"data that is not base64: {error}") from error
    kind = "zstd" if packed.startswith(_ZSTD) else "zlib"
    pieces = (packed[at : at + PIECE] for at in range(0, len(packed), PIECE))
    yield from decompress(pieces, kind, limits)
