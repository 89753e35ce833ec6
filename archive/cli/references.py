"""References on stdin: one per line, or the event IDs of a CSV that Sentry exported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import chain, islice

from archive.errors import NoEventIds

PIECE = 1 << 16
_COLUMNS = ("eventid", "id")
# Sentry's CSV of a tag's values; its column `id` contains the IDs of users.
_TAG_VALUES = "timesseen"


def read_references(stdin: BufferedReader) -> Iterator[list[str]]:
    """Yield the references in batches as they arrive, so that each line can be answered at once.

    A first line with a column `id`, `Event ID`, `eventID` or `event_id` is the header of a CSV
    (RFC 4180). Raises NoEventIds.
    """
    batches = _read_lines(stdin)
    first = next(batches, [])
    column = _find_column(first[0]) if first else None
    if column is None:
        return chain([first], batches)
    return _read_column(column, chain([first[1:]], batches))


def _read_lines(stdin: BufferedReader) -> Iterator[list[str]]:
    """Yield the non-empty lines in batches of at least one."""
    pieces: list[bytes] = []
    while data := stdin.read1(PIECE):
        end, *lines = data.split(b"\n")
        pieces.append(end)
        if lines:
            yield from _decode([b"".join(pieces), *lines[:-1]])
            pieces = [lines[-1]]
    yield from _decode([b"".join(pieces)])


def _decode(lines: list[bytes]) -> Iterator[list[str]]:
    texts = (line.decode(errors="replace").strip("\ufeff \t\r\v\f") for line in lines)
    if found := [text for text in texts if text]:
        yield found


def _find_column(header: str) -> int | None:
    """Find the column of event IDs; None if the line is not the header of a CSV."""
    if len(header) > PIECE:
        return None
    names = [re.sub(r"[^a-z]", "", (cell or "").lower()) for cell in _split_cells(header)]
    if _TAG_VALUES in names:
        raise NoEventIds(columns=header)
    return next((names.index(name) for name in _COLUMNS if name in names), None)


def _read_column(column: int, batches: Iterable[list[str]]) -> Iterator[list[str]]:
    record: list[str] = []  # its lines so far; a line break in quotes does not end it
    for batch in batches:
        records = []
        for line in batch:
            is_open = _ends_in_quotes('"' + line if record else line)
            record.append(line)
            if not is_open:
                records.append("\n".join(record))
                record = []
        yield _pick_cells(records, column)
    yield _pick_cells(record, column)  # quotes that are never closed hide no line


def _pick_cells(records: Iterable[str], column: int) -> list[str]:
    cells = (next(islice(_split_cells(record), column, None), None) for record in records)
    return [cell.strip() for cell in cells if cell and not cell.isspace()]


def _ends_in_quotes(line: str) -> bool:
    return '"' in line and None in _split_cells(line)


def _split_cells(record: str) -> Iterator[str | None]:
    """Yield the cells of a record; None for a last cell whose quotes are not closed."""
    start = 0
    while start >= 0:
        comma = record.find(",", start)
        cell: str | None = record[start : comma if comma >= 0 else None]
        if record.startswith('"', start):
            end = _find_closing_quote(record, start + 1)
            cell = record[start + 1 : end].replace('""', '"') if end >= 0 else None
            comma = record.find(",", end) if end >= 0 else -1
        yield cell
        start = comma + 1 or -1


def _find_closing_quote(record: str, start: int) -> int:
    at = record.find('"', start)
    while at >= 0 and record.startswith('"', at + 1):
        at = record.find('"', at + 2)
    return at
