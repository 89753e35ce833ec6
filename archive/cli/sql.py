"""event-archive sql"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.api import Archive
from archive.cli.options import format_option, with_archive
from archive.cli.output import write_result


@click.command()
@click.argument("query", required=False)
@with_archive
@click.option("-f", "--file", metavar="FILE", help="Read the query from a file.")
@format_option
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Print at most N rows.")
def command(
    archive: Archive, query: str | None, file: str | None, form: str, limit: int | None
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
    write_result(archive.sql(_read_query(query, file)), form, limit)


def _read_query(query: str | None, file: str | None) -> str:
    if (query is None) == (file is None):
        raise click.UsageError("Give a QUERY, - for stdin, or -f FILE.")
    if file is None and query != "-":
        return str(query)
    try:
        return Path(file).read_text("utf-8") if file else sys.stdin.read()
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file or 'stdin'}: not UTF-8: {error.reason}") from error
