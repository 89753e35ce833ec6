"""event-archive sql"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.api import Archive
from archive.cli.options import with_archive
from archive.cli.output import FORMATS, write_result


@click.command()
@click.argument("query", required=False)
@with_archive
@click.option("-f", "--file", "path", metavar="FILE", help="Read the query from a file.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Print at most N rows.")
def command(
    archive: Archive, query: str | None, path: str | None, form: str, limit: int | None
) -> None:
    """Ask in SQL over events, frames, tags and payloads.

    The views are `events`, `frames`, `tags`, `payloads` (raw is JSON), `projects`, `loads` and
    `sources`; the SQL is DuckDB's, and timestamps are in UTC. QUERY may be - for stdin. It runs
    with your own rights, like any program you start.

    \b
    Examples:
      event-archive sql "SELECT level, count(*) AS events FROM events GROUP BY ALL"
      event-archive sql --format csv "SELECT * FROM frames WHERE in_app" > frames.csv
      event-archive sql "SELECT raw->>'$.sdk.name' AS sdk, count(*) FROM payloads GROUP BY 1"
      event-archive sql -f question.sql --format jsonl
    """
    if path is not None and query is None:
        try:
            query = Path(path).read_text()
        except OSError as error:
            raise click.UsageError(f"{path}: {error.strerror}") from error
    elif query == "-":
        query = sys.stdin.read()
    if query is None or (path is not None and query is None):
        raise click.UsageError("Give a QUERY, - for stdin, or -f FILE.")
    write_result(archive.sql(query), form, limit)
