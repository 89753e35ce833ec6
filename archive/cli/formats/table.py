"""Tables for people: columns that fit the terminal, and a word where they do not."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate, chain, islice, takewhile
from typing import Any

import click

from archive.cli.text import dump_json, escape_controls, make_plain

MEASURED_ROWS = 1000
NARROWEST = 8


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table that fits the terminal; says so where a cell had to be cut.

    Not on a terminal, nothing is cut. Widths are those of the first thousand rows, so that
    rows without end can be printed as they come.
    """
    remaining = iter(rows)
    sample = list(islice(remaining, MEASURED_ROWS))
    numeric = [_is_numeric(row[at] for row in sample) for at in range(len(columns))]
    cells = [[show_value(value) for value in row] for row in sample]
    wanted = [
        max(map(measure_text, (name, *(row[at] for row in cells))))
        for at, name in enumerate(columns)
    ]
    widths = _fit(wanted, shutil.get_terminal_size().columns) if sys.stdout.isatty() else wanted
    cut = False
    click.echo(_join(list(columns), widths, numeric))
    click.echo("  ".join("─" * width for width in widths))
    for row in chain(cells, ([show_value(value) for value in row] for row in remaining)):
        cut = cut or (any(map(_exceeds, row, widths)) and sys.stdout.isatty())
        click.echo(_join(row, widths, numeric))
    if cut:
        click.echo(
            "cells ending in … were cut to fit; --format csv or jsonl has them whole", err=True
        )


def show_value(value: Any) -> str:
    """A value on one line, its control characters visible; null is empty."""
    if value is None:
        return ""
    plain = make_plain(value)
    return escape_controls(plain if isinstance(plain, str) else dump_json(plain))


def _is_numeric(values: Iterator[Any]) -> bool:
    return all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        for value in values
        if value is not None
    )


def measure_text(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    ) if not text.isascii() else len(text)  # fmt: skip


def _exceeds(text: str, width: int) -> bool:
    return measure_text(text) > width


def _fit(wanted: list[int], room: int) -> list[int]:
    """Take from the widest column until all fit."""
    widths = [min(width, max(room, NARROWEST)) for width in wanted]
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _join(cells: list[str], widths: list[int], numeric: list[bool]) -> str:
    return "  ".join(map(_pad, cells, widths, numeric)).rstrip()


def _pad(text: str, width: int, right: bool) -> str:
    if sys.stdout.isatty():
        text = cut_text(text, width)
    padding = " " * (width - measure_text(text))
    return padding + text if right else text + padding


def cut_text(text: str, width: int) -> str:
    """A text in so many columns at the most; one that was cut ends in …."""
    if not _exceeds(text, width):
        return text
    ends = accumulate(map(measure_text, text))
    kept = sum(1 for _ in takewhile(lambda end: end < width, ends))
    return f"{text[:kept]}…"
