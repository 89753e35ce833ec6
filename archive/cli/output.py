"""Print rows: a table for people, JSON, JSON lines and CSV for programs."""

from __future__ import annotations

import base64
import csv
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from archive.jsontext import compact

if TYPE_CHECKING:
    from archive.query import Result

FORMATS = ("table", "json", "jsonl", "csv")
MEASURED_ROWS = 1000
NARROWEST = 8
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def write_result(result: Result, form: str, limit: int | None = None) -> None:
    """Print a query's rows; with a limit, say so if there were more."""
    rows = result.rows if limit is None else islice(result.rows, limit)
    if form == "table":
        write_table(result.columns, rows)
    elif form == "csv":
        _write_csv(result.columns, rows)
    else:
        _write_json(result, rows, lines=form == "jsonl")
    if limit is not None and next(result.rows, None) is not None:
        click.echo(f"there are more than {limit:,} rows", err=True)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table that fits the terminal; says so where a cell had to be cut.

    Not on a terminal, nothing is cut. Widths are those of the first thousand rows, so that
    rows without end can be printed as they come.
    """
    remaining = iter(rows)
    sample = list(islice(remaining, MEASURED_ROWS))
    numeric = [_is_numeric(row[at] for row in sample) for at in range(len(columns))]
    cells = [[_show(value) for value in row] for row in sample]
    wanted = [
        max(map(_measure, (name, *(row[at] for row in cells)))) for at, name in enumerate(columns)
    ]
    widths = _fit(wanted, shutil.get_terminal_size().columns) if sys.stdout.isatty() else wanted
    cut = False
    click.echo(_join(list(columns), widths, numeric))
    click.echo("  ".join("─" * width for width in widths))
    for row in chain(cells, ([_show(value) for value in row] for row in remaining)):
        cut = cut or (any(map(_exceeds, row, widths)) and sys.stdout.isatty())
        click.echo(_join(row, widths, numeric))
    if cut:
        click.echo(
            "cells ending in … were cut to fit; --format csv or jsonl has them whole", err=True
        )


def escape_controls(text: str) -> str:
    """Make control characters visible, so that what an event says cannot steer a terminal."""
    return _CONTROLS.sub(_escape, text)


def format_bytes(size: float) -> str:
    """A size for people: 1.5 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def format_moment(moment: datetime) -> str:
    """ISO 8601 in UTC with Z; a moment without a zone is in UTC."""
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{ord(character):02x}")


def _show(value: Any) -> str:
    if value is None:
        return ""
    plain = _make_plain(value)
    return escape_controls(
        plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    )


def _make_plain(value: Any) -> Any:
    """A value as JSON has it: dates in ISO 8601, bytes as text or else base64."""
    if isinstance(value, datetime):
        return format_moment(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): _make_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_make_plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        plain = map(_make_plain, row)
        writer.writerow(
            json.dumps(value) if isinstance(value, dict | list | bool) else value for value in plain
        )


def _write_json(result: Result, rows: Iterable[Sequence[Any]], lines: bool) -> None:
    keys = [json.dumps(name) for name in result.columns]
    parsed = [kind == "JSON" for kind in result.types]
    texts = (
        "{"
        + ",".join(
            f"{key}:{_embed(value) if is_json and value else json.dumps(_make_plain(value))}"
            for key, value, is_json in zip(keys, row, parsed, strict=True)
        )
        + "}"
        for row in rows
    )
    if lines:
        for text in texts:
            click.echo(text)
        return
    separator = "["
    for text in texts:
        click.echo(f"{separator}{text}", nl=False)
        separator = ",\n"
    click.echo("]" if separator != "[" else "[]")


def _embed(text: str) -> str:
    """JSON inside JSON, its tokens as they are, on one line."""
    return compact(text.encode()).decode()


def _is_numeric(values: Iterator[Any]) -> bool:
    return all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        for value in values
        if value is not None
    )


def _measure(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    ) if not text.isascii() else len(text)  # fmt: skip


def _exceeds(text: str, width: int) -> bool:
    return _measure(text) > width


def _fit(wanted: list[int], room: int) -> list[int]:
    """Take from the widest column until all fit."""
    widths = list(wanted)
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _join(cells: list[str], widths: list[int], numeric: list[bool]) -> str:
    return "  ".join(map(_pad, cells, widths, numeric)).rstrip()


def _pad(text: str, width: int, right: bool) -> str:
    if sys.stdout.isatty():
        text = _cut(text, width)
    padding = " " * (width - _measure(text))
    return padding + text if right else text + padding


def _cut(text: str, width: int) -> str:
    if not _exceeds(text, width):
        return text
    while _exceeds(text, width - 1):
        text = text[:-1]
    return f"{text}…"
