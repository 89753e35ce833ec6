r"""A dump of Sentry's database by pg_dump, of which the table `nodestore_node` holds events.

    COPY public.nodestore_node (id, data, "timestamp") FROM stdin;
    3a2b…<TAB>eJyNU…<TAB>2026-11-20 10:00:00+00
    \.

A row is a line; a backslash begins an escape (PostgreSQL, COPY, Text Format). Other tables are
skipped, and the statements around them are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.exports.buffer import Line, Window
from archive.exports.limits import Limits
from archive.exports.nodestore import split_row
from archive.exports.objects import too_large
from archive.exports.records import Record, Reject, Skipped

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
    """Whether a text begins as a dump by pg_dump does, with or without its comments."""
    return _DUMP.match(head) is not None


def split_dump(window: Window, limits: Limits) -> Iterator[Record | Reject | Skipped]:
    """The events of the table `nodestore_node`, each at the place of its row."""
    while not window.exhausted:
        window.hold(_STATEMENT_BYTES)
        if copy := _COPY.match(window.text, window.at):
            window.at = copy.end()
            if copy[1] == _TABLE:
                yield from _split_table(window, _read_columns(copy[2]), limits)
            else:
                window.at -= 1  # the line break before what may be the last line
                window.skip_to(_LAST_LINE)
                yield Skipped("other table of a database dump")
        elif _INSERT.match(window.text, window.at):
            reason = "rows as INSERT statements: dump the table without --inserts"
            yield window.reject_to(_STATEMENT, reason)
            continue
        window.skip_to(_STATEMENT)


def _read_columns(names: bytes | None) -> list[bytes]:
    """The columns in their order; the table's own where none are given."""
    return [name.strip(b' "') for name in (names or b"id,data,timestamp").split(b",")]


def _split_table(
    window: Window, columns: list[bytes], limits: Limits
) -> Iterator[Record | Reject | Skipped]:
    while True:
        end = window.find_line_end(limits.event_bytes)
        if window.exhausted:
            if not window.fault:
                yield window.reject("nodestore_node is never closed: the dump ends too early")
            return
        if _END_OF_TABLE.match(window.text, window.at):
            return
        if end - window.at > limits.event_bytes:
            yield window.reject_to(_LINE, too_large(limits))
            continue
        values = window.text[window.at : end].removesuffix(b"\r").split(b"\t")
        row = dict(zip(columns, values, strict=False))
        if len(values) != len(columns) or b"data" not in row:
            yield window.reject("not a whole row of nodestore_node", end)
        else:
            yield from split_row(window, end, _unescape(row[b"data"]), limits)
        window.at += window.text[window.at : window.at + 1] == b"\n"


def _unescape(value: bytes) -> bytes | None:
    if value == rb"\N":
        return None
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), value)
