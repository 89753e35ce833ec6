"""event-archive sql"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.api import Archive
from archive.cli.options import output_options, query_options, with_archive
from archive.cli.output import write_result


@click.command()
@click.argument("query", required=False)
@with_archive
@click.option("-f", "--file", metavar="FILE", help="Read the query from a file.")
@output_options
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Print at most N rows.")
@click.option(
    "--with",
    "files",
    metavar="NAME=FILE",
    multiple=True,
    help="Add a CSV, JSON or Parquet file as a table (repeatable).",
)
@query_options
@click.option(
    "--unsafe", is_flag=True, help="Disable the sandbox: allow writing, files and network."
)
def command(
    archive: Archive,
    query: str | None,
    file: str | None,
    format_: str | None,
    output: str | None,
    limit: int | None,
    files: tuple[str, ...],
    unsafe: bool,
) -> None:
    """Query events, frames, tags and payloads with SQL.

    The views are `events`, `frames`, `frame_counts`, `tags`, `payloads` (raw is JSON),
    `exceptions`, `breadcrumbs`, `contexts`, `crash_frames`, `issues`, `feedback`, `attachments`,
    `projects`, `loads` and `sources`. The dialect is DuckDB's; timestamps are in UTC. QUERY may be
    - for stdin. Queries can only read the archive and files added with --with.

    \b
    Examples:
      event-archive sql "SELECT level, count(*) AS events FROM events GROUP BY ALL"
      event-archive sql -o frames.csv "SELECT * FROM frames WHERE in_app"
      event-archive sql "SELECT raw->>'$.sdk.name' AS sdk, count(*) FROM payloads GROUP BY 1"
      event-archive sql --with owners=owners.csv "FROM issues JOIN owners USING (project_slug)"
      event-archive sql -f question.sql --format jsonl
    """
    named = dict(map(_read_pair, files))
    result = archive.sql(_read_query(query, file), files=named, unsafe=unsafe)
    write_result(result, format_, output, limit)


def _read_pair(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if not (name and separator and path):
        raise click.UsageError(f"--with {text}: expected NAME=FILE.")
    return name, path


def _read_query(query: str | None, file: str | None) -> str:
    if (query is None) == (file is None):
        raise click.UsageError("Pass a QUERY, - for stdin, or -f FILE.")
    if file is None and query != "-":
        return str(query)
    try:
        return (
            Path(file).read_text("utf-8")
            if file
            else sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        )
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file or 'stdin'}: not UTF-8: {error.reason}") from error
