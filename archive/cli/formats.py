"""Write rows to stdout as CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from archive.cli.table import show_value
from archive.cli.text import dump_json
from archive.text import escape_controls, make_plain

_FORMULA = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_MARKUP = re.compile(r"[\\`*_<>\[\]|~]")
_NUMERIC = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write CSV; on a terminal with visible control characters.

    Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV Injection);
    other formats keep it as it is.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    show = escape_controls if sys.stdout.isatty() else str
    writer.writerow(show(_disarm(name)) for name in columns)
    for row in rows:
        values = map(make_plain, row)
        writer.writerow(
            show(_disarm(value)) if isinstance(value, str) else
            dump_json(value) if isinstance(value, dict | list | bool) else value
            for value in values
        )  # fmt: skip


def _disarm(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def write_json(
    columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]], lines: bool
) -> None:
    """Write an array of objects, or one object per line; JSON columns keep their tokens."""
    keys = [dump_json(name) for name in columns]
    objects = (
        ",".join(
            f"{key}:{_embed(value) if type_ == 'JSON' and value else dump_json(make_plain(value))}"
            for key, value, type_ in zip(keys, row, types, strict=True)
        )
        for row in rows
    )
    if lines:
        for members in objects:
            click.echo(f"{{{members}}}")
        return
    separator = "["
    for members in objects:
        click.echo(f"{separator}{{{members}}}", nl=False)
        separator = ",\n"
    click.echo("]" if separator != "[" else "[]")


def _embed(text: str) -> str:
    from archive.jsontext import compact

    return compact(text.encode()).decode()


def write_markdown(
    columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a table in GitHub's Markdown; cells are escaped."""
    _write_markdown_row(map(escape_controls, columns))
    marks = ("--:" if _NUMERIC.fullmatch(type_) else "---" for type_ in types)
    click.echo(f"|{'|'.join(marks)}|")
    for row in rows:
        _write_markdown_row(map(show_value, row))


def _write_markdown_row(cells: Iterable[str]) -> None:
    click.echo("| " + " | ".join(_MARKUP.sub(r"\\\g<0>", cell) for cell in cells) + " |")
