"""Split CSV tables (RFC 4180) with a column that contains JSON, such as Airbyte's raw tables.

    _airbyte_raw_id,_airbyte_data,_airbyte_emitted_at
    0f3c…,"{""eventID"": ""…""}",2026-11-20 10:00:00+00

The column is found from the first row, or by the name that Airbyte gives it. CSV files that Sentry
writes are skipped: they contain a few columns of each event, not the event.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from archive.exports.buffer import Buffer, Line
from archive.exports.limits import Limits
from archive.exports.objects import too_large
from archive.exports.records import Item, Skipped
from archive.exports.values import split_inner
from archive.jsontext import parse

_JSON_COLUMN = b"_airbyte_data"
_SEPARATORS = (b",", b";", b"\t", b"|")
_COLUMNS = 256
_NAME = re.compile(rb'"?([\w .$()\[\]-]{1,128})"?')
_JSON_OPENS = re.compile(rb'"\s*+(?:\{|\[\s*+\{)\s*+""')
_LINE_BREAKS = re.compile(rb"[\r\n]*+")
_NOT_A_ROW = "not a whole row of CSV"
_SENTRY_CSV = (
    "CSV table of Sentry (a few columns, no events; pass it to `resolve -` as a list of IDs)"
)

# Columns that only Sentry's own CSV files have, and common ones, of which more are required.
# Discover and Explore name the columns after the selected fields, an issue's lists of events and
# tags after the columns on the page (Sentry, data_export/ and the frontend's downloadAsCsv).
_SENTRY_NAMES = frozenset(
    {b"event.type", b"event id", b"project.name", b"project.id", b"issue.id", b"user.display"}
    | {b"times_seen", b"last_seen()", b"first_seen()", b"count_unique(user)", b"sdk.name"}
    | {b"error.type", b"error.value", b"error.handled", b"stack.filename", b"replayid"}
)
_COMMON_NAMES = frozenset(
    {b"id", b"title", b"timestamp", b"project", b"issue", b"message", b"count()", b"transaction"}
    | {b"release", b"environment", b"value", b"first_seen", b"last_seen", b"user", b"level"}
    | {b"platform", b"trace", b"culprit", b"os", b"device", b"browser", b"email", b"username"}
)


class Table(NamedTuple):
    """The layout of a CSV file.

    column: the index of the JSON column, from 0; name: its name, or its number as text.
    header: the first line, if it contains names.
    """

    separator: bytes
    column: int
    name: str
    header: bytes | None


class _Grammar(NamedTuple):
    """The patterns of cells and rows for a separator."""

    cell: re.Pattern[bytes]
    cell_before: re.Pattern[bytes]
    row: re.Pattern[bytes]
    last_row: re.Pattern[bytes]
    open_row: re.Pattern[bytes]


@cache
def _compile_grammar(separator: bytes) -> _Grammar:
    by = re.escape(separator)
    quoted = rb'"(?:[^"]++|"")*+'
    plain = rb'[^"\r\n%b][^\r\n%b]*+|' % (by, by)
    cell = rb'(?:%b"|%b)' % (quoted, plain)
    cells = rb"(?:%b%b)*+" % (cell, by)
    return _Grammar(
        re.compile(cell),
        re.compile(cell + by),
        re.compile(cells + cell + rb"(?=\r?\n)"),
        re.compile(cells + cell + rb"(?=\r?\Z)"),
        re.compile(cells + rb'(?:%b"?+|%b)\r?\Z' % (quoted, plain)),
    )


@cache
def _compile_row_line(separator: bytes, column: int) -> Line:
    """Match lines that open a row, as opposed to later lines of a cell."""
    by = re.escape(separator)
    cell = rb'(?:"(?:[^"\n]|""){0,512}+"|[^"\r\n%b]{0,512}+)%b' % (by, by)
    opens = rb'\n(?=(?:%b){%d}"\s{0,64}+[{\[])' % (cell, column)
    return Line(re.compile(opens), re.compile(rb"\n[^\n]{0,65536}+\Z"))


def find_table(head: bytes) -> Table | None:
    """Find the layout of a table from its first bytes; None if it is not CSV that contains JSON."""
    first, _, rest = head.partition(b"\n")
    for separator in _SEPARATORS:
        if (column := _find_json(head, separator)) is not None:
            return Table(separator, column, f"column {column + 1}", None)
        names = read_names(first, separator)
        if names is None:
            continue
        cells = list(_list_cells(rest, separator))
        if len(cells) == len(names) + 1:  # pandas writes an index without a name
            names = [b"", *names]
        column = _find_json(rest, separator)
        if column is None and _JSON_COLUMN in names:
            column = names.index(_JSON_COLUMN)
        if column is not None and column < len(names):
            return Table(separator, column, names[column].decode(), first.rstrip(b"\r"))
    return None


def read_names(line: bytes, separator: bytes = b",") -> list[bytes] | None:
    """Read the names in a header line, in lower case; None if it is not one."""
    cells = line.rstrip(b"\r").split(separator)
    names = [name[1].lower() for cell in cells if (name := _NAME.fullmatch(cell))]
    return names if len(names) == len(cells) else None


def _find_json(text: bytes, separator: bytes) -> int | None:
    """Find the index of the first cell with quoted JSON in a row."""
    cells = enumerate(_list_cells(text, separator))
    return next((column for column, at in cells if _JSON_OPENS.match(text, at)), None)


def _list_cells(
    text: bytes, separator: bytes, at: int = 0, stop: int = sys.maxsize
) -> Iterator[int]:
    """Yield the start of each cell of the row that begins at `at`, up to a maximum number."""
    cell_before = _compile_grammar(separator).cell_before
    yield at
    for _ in range(_COLUMNS - 1):
        cell = cell_before.match(text, at, stop)
        if not cell:
            return
        at = cell.end()
        yield at


def is_sentry_csv(head: bytes) -> bool:
    """Whether a text begins with the header of a Sentry CSV file."""
    names = set(read_names(head.partition(b"\n")[0]) or ())
    own, common = len(names & _SENTRY_NAMES), len(names & _COMMON_NAMES)
    return len(names) > 1 and (own > 1 or own + common > 2 or own == common == 1)


def skip_sentry_csv(buffer: Buffer) -> Iterator[Skipped]:
    """Skip the file."""
    buffer.skip_to_end()
    yield Skipped(_SENTRY_CSV)


def split_table(buffer: Buffer, table: Table, limits: Limits) -> Iterator[Item]:
    """Yield the events in the JSON column, each with the place of its row."""
    line = _compile_row_line(table.separator, table.column)
    is_empty = True
    while _skip_line_breaks(buffer):
        end = _find_row_end(buffer, table, limits)
        if isinstance(end, str):
            yield buffer.reject_to(line, end)
        elif buffer.text[buffer.at : end] == table.header:
            buffer.at = end
            continue
        else:
            yield from _split_row(buffer, end, table, line, limits)
        is_empty = False
    if is_empty and not buffer.fault:
        yield Skipped("CSV table without rows")


def _skip_line_breaks(buffer: Buffer) -> bool:
    """Move to the next row; whether there is one."""
    while True:
        buffer.skip(_LINE_BREAKS)
        if buffer.at < len(buffer.text):
            return True
        if not buffer.more():
            return False


def _find_row_end(buffer: Buffer, table: Table, limits: Limits) -> int | str:
    """Find the end of the row that begins here, or the reason to reject it, as text."""
    grammar = _compile_grammar(table.separator)
    while True:
        row = grammar.row.match(buffer.text, buffer.at)
        if not row and buffer.ended:
            row = grammar.last_row.match(buffer.text, buffer.at)
        held = (row.end() if row else len(buffer.text)) - buffer.at
        if not row and not grammar.open_row.match(buffer.text, buffer.at):
            return _NOT_A_ROW
        if held > limits.event_bytes:
            return too_large(limits)
        if row:
            return row.end()
        if buffer.ended:
            return _NOT_A_ROW
        buffer.more()


def _split_row(
    buffer: Buffer, end: int, table: Table, line: Line, limits: Limits
) -> Iterator[Item]:
    value = _read_cell(buffer.text, buffer.at, end, table)
    next_row = line.opens.search(buffer.text, buffer.at, end)
    if value is None or (next_row and not _is_json(value)):
        yield buffer.reject(_NOT_A_ROW, next_row.end() if next_row else end)
        return
    item: Item | None = None
    for item in split_inner(value, buffer.place(), table.name, limits):
        yield item
    if item is None:
        yield buffer.reject(f"no JSON in {table.name}", end)
    buffer.at = end


def _read_cell(text: bytes, at: int, end: int, table: Table) -> bytes | None:
    """Read the JSON column of a row; None if the row has too few columns."""
    start = next(islice(_list_cells(text, table.separator, at, end), table.column, None), None)
    if start is None:
        return None
    cell = _compile_grammar(table.separator).cell.match(text, start, end)
    value = cell[0] if cell else b""
    return value[1:-1].replace(b'""', b'"') if value.startswith(b'"') else value


def _is_json(text: bytes) -> bool:
    try:
        parse(text)
    except (ValueError, RecursionError):
        return False
    return True
