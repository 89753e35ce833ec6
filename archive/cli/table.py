"""Write rows as a table that fits the terminal."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate, chain, islice, takewhile
from operator import gt
from typing import Any

import click

from archive.cli.text import dump_json
from archive.text import escape_controls, make_plain

MEASURED_ROWS = 1000
MIN_WIDTH = 8


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; on a terminal, cut cells to fit, with a note on stderr.

    The first rows determine the widths, so that any number of rows can be streamed.
    """
    remaining = iter(rows)
    sample = list(islice(remaining, MEASURED_ROWS))
    numeric = [_is_numeric(row[at] for row in sample) for at in range(len(columns))]
    cells = [[show_value(value) for value in row] for row in sample]
    wanted = [
        max(map(measure_text, (name, *(row[at] for row in cells))))
        for at, name in enumerate(columns)
    ]
    is_terminal = sys.stdout.isatty()
    widths = _fit(wanted, shutil.get_terminal_size().columns) if is_terminal else wanted
    cut = False
    click.echo(_join(list(columns), widths, numeric))
    click.echo("  ".join("─" * width for width in widths))
    for row in chain(cells, ([show_value(value) for value in row] for row in remaining)):
        cut = cut or (is_terminal and any(map(gt, map(measure_text, row), widths)))
        click.echo(_join(row, widths, numeric))
    if cut:
        click.echo(
            "cells ending in … were cut; use --format csv or jsonl for full values", err=True
        )


def show_value(value: Any) -> str:
    """Format a value on one line with visible control characters; null is empty."""
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
    """Measure the width of a text in a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    ) if not text.isascii() else len(text)  # fmt: skip


def _fit(wanted: list[int], room: int) -> list[int]:
    """Narrow the widest column until all fit."""
    widths = [min(width, max(room, MIN_WIDTH)) for width in wanted]
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > MIN_WIDTH:
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
    """Cut a text to a width; a text that was cut ends in …."""
    if measure_text(text) <= width:
        return text
    ends = accumulate(map(measure_text, text))
    kept = sum(1 for _ in takewhile(lambda end: end < width, ends))
    return f"{text[:kept]}…"
