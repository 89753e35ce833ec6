"""Write the rows of a query to stdout, or atomically to a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.cli.formats import write_csv, write_json, write_markdown
from archive.cli.table import write_table
from archive.storage.outputs import stage_output

if TYPE_CHECKING:
    from archive.query.database import Result

BINARY = ("parquet", "arrow")
ENDINGS = {
    ".txt": "table",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".md": "markdown",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}


def write_result(
    result: Result, format_: str | None, output: str | None = None, limit: int | None = None
) -> None:
    """Write a query's rows; note on stderr if there are more than the limit."""
    format_ = format_ or _infer_format(output)
    with open_output(output):
        if format_ in BINARY:
            has_more = _write_arrow(result, format_, limit)
        else:
            has_more = _write_text(result, format_, limit)
    if has_more:
        click.echo(f"output limited to {limit:,} rows; there are more", err=True)


@contextmanager
def open_output(output: str | None) -> Iterator[None]:
    """Redirect stdout to a file, if there is one; see `stage_output`."""
    if output is None:
        yield
        return
    with (
        stage_output(Path(output)) as path,
        path.open("w", encoding="utf-8", newline="") as stream,
        redirect_stdout(stream),
    ):
        yield


def _infer_format(output: str | None) -> str:
    if output is None:
        return "table"
    format_ = ENDINGS.get(Path(output).suffix.lower())
    if format_ is None:
        raise click.UsageError(f"cannot infer a format from {output!r}; pass --format.")
    return format_


def _write_text(result: Result, format_: str, limit: int | None) -> bool:
    rows = result.rows if limit is None else islice(result.rows, limit)
    if format_ == "table":
        write_table(result.columns, rows)
    elif format_ == "csv":
        write_csv(result.columns, rows)
    elif format_ == "markdown":
        write_markdown(result.columns, result.types, rows)
    else:
        write_json(result.columns, result.types, rows, lines=format_ == "jsonl")
    return limit is not None and next(result.rows, None) is not None


def _write_arrow(result: Result, format_: str, limit: int | None) -> bool:
    if sys.stdout.isatty():
        raise click.UsageError(f"refusing to write {format_} to a terminal; use -o FILE or a pipe.")
    import pyarrow as pa
    import pyarrow.parquet as pq

    reader = result.open_arrow()
    out = pa.PythonFile(sys.stdout.buffer)
    open_writer = pq.ParquetWriter if format_ == "parquet" else pa.ipc.new_file
    room = sys.maxsize if limit is None else limit
    with open_writer(out, reader.schema) as writer:
        for batch in reader:
            if batch.num_rows > room:
                writer.write_batch(batch.slice(0, room))
                return True
            writer.write_batch(batch)
            room -= batch.num_rows
    return False
