"""Rows of a self-hosted Sentry's table `nodestore_node`, exported as CSV or TSV.

    id,data,timestamp
    3a2b…,eJyNU…,2026-11-20 10:00:00+00

`data` is base64 of zlib or zstd of lines: the event's JSON, then named parts that the event no
longer needs (Sentry, services/nodestore/django/backend.py and base.py). Very old rows are pickles,
which run code when they are read: they are refused.
"""

from __future__ import annotations

import base64
import binascii
import csv
import re
import zlib
from collections.abc import Iterator

from archive.exports.containers import SourceFault, decompress
from archive.exports.limits import Limits
from archive.exports.records import Record, Reject
from archive.exports.shapes import Shape, Told
from archive.exports.window import Window

_HEADER = re.compile(rb'"?id"?[,\t]"?data"?[,\t]"?timestamp"?\r?\n')
_ROW = re.compile(rb'"?[0-9a-f]{32}"?[,\t]"?[A-Za-z0-9+/=\n\\]{16}')
_PICKLE = re.compile(rb"\x80[\x02-\x05]|\(dp|\(d")
_STORED = Told(shape=Shape.STORE)
_COLUMNS = ["id", "data", "timestamp"]


def is_nodestore(head: bytes) -> bool:
    """Whether a text begins as an export of the table does, with or without a header line."""
    return bool(_HEADER.match(head) or _ROW.match(head))


def split_nodestore(window: Window, limits: Limits) -> Iterator[Record | Reject]:
    """The events of the rows, each at the place of its row."""
    delimiter = "\t" if b"\t" in window.text[window.at :].split(b"\n", 1)[0] else ","
    columns = _COLUMNS
    while window.skip_separators() is not None:
        end = _find_row_end(window, limits)
        row = window.text[window.at : end].decode("utf-8", "replace")
        values = next(csv.reader(row.splitlines(keepends=True), delimiter=delimiter), [])
        if "data" in values:
            columns, window.at = values, end
            continue
        data = dict(zip(columns, values, strict=False)).get("data", "")
        try:
            body = _unpack(data, limits)
        except (ValueError, SourceFault) as error:
            yield window.reject(f"not a nodestore row: {error}", end)
        else:
            place = window.place()
            window.at = end
            yield Record(body.partition(b"\n")[0], place, _STORED)


def _find_row_end(window: Window, limits: Limits) -> int:
    """The end of the row that begins here; a quoted value may run over lines."""
    at = window.at
    while True:
        end = window.text.find(b"\n", at)
        if end >= 0 and window.text.count(b'"', window.at, end) % 2 == 0:
            return end
        if end >= 0:
            at = end + 1
            continue
        searched = len(window.text) - window.at
        if searched > 2 * limits.event_bytes or not window.more():
            return len(window.text)
        at = window.at + searched


def _unpack(data: str, limits: Limits) -> bytes:
    """The lines of a row. Raises ValueError, SourceFault."""
    try:
        packed = base64.b64decode(data.replace("\\n", "").replace("\n", ""), validate=True)
    except binascii.Error as error:
        raise ValueError(f"its data is not base64: {error}") from error
    if packed[:4] == b"\x28\xb5\x2f\xfd":
        text = b"".join(decompress(iter([packed]), "zstd", limits))
    else:
        inflater = zlib.decompressobj()
        try:
            text = inflater.decompress(packed, limits.event_bytes)
        except zlib.error as error:
            raise ValueError(f"its data is not zlib: {error}") from error
        if not inflater.eof:
            raise ValueError("its data is truncated or too large")
    if _PICKLE.match(text):
        raise ValueError("it is a pickle, which is never loaded")
    return text
