"""Rows as a Markdown table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import click

from archive.cli.formats.table import show_value
from archive.cli.text import escape_controls

_MARKS = re.compile(r"[\\`*_<>\[\]|~]")
_NUMERIC = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)")


def write_markdown(
    columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Print a table in the Markdown of GitHub; nothing in a cell is a mark of Markdown."""
    _write_row(map(escape_controls, columns))
    click.echo("|" + "|".join("--:" if _NUMERIC.fullmatch(kind) else "---" for kind in types) + "|")
    for row in rows:
        _write_row(map(show_value, row))


def _write_row(cells: Iterable[str]) -> None:
    click.echo("| " + " | ".join(_MARKS.sub(r"\\\g<0>", cell) for cell in cells) + " |")
