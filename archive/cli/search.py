"""event-archive search"""

from __future__ import annotations

import click

from archive.api import Archive
from archive.cli.options import (
    narrow_options,
    output_options,
    period_option,
    query_options,
    take_since,
    with_archive,
)
from archive.cli.output import write_result


@click.command()
@click.argument("query")
@with_archive
@click.option("--issues", is_flag=True, help="Find the issues of these events.")
@click.option(
    "--fields", metavar="NAMES", help="Columns of `events` or `issues`, separated by commas."
)
@click.option("--since", metavar="DATE", help="Only events at or after this time.")
@click.option("--until", metavar="DATE", help="Only events before this time.")
@period_option
@narrow_options
@output_options
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    metavar="N",
    help="Print at most N rows.",
)
@query_options
def command(
    archive: Archive,
    query: str,
    issues: bool,
    fields: str | None,
    since: str | None,
    until: str | None,
    stats_period: str | None,
    organization: str | None,
    project: str | None,
    format_: str | None,
    output: str | None,
    limit: int,
) -> None:
    """Find events, newest first, with Sentry's search language.

    Text without a key is searched in titles, messages, exception values and culprits. A DATE is
    2026-11-01, 2026-11-01T08:30:00Z, 30d (ago), today or yesterday. docs/search.md lists the keys.

    \b
    Examples:
      event-archive search "level:[error,fatal] !release:1.2 payment timed out"
      event-archive search "stack.function:*charge* user.email:*@acme.io" --since 30d
      event-archive search "is:unresolved times_seen:>10" --issues
      event-archive search "has:user error.handled:false" --fields event_id,title --format jsonl
    """
    result = archive.search(
        query,
        issues=issues,
        fields=[name.strip() for name in fields.split(",")] if fields else (),
        organization=organization,
        project=project,
        since=take_since(since, stats_period),
        until=until,
        limit=limit + 1,  # one more shows whether there are more
    )
    write_result(result, format_, output, limit)
