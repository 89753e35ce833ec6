r"""Split pg_dump's dumps of Sentry's database, whose table `nodestore_node` holds events.

    COPY public.nodestore_node (id, data, "timestamp") FROM stdin;
    3a2b…<TAB>eJyNU…<TAB>2026-11-20 10:00:00+00
    \.

A row is a line; a backslash begins an escape (PostgreSQL, COPY, Text Format). Other tables and
statements are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.exports.buffer import Buffer, Line
from archive.exports.limits import Limits
from archive.exports.nodestore import split_row
from archive.exports.objects import too_large
from archive.exports.records import Item, Skipped

_TABLE = b"nodestore_node"
_STATEMENT_BYTES = 1 << 14

_DUMP = re.compile(
    rb"--[ \t]*\r?\n-- PostgreSQL database|SET statement_timeout|COPY [^\n;]{1,4096} FROM stdin;"
)
_COPY = re.compile(
    rb"COPY (?:[\w\"]+\.)?\"?(\w+)\"? ?(?:\(([^()\n]*)\) )?FROM stdin;[^\n]*(?:\n|\Z)"
)
_INSERT = re.compile(rb"INSERT INTO (?:[\w\"]+\.)?\"?nodestore_node\b")
_STATEMENT = Line(re.compile(rb"\n(?=COPY |INSERT INTO )"), re.compile(rb"\n[A-Z ]{0,11}+\Z"))
_END_OF_TABLE = re.compile(rb"\\\.\r?(?:\n|\Z)")
_LAST_LINE = Line(re.compile(rb"\n(?=\\\.\r?\n)"), re.compile(rb"\n(?:\\\.?)?\r?\Z"))
_LINE = Line(re.compile(rb"\n"), re.compile(rb"(?!)"))
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def is_dump(head: bytes) -> bool:
    """Whether a text begins like a dump by pg_dump, with or without its comments."""
    return _DUMP.match(head) is not None


def split_dump(buffer: Buffer, limits: Limits) -> Iterator[Item]:
    """Yield the events of the table `nodestore_node`, each with the place of its row."""
    while not buffer.exhausted:
        buffer.hold(_STATEMENT_BYTES)
        if copy := _COPY.match(buffer.text, buffer.at):
            buffer.at = copy.end()
            if copy[1] == _TABLE:
                yield from _split_table(buffer, _read_columns(copy[2]), limits)
            else:
                buffer.at -= 1  # the line break before what may be the last line
                buffer.skip_to(_LAST_LINE)
                yield Skipped("other table of a database dump")
        elif _INSERT.match(buffer.text, buffer.at):
            reason = "rows as INSERT statements: dump the table without --inserts"
            yield buffer.reject_to(_STATEMENT, reason)
            continue
        buffer.skip_to(_STATEMENT)


def _read_columns(names: bytes | None) -> list[bytes]:
    """Read the column names of a COPY statement; the table's own if it has none."""
    return [name.strip(b' "') for name in (names or b"id,data,timestamp").split(b",")]


def _split_table(buffer: Buffer, columns: list[bytes], limits: Limits) -> Iterator[Item]:
    while True:
        end = buffer.find_line_end(limits.event_bytes)
        if buffer.exhausted:
            if not buffer.fault:
                yield buffer.reject("nodestore_node is never closed: the dump ends too early")
            return
        if _END_OF_TABLE.match(buffer.text, buffer.at):
            return
        if end - buffer.at > limits.event_bytes:
            yield buffer.reject_to(_LINE, too_large(limits))
            continue
        values = buffer.text[buffer.at : end].removesuffix(b"\r").split(b"\t")
        row = dict(zip(columns, values, strict=False))
        if len(values) != len(columns) or b"data" not in row:
            yield buffer.reject("not a whole row of nodestore_node", end)
        else:
            yield from split_row(buffer, end, _unescape(row[b"data"]), limits)
        buffer.at += buffer.text[buffer.at : buffer.at + 1] == b"\n"


def _unescape(value: bytes) -> bytes | None:
    if value == rb"\N":
        return None
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), value)
