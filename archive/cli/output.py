"""Print the rows of a query: a table, JSON, JSON lines or CSV."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from archive.cli.table import write_table
from archive.cli.text import dump_json, escape_controls, make_plain
from archive.jsontext import compact

if TYPE_CHECKING:
    from archive.query.database import Result

FORMATS = ("table", "json", "jsonl", "csv")


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


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV; on a terminal with control characters made visible."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    show = escape_controls if sys.stdout.isatty() else str
    writer.writerow(map(show, columns))
    for row in rows:
        plain = map(make_plain, row)
        writer.writerow(
            show(value) if isinstance(value, str) else _show_number(value) for value in plain
        )


def _show_number(value: Any) -> Any:
    return dump_json(value) if isinstance(value, dict | list | bool) else value


def _write_json(result: Result, rows: Iterable[Sequence[Any]], lines: bool) -> None:
    keys = [dump_json(name) for name in result.columns]
    parsed = [kind == "JSON" for kind in result.types]
    texts = (
        "{"
        + ",".join(
            f"{key}:{_embed(value) if is_json and value else dump_json(make_plain(value))}"
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
